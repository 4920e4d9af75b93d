//! The sample shop: believable customers and purchases, the same for the same seed for ever.
//!
//! Must not read a clock, open files, or use arithmetic whose result depends on the machine
//! (floating point, `usize` widths, generators that a library may change).

mod calendar;
mod catalogue;
mod daily;
mod dirt;
mod files;
mod names;
mod plan;
mod purchases;
mod random;
mod shop;
mod written;

#[cfg(test)]
mod believable;
#[cfg(test)]
mod dirty;

pub use daily::{DailyShop, Event, Page, SamplePurchase};
pub use plan::Plan;
pub use shop::Shop;
