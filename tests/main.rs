//! Scenarios: the built binary on real files, seen from outside. One test binary, one file a theme.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod access;
mod against;
mod alerts;
mod api_page;
mod architecture;
mod backup;
mod changing;
mod commands;
mod demo;
mod deploy;
mod disk_full;
mod distributed;
mod durability;
mod examples;
mod export;
mod feed;
mod following;
mod forecast;
mod generated;
mod harness;
mod health;
mod ingest;
mod inputs;
mod kills;
mod lake;
mod load;
mod moved;
mod needs_redis_server;
mod online_retail;
mod open_quotes;
mod quarantine;
mod readme;
mod rebuild;
mod receipts;
mod replaced;
mod report;
mod reports;
mod rest;
mod rules;
mod sbom;
mod second_terminal;
mod secured;
mod settings;
mod snippets;
mod spoiled;
mod stores;
mod tidy;
mod traces;
mod watch;
mod world;
