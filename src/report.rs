//! `goldstream report`: the figures of a period as a PDF, as the API gives it.

use crate::ask::{Method, with};
use crate::output::Output;
use crate::{Outcome, Usage};
use clap::{Args, ValueEnum};
use goldstream_platform::settings::Settings;
use goldstream_report::{NoPeriod, Period};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// Which days: 7d, 30d, 90d, month, last-month, year, all, or two days as 2026-01-01..2026-03-31
    #[arg(long, value_name = "PERIOD", default_value = "30d", value_parser = period)]
    period: String,
    /// The reader's language
    #[arg(long, value_name = "LANG", default_value = "fr")]
    lang: Lang,
    /// Customers by their names, instead of by their ids
    #[arg(long)]
    names: bool,
    /// Prove first that the figures equal the batch; the report says so
    #[arg(long)]
    verify: bool,
    /// Where to; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Fr,
    En,
}

/// Its name, where it is one.
fn period(text: &str) -> Result<String, NoPeriod> {
    Period::parse(text).map(|_| text.to_owned())
}

pub(crate) fn run(settings: &Settings, args: &ReportArgs) -> anyhow::Result<Outcome> {
    if args.output.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return Err(Usage("a PDF is not for a terminal: give --output FILE".to_owned()).into());
    }
    let lang = match args.lang {
        Lang::Fr => "fr",
        Lang::En => "en",
    };
    let names = if args.names { "yes" } else { "no" };
    let path = format!("/api/v1/report.pdf?period={}&lang={lang}&names={names}", args.period);
    let mut out = Output::new(args.output.clone());
    let written = with(settings, |asked| {
        if args.verify {
            asked.ask(Method::Post, "/api/v1/verify")?;
        }
        asked.answer(Method::Get, &path, &mut out)
    });
    out.end(written)
}
