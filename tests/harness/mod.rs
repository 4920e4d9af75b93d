//! What the scenarios share: a place to work in, the binary, HTTP, the feed, shops, an oracle.

pub(crate) mod backtest;
pub(crate) mod broker;
pub(crate) mod chaos;
pub(crate) mod collector;
pub(crate) mod draw;
pub(crate) mod dump;
pub(crate) mod feed;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod oracle;
pub(crate) mod pages;
pub(crate) mod plain_rules;
pub(crate) mod port;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod redis_cluster;
pub(crate) mod redis_sentinel;
pub(crate) mod servers;
pub(crate) mod shop;
pub(crate) mod small_disk;
pub(crate) mod wait;
