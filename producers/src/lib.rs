//! Producers: what turns files and the sample shop into bronze rows.

pub mod csv;
pub mod sample;
