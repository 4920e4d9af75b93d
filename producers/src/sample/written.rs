//! The shop as its two files.

use super::dirt::Dirt;
use super::files::{CsvWriter, Fields, fill_purchase};
use super::purchases::Purchases;
use super::shop::Shop;
use goldstream_domain::column::Kind;
use std::io;

impl Shop {
    /// Writes the customers as a CSV file; gives the number of rows under the header.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_customers(&self, out: &mut impl io::Write) -> io::Result<u64> {
        let mut csv = CsvWriter::new(out, Kind::Customers)?;
        let mut dirt = Dirt::of_customers(&self.plan);
        let mut fields = Fields::default();
        for (index, customer) in self.customers.iter().enumerate() {
            customer.fill(index as u32 + 1, &mut fields).map_err(io::Error::other)?;
            dirt.write(&fields, &mut csv)?;
        }
        dirt.finish(&mut csv)?;
        csv.finish()
    }

    /// Writes the purchases in the order of time as a CSV file; gives the number of rows.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_purchases(&self, out: &mut impl io::Write) -> io::Result<u64> {
        let mut csv = CsvWriter::new(out, Kind::Purchases)?;
        let mut dirt = Dirt::of_purchases(&self.plan);
        let mut fields = Fields::default();
        for sale in Purchases::new(self) {
            fill_purchase(&sale, &mut fields).map_err(io::Error::other)?;
            dirt.write(&fields, &mut csv)?;
        }
        dirt.finish(&mut csv)?;
        csv.finish()
    }
}
