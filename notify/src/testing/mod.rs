//! Servers that receive, over real sockets, for tests: SMTP and HTTP, with certificates of a test's own.

pub mod certificates;
pub mod hook;
pub mod smtp;
