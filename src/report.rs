//! `goldstream report`: the figures of a period as a PDF, as the API gives it, into a file or to those whom
//! `[report]` names.

use crate::alerts::channels::report_channels;
use crate::alerts::sent_to_each;
use crate::ask::{Asked, Method, with};
use crate::outcome::{Outcome, Usage};
use crate::output::{Output, print};
use anyhow::Context;
use clap::{Args, ValueEnum};
use goldstream_alerts::schedule::Due;
use goldstream_alerts::words::Letter;
use goldstream_api::alerting::{Enclosed, Written};
use goldstream_api::reporting::period_of;
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::moment::Moment;
use goldstream_platform::clock::local_now;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{ReportSettings, Settings};
use goldstream_report::{Cover, NoPeriod, Period, Reader};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// Which days: 7d, 30d, 90d, month, last-month, year, all, a month as 2026-03, or two days as
    /// 2026-01-01..2026-03-31
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
    /// Send the report that was due last, now, to everybody whom the settings name for it, and say what came of it
    #[arg(long, conflicts_with_all = ["period", "lang", "names", "output"])]
    send: bool,
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
    if args.send {
        return send(settings, args);
    }
    if args.output.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return Err(Usage("a PDF is not for a terminal: give --output FILE".to_owned()).into());
    }
    let lang = match args.lang {
        Lang::Fr => "fr",
        Lang::En => "en",
    };
    let path = path(&args.period, lang, args.names);
    let mut out = Output::new(args.output.clone());
    let written = with(settings, |asked| {
        args.prove(asked)?;
        asked.answer(Method::Get, &path, &mut out)
    });
    out.end(written)
}

impl ReportArgs {
    fn prove(&self, asked: &Asked<'_>) -> anyhow::Result<()> {
        if self.verify {
            asked.ask(Method::Post, "/api/v1/verify")?;
        }
        Ok(())
    }
}

fn path(period: &str, lang: &str, names: bool) -> String {
    let names = if names { "yes" } else { "no" };
    format!("/api/v1/report.pdf?period={period}&lang={lang}&names={names}")
}

/// Sends the last that was due, whether it was sent or not.
fn send(settings: &Settings, args: &ReportArgs) -> anyhow::Result<Outcome> {
    let Some(report) = &settings.report else {
        let reason = "nobody is sent a report: the settings file has no [report]";
        return Err(Usage(reason.to_owned()).into());
    };
    let channels = report_channels(settings)?;
    let written = with(settings, |asked| {
        args.prove(asked)?;
        written(asked, report, &settings.currency.to_string())
    })?;
    let (text, is_well) = sent_to_each(&channels, &written)?;
    let printed = print(&text)?;
    Ok(if is_well { printed } else { Outcome::No })
}

/// The mail with its report. It is no report of a day, so its id is another each time.
fn written(asked: &Asked<'_>, report: &ReportSettings, currency: &str) -> anyhow::Result<Written> {
    let now = shop_time(asked)?;
    let due = Due::last(report.rhythm, now).context("the clock shows a time before all reports")?;
    let period = period_of(due).context("the report is of no days")?;
    let days = days(asked)?;
    let today = days.iter().rev().map(|row| row.day).find(|day| *day <= now.day());
    let reader = Reader { language: report.language, currency };
    let cover = Cover::of(&days, period, today.unwrap_or(now.day()), reader);
    let path = path(&name(period), report.language.code(), report.names);
    let mut pdf = Vec::new();
    asked.answer(Method::Get, &path, &mut pdf)?;
    let random = Secret::random().context("there is no random number to be had")?;
    Ok(Written {
        id: format!("report.test.{}", random.expose()),
        letter: Letter { subject: cover.subject, text: cover.text, html: cover.html },
        details: Value::Null,
        enclosed: vec![Enclosed {
            name: cover.file_name,
            media_type: "application/pdf",
            content: pdf,
        }],
    })
}

/// A period as it is asked for.
fn name(period: Period) -> String {
    match period {
        Period::Whole(month) => month.to_string(),
        Period::Between(from, to) => format!("{from}..{to}"),
        Period::Days(count) => format!("{count}d"),
        Period::Month => "month".to_owned(),
        Period::LastMonth => "last-month".to_owned(),
        Period::Year => "year".to_owned(),
        Period::All => "all".to_owned(),
    }
}

/// The wall clock where the shop is: a made-up one that runs has its own.
fn shop_time(asked: &Asked<'_>) -> anyhow::Result<Moment> {
    let status: Value = serde_json::from_str(&asked.ask(Method::Get, "/api/v1/status")?)?;
    let shown = status["shop_clock"]["now"].as_str().and_then(Moment::parse);
    Ok(shown.unwrap_or_else(local_now))
}

/// All days of the shop.
fn days(asked: &Asked<'_>) -> anyhow::Result<Vec<DayReport>> {
    let lines = asked.ask(Method::Get, "/api/v1/days?format=ndjson")?;
    let days = lines.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>();
    days.context("the answer is no list of days")
}
