//! `goldstream generate`: the sample shop as two files.

use crate::Outcome;
use anyhow::Context;
use clap::Args;
use goldstream_producers::sample::{Plan, Shop};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct GenerateArgs {
    /// The folder for clients.csv and achats.csv; it is made if there is none
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many customers
    #[arg(long, default_value_t = Plan::default().customers)]
    customers: u32,
    /// How many purchases, dirt not counted
    #[arg(long, default_value_t = Plan::default().purchases)]
    purchases: u64,
    /// Same seed, same bytes
    #[arg(long, default_value_t = Plan::default().seed)]
    seed: u64,
    /// How many of 100 rows are dirty: duplicates, conflicts, bad dates and amounts
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    dirt: u8,
}

pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let shop = Shop::new(Plan {
        customers: args.customers,
        purchases: args.purchases,
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
