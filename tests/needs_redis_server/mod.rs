//! What needs a redis-server of this machine, with settings of the test's choice: `make test-containers`
//! has none, so none of its words stands in the names of these.

pub(crate) mod access;
mod cluster;
mod doctor;
mod emptied;
mod failover;
mod full;
mod sentinel;
mod spoiled;
pub(crate) mod tls;
mod whole_rows;
