//! The same over Kafka and Redis, which are real: roles as processes, and what becomes of the numbers
//! when processes and servers die.

mod brokers;
mod demo;
mod faults;
mod foreign;
mod generations;
mod health;
mod kept;
mod kills;
mod known_to_all;
mod online_retail;
mod outages;
mod rebuild;
mod refusals;
mod rolling;
mod same_file;
pub(crate) mod scene;
mod servers_die;
mod shadow;
mod skip;
mod strangers;
pub(crate) mod team;
mod topics;
mod waits;
mod watched;
