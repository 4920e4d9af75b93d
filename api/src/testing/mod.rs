//! What the tests of this crate share.

pub(crate) mod decode;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod shop;
