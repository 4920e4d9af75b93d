//! `goldstream alerts`: a message to everybody, to see whether it arrives; and what there was to be told.

pub(crate) mod channels;
mod post;
mod sender;
pub(crate) mod telling;

use crate::ask::{Method, ask};
use crate::backend::block_on;
use crate::outcome::{Outcome, Usage};
use crate::output::print;
use anyhow::Context;
use channels::{Channel, channels};
use clap::{Args, Subcommand};
use goldstream_alerts::words::Words;
use goldstream_api::alerting::Written;
use goldstream_domain::text::harmless;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{Receiver, Settings};
use serde_json::{Value, json};

#[derive(Args)]
pub(crate) struct AlertsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Send a message to each who is told, and say what came of it
    Test,
    /// What there was to be told, the newest first
    List {
        /// The answer as JSON, as GET /api/v1/alerts gives it
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(settings: &Settings, args: &AlertsArgs) -> anyhow::Result<Outcome> {
    match args.what {
        What::Test => test(settings),
        What::List { json } => list(settings, json),
    }
}

fn test(settings: &Settings) -> anyhow::Result<Outcome> {
    let Some(alerts) = &settings.alerts else {
        let reason = "nobody is told of anything: the settings file has no [[alerts.to]]";
        return Err(Usage(reason.to_owned()).into());
    };
    let channels = channels(settings)?;
    let currency = settings.currency.to_string();
    let page = alerts.page.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let words = Words { language: alerts.language, currency: &currency, page: &page };
    let random = Secret::random().context("there is no random number to be had")?;
    let letter = words.sample();
    let id = format!("test.{}", random.expose());
    let details = json!({ "id": id, "test": true, "alerts": [] });
    let written = Written { id, letter, details, enclosed: Vec::new() };
    let (mut text, is_well) = sent_to_each(&channels, &written)?;
    if alerts.receivers.contains(&Receiver::Browser) {
        text.push_str("browser: shown by each page that is open and has its bell switched on\n");
    }
    let printed = print(&text)?;
    Ok(if is_well { printed } else { Outcome::No })
}

/// Sends it to each: what came of it, a line each, and whether all have it.
pub(crate) fn sent_to_each(
    channels: &[Channel],
    written: &Written,
) -> anyhow::Result<(String, bool)> {
    let (mut text, mut is_well) = (String::new(), true);
    for channel in channels {
        let sent = block_on(channel.send(written.clone()))?;
        is_well &= sent.is_ok();
        let came = sent.map_or_else(|reason| reason, |()| "sent".to_owned());
        text.push_str(&format!("{}: {}\n", channel.name, harmless(&came)));
    }
    Ok((text, is_well))
}

fn list(settings: &Settings, is_json: bool) -> anyhow::Result<Outcome> {
    let body = ask(settings, Method::Get, "/api/v1/alerts")?;
    if is_json {
        return print(&format!("{body}\n"));
    }
    let alerts: Value = serde_json::from_str(&body).context("the answer is no list of alerts")?;
    print(&lines(&alerts))
}

/// The list in words, an incident a line.
fn lines(alerts: &Value) -> String {
    let rows = alerts["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "nothing was to be told\n".to_owned();
    }
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let line = |row: &Value| {
        let [at, state, id, message] =
            ["opened_at", "state", "id", "message"].map(|name| text(row, name));
        format!("{at}  {state:<12}  {}  {}\n", harmless(&id), harmless(&message))
    };
    rows.iter().map(line).collect()
}
