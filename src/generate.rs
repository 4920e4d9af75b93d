//! `goldstream generate`: the sample shop as two files.

use crate::outcome::Outcome;
use anyhow::Context;
use clap::Args;
use goldstream_producers::sample::{Plan, Shop};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[derive(Args)]
pub(crate) struct GenerateArgs {
    /// The folder for clients.csv and achats.csv; it is made if there is none
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many customers
    // The name of the flag that takes a file elsewhere counts here, too, for scripts that are older.
    #[arg(long, alias = "customers", value_name = "COUNT", default_value_t = Plan::default().customers, value_parser = count::<u32>)]
    customer_count: u32,
    /// How many purchases, dirt not counted
    #[arg(long, alias = "purchases", value_name = "COUNT", default_value_t = Plan::default().purchases, value_parser = count::<u64>)]
    purchase_count: u64,
    /// Same seed, same bytes
    #[arg(long, value_name = "N", default_value_t = Plan::default().seed)]
    seed: u64,
    /// How many of 100 rows are dirty: duplicates, conflicts, bad dates and amounts
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    dirt: u8,
}

/// A number; who gives a file is told where files go.
fn count<N: FromStr>(text: &str) -> Result<N, String> {
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    let why = || match is_number {
        true => "that is too many".to_owned(),
        false => "give how many rows to make up, as 2000; files are for goldstream run".to_owned(),
    };
    text.parse().map_err(|_| why())
}

pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let shop = Shop::new(Plan {
        customers: args.customer_count,
        purchases: args.purchase_count,
        seed: args.seed,
        dirt_percent: args.dirt,
        ..Plan::default()
    });
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make {}", args.out.display()))?;
    let customers = write(&args.out.join("clients.csv"), |out| shop.write_customers(out))?;
    let purchases = write(&args.out.join("achats.csv"), |out| shop.write_purchases(out))?;
    eprintln!("{customers} customer rows and {purchases} purchase rows in {}", args.out.display());
    Ok(Outcome::Done)
}

fn write(
    path: &Path,
    rows: impl FnOnce(&mut BufWriter<File>) -> io::Result<u64>,
) -> anyhow::Result<u64> {
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        let count = rows(&mut out)?;
        out.flush()?;
        Ok(count)
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}
