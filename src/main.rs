//! The command line: parses, hands over to one file per command, turns the outcome into an exit code.
//!
//! Exit codes: 0 ok, 1 failed, 2 usage, 3 finished but the answer is "no", 130 interrupted.

mod about;
mod against;
mod alerts;
mod api_settings;
mod ask;
mod backend;
mod backup;
mod beside;
mod consume;
mod diff;
mod doctor;
mod export;
mod finding;
mod folding;
mod generate;
mod handing_over;
mod health;
mod heartbeat;
mod inputs;
mod lake;
mod load;
mod opening;
mod outcome;
mod output;
mod process;
mod produce;
mod quarantine;
mod rebuild;
mod report;
mod reports;
mod reset;
mod run;
mod serve;
mod servers;
mod signals;
mod site;
mod skip;
mod status;
mod team;
mod traces;
mod verify;
mod version;
mod waiting;
mod watch;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{Given, Settings, SettingsError};
use goldstream_platform::telemetry::{self, Colour, Filter, Form};
use outcome::{Outcome, Usage};
use servers::ServersArgs;
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

/// Headings of what may be given to every command: behind its own.
const STORE: &str = "The store";
const EVERYWHERE: &str = "Everywhere";

#[derive(Args)]
struct Common {
    /// Settings file [default: goldstream.toml, where there is one]
    #[arg(long, help_heading = EVERYWHERE, global = true, env = "GOLDSTREAM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the store is, if not on servers [default: ./goldstream-data]
    #[arg(long, help_heading = STORE, global = true, env = "GOLDSTREAM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Partitions of every topic, when the store is made [default: 4]
    #[arg(long, help_heading = STORE, global = true, env = "GOLDSTREAM_PARTITIONS", value_name = "N")]
    partitions: Option<u32>,
    /// How many days a purchase may lie ahead of the time at which its row was taken in, when the store is made [default: 366]
    #[arg(long, help_heading = STORE, global = true, env = "GOLDSTREAM_FUTURE_DAYS", value_name = "N")]
    future_days: Option<u32>,
    #[command(flatten)]
    servers: ServersArgs,
    /// What who asks the API must know; better in the environment, where no list of processes shows it
    #[arg(
        long, help_heading = EVERYWHERE,
        global = true,
        env = "GOLDSTREAM_TOKEN",
        value_name = "TEXT",
        hide_env_values = true
    )]
    token: Option<String>,
    /// A file with the token
    #[arg(long, help_heading = EVERYWHERE, global = true, env = "GOLDSTREAM_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, trace, off, or levels by module [default: info]
    #[arg(long, help_heading = EVERYWHERE, global = true, env = "GOLDSTREAM_LOG", value_name = "LEVEL")]
    log: Option<Filter>,
    /// How the log is written to stderr
    #[arg(
        long, help_heading = EVERYWHERE,
        global = true,
        env = "GOLDSTREAM_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
    /// Colours in log and tables: auto where a terminal is there and NO_COLOR is not set
    #[arg(long, help_heading = EVERYWHERE, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
    /// A file that a process renews as long as it lives; `health` looks at it
    #[arg(long, help_heading = EVERYWHERE, global = true, env = "GOLDSTREAM_HEARTBEAT", value_name = "FILE")]
    heartbeat: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    /// For people
    Text,
    /// A JSON object a line
    Json,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl From<When> for Colour {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Every role in one process: replay files, consume, serve API and page
    Run(run::RunArgs),
    /// Replay files onto the bronze topics, resumable
    Produce(produce::ProduceArgs),
    /// The stages between the topics (Kafka + Redis)
    Consume(consume::ConsumeArgs),
    /// Every row of the log as Parquet, in a folder or in S3 (Kafka + Redis; on a data directory: run --lake)
    Lake(lake::LakeRoleArgs),
    /// API, feed and page from the store
    Serve(serve::ServeArgs),
    /// Hand files to the goldstream that runs here; ends when their rows are counted
    Load(load::LoadArgs),
    /// Write the sample shop as clients.csv and achats.csv
    Generate(generate::GenerateArgs),
    /// Print one gold table, or the whole gold
    Export(export::ExportArgs),
    /// Recompute gold from bronze by the batch rules and compare it with the stored gold
    Verify(verify::VerifyArgs),
    /// In which rows what is counted beside (rebuild --shadow) differs from what is served
    Diff(diff::DiffArgs),
    /// Positions, lag, rows by fate, rates
    Status(status::StatusArgs),
    /// Refused rows by reason, and as CSV to be corrected and replayed
    Quarantine(quarantine::QuarantineArgs),
    /// Show the feed of a running goldstream: a live table, or a line a change where it is piped
    Watch(watch::WatchArgs),
    /// Who is told when something is wrong: a message to see whether it arrives, and what there was to be told
    Alerts(alerts::AlertsArgs),
    /// Count all rows again from bronze, beside what is served
    Rebuild(rebuild::RebuildArgs),
    /// Copy the store of a data directory as it stands, also while it runs
    Backup(backup::BackupArgs),
    /// Fill an empty log from a lake
    Restore(lake::restore::RestoreArgs),
    /// The figures of a period as a PDF to print
    Report(report::ReportArgs),
    /// Pass over one record of silver that nobody can read (Kafka + Redis)
    Skip(skip::SkipArgs),
    /// Remove the store
    Reset(reset::ResetArgs),
    /// What is missing or misconfigured, and how to mend it
    Doctor(doctor::DoctorArgs),
    /// Whether the goldstream that renews the file of --heartbeat lives; for the health check of a container
    Health,
    /// A token for the API, which nobody guesses
    Token,
    /// Which version this is, and with --store which one counted what the store has
    Version(version::VersionArgs),
    /// Completions for a shell: goldstream completions bash > /etc/bash_completion.d/goldstream
    Completions(about::CompletionsArgs),
    /// This help as a page of the manual: goldstream man > goldstream.1
    Man,
}

