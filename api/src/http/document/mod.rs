//! The API's document, OpenAPI 3.1: made from the table of routes that the router is made from, so
//! that neither has what the other has not.

pub(super) mod alerts;
mod components;
pub(super) mod demo;
pub(super) mod feed;
pub(super) mod forecast;
pub(super) mod ingest;
mod lake;
pub(super) mod openapi;
mod operation;
mod rebuild;
pub(super) mod report;
mod schema;
mod sides;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod texts;

pub(super) use operation::{Doc, Named};
