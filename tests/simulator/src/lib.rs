//! The real stages, producer, view and clients over a simulated log, store, clock and scheduler.
//!
//! ```text
//! seed ─► plan: rows, faults ─► world: one choice a step ─► outcome: trace hash, faults, failure
//!                                 │  stages ┐                     └─► story: the shortest plan that fails
//!                                 │  producer ├─ port ─► shared: log, store, what is on its way
//!                                 │  server ┘
//!                                 └  shop, clients
//! ```
//!
//! Everything happens on one thread, in an order that follows from the seed. What processes run is the
//! code that is shipped; what is simulated stands in [`partitions`], [`shards`], [`feed`] and [`group`].

pub mod ask;
mod check;
mod client;
mod clock;
mod deputy;
pub mod draw;
pub mod feed;
mod flow;
mod generations;
pub mod group;
mod ledger;
mod lines;
mod oracle;
pub mod partitions;
pub mod plan;
pub mod port;
mod producer;
pub mod rows;
pub mod run;
pub mod scope;
mod server;
pub mod shards;
pub mod shared;
mod shop;
mod stages;
pub mod story;
mod strike;
pub mod switch;
mod switch_model;
pub mod trace;
mod world;
