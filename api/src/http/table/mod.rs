//! Tables as the outside gets them: one description of each column, from which follow its JSON,
//! CSV, Arrow and Parquet forms, how rows are sorted by it, and its part of the API's document.

pub(crate) mod column;
pub(crate) mod columnar;
pub(crate) mod cursor;
pub(crate) mod encode;
mod error;
pub(crate) mod gold;
mod json;
pub(crate) mod records;
pub(crate) mod sheet;
pub(crate) mod sort;
mod tabular;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use column::{Cell, Column, Kind, Presence};
pub(crate) use error::EncodeError;
pub(crate) use tabular::Tabular;
