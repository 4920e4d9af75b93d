//! The command line: parses, hands over to one file per command, turns the outcome into an exit code.
//!
//! Exit codes: 0 ok, 1 failed, 2 usage, 3 finished but the answer is "no", 130 interrupted.

mod ask;
mod export;
mod generate;
mod pipeline;
mod reset;
mod run;
mod status;
mod verify;

use clap::{Args, Parser, Subcommand};
use goldstream_platform::settings::{Given, Settings, SettingsError};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Live shop analytics whose numbers are, to the cent and at every moment, what a batch would give.
#[derive(Parser)]
#[command(name = "goldstream", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Common {
    /// Settings file [default: goldstream.toml, where there is one]
    #[arg(long, global = true, env = "GOLDSTREAM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the store is [default: ./goldstream-data]
    #[arg(long, global = true, env = "GOLDSTREAM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Partitions of every topic, when the store is made [default: 4]
    #[arg(long, global = true, env = "GOLDSTREAM_PARTITIONS", value_name = "N")]
    partitions: Option<u32>,
    /// What the names of topics and keys begin with; an embedded store has neither [default: goldstream]
    #[arg(long, global = true, env = "GOLDSTREAM_PREFIX", value_name = "NAME")]
    prefix: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Every role in one process: replay files, consume, serve API and page
    Run(run::RunArgs),
    /// Write the sample shop as clients.csv and achats.csv
    Generate(generate::GenerateArgs),
    /// Print one gold table, or the whole gold
    Export(export::ExportArgs),
    /// Recompute gold from bronze by the batch rules and compare it with the stored gold
    Verify,
    /// Positions, lag, rows by fate, rates
    Status(status::StatusArgs),
    /// Remove the store
    Reset(reset::ResetArgs),
}

/// What a command ends with when it does not fail.
enum Outcome {
    /// 0
    Done,
    /// 3: it finished, and the answer is "no".
    No,
    /// 130
    Interrupted,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    goldstream_platform::telemetry::begin();
    match dispatch(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(3),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("goldstream: {error:#}");
            let usage = error.is::<SettingsError>() || error.is::<Usage>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

/// Arguments that do not go together.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn dispatch(cli: Cli) -> anyhow::Result<Outcome> {
    let Common { config, data_dir, partitions, prefix } = cli.common;
    let mut given = Given { data_dir, partitions, prefix, ..Given::default() };
    if let Command::Run(args) = &cli.command {
        given.listen = args.listen;
        given.rate.clone_from(&args.rate);
    }
    let settings = Settings::resolve(given, config.as_deref())?;
    match cli.command {
        Command::Run(args) => run::run(&settings, &args),
        Command::Generate(args) => generate::run(&args),
        Command::Export(args) => export::run(&settings, &args),
        Command::Verify => verify::run(&settings),
        Command::Status(args) => status::run(&settings, &args),
        Command::Reset(args) => reset::run(&settings, &args),
    }
}