fn main() -> ExitCode {
    let matches = without_empty_variables(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let form = match cli.common.log_format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    telemetry::begin(form, cli.common.color.into(), &cli.common.log.clone().unwrap_or_default());
    match dispatch(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(3),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(error) => {
            match telemetry::form() {
                Form::Text => eprintln!("goldstream: {error:#}"),
                Form::Json => tracing::error!("{error:#}"),
            }
            let usage = error.is::<SettingsError>() || error.is::<Usage>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

/// The command line without the environment variables that are empty: compose files hand over those that
/// nobody has set.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let unset = |arg: clap::Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        if value.is_some_and(|value| value.is_empty()) { arg.env(None::<&str>) } else { arg }
    };
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command.mut_args(unset), |command, name| {
        command.mut_subcommand(name, without_empty_variables)
    })
}

fn dispatch(cli: Cli) -> anyhow::Result<Outcome> {
    let config = cli.common.config.clone();
    let settings = Settings::resolve(given(cli.common, &cli.command)?, config.as_deref())?;
    match cli.command {
        Command::Run(args) => run::run(&settings, &args),
        Command::Produce(args) => produce::run(&settings, &args),
        Command::Load(args) => load::run(&settings, &args),
        Command::Consume(args) => consume::run(&settings, &args),
        Command::Lake(_) => lake::run(&settings),
        Command::Restore(_) => lake::restore::run(&settings),
        Command::Serve(_) => serve::run(&settings),
        Command::Doctor(_) => doctor::run(&settings),
        Command::Health => health::run(&settings),
        Command::Generate(args) => generate::run(&args),
        Command::Export(args) => export::run(&settings, &args),
        Command::Verify(args) => verify::run(&settings, &args),
        Command::Diff(args) => diff::run(&settings, &args),
        Command::Status(args) => status::run(&settings, &args),
        Command::Quarantine(args) => quarantine::run(&settings, &args),
        Command::Watch(args) => watch::run(&settings, &args),
        Command::Alerts(args) => alerts::run(&settings, &args),
        Command::Rebuild(args) => rebuild::run(&settings, &args),
        Command::Backup(args) => backup::run(&settings, &args),
        Command::Report(args) => report::run(&settings, &args),
        Command::Skip(args) => skip::run(&settings, &args),
        Command::Reset(args) => reset::run(&settings, &args),
        Command::Version(args) => version::run(&settings, &args),
        Command::Token => about::token(),
        Command::Completions(args) => about::completions(&args, Cli::command()),
        Command::Man => about::man(&Cli::command()),
    }
}

/// What the command line and the environment say.
fn given(common: Common, command: &Command) -> anyhow::Result<Given> {
    let mut given = Given {
        data_dir: common.data_dir,
        partitions: common.partitions,
        future_days: common.future_days,
        token: common.token.map(Secret::new),
        token_file: common.token_file,
        heartbeat: common.heartbeat,
        ..Given::default()
    };
    common.servers.give(&mut given)?;
    match command {
        Command::Run(args) => {
            args.api.give(&mut given);
            args.lake.give(&mut given);
            args.traces.give(&mut given);
            given.rate.clone_from(&args.inputs.rate);
            given.instance.clone_from(&args.instance);
        }
        Command::Produce(args) => {
            given.rate.clone_from(&args.inputs.rate);
            args.watched.give(&mut given);
            args.traces.give(&mut given);
        }
        Command::Consume(args) => {
            given.instance.clone_from(&args.instance);
            args.watched.give(&mut given);
            args.traces.give(&mut given);
        }
        Command::Lake(args) => {
            args.watched.give(&mut given);
            args.lake.give(&mut given);
            given.instance.clone_from(&args.instance);
        }
        Command::Restore(args) => args.lake.give(&mut given),
        Command::Serve(args) => {
            args.api.give(&mut given);
            args.traces.give(&mut given);
        }
        Command::Watch(args) => {
            given.url.clone_from(&args.url);
            given.listen = args.listen;
        }
        Command::Doctor(args) => {
            given.listen = args.listen;
            args.lake.give(&mut given);
            args.traces.give(&mut given);
        }
        _ => {}
    }
    Ok(given)
}
