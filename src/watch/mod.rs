//! `goldstream watch`: subscribes to the feed and prints it. What is said to the server, and when, is decided
//! in the crate `client`; here are its socket, its clock and its paper.
//!
//! ```text
//! place ─► socket ─► session (the one loop) ─► printer ─► output ─► stdout
//!                       └ client::machine        └ words, screen
//! ```

mod keyboard;
mod output;
mod place;
mod printer;
mod screen;
mod session;
mod socket;
mod words;

use crate::outcome::{Outcome, Usage};
use crate::signals;
use clap::Args;
use goldstream_client::wish::Wish;
use goldstream_platform::settings::{Settings, listen_address};
use goldstream_platform::telemetry;
use keyboard::Keyboard;
use place::Place;
use printer::Printer;
use screen::Look;
use serde_json::{Map, Value, json};
use std::io::IsTerminal;
use std::net::SocketAddr;

#[derive(Args)]
pub(crate) struct WatchArgs {
    /// summary, accounting, customers, products, months, days, countries, purchases, status, alerts [default: summary]
    #[arg(value_name = "VIEW")]
    views: Vec<String>,
    /// The goldstream to ask [default: the one that holds the data directory, else 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Where a goldstream listens that left no note
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS", hide = true, value_parser = listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    /// The frames as they come, one a line
    #[arg(long)]
    json: bool,
    /// Rows of customers and purchases [default: 100]
    #[arg(long, value_name = "N")]
    top: Option<u64>,
    /// Customers of this country only; empty: those whose country is not known
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// At most one frame in so many milliseconds [default: 50, in a terminal 100]
    #[arg(long, value_name = "MS")]
    interval: Option<u64>,
}

/// What is shown where nothing else is said.
const VIEW_DEFAULT: &str = "summary";

/// Views with an option of the command line.
const HAVE_TOP: [&str; 2] = ["customers", "purchases"];
const HAVE_COUNTRY: [&str; 1] = ["customers"];

/// A terminal is not drawn faster, so it asks for no more.
const TERMINAL_INTERVAL_MS: u64 = 100;

pub(crate) fn run(settings: &Settings, args: &WatchArgs) -> anyhow::Result<Outcome> {
    let place = Place::new(settings)?;
    let names = names(&args.views);
    let views = views(&names, args)?;
    let stdout = std::io::stdout();
    let is_terminal = stdout.is_terminal() && !args.json;
    let interval_ms = args.interval.or(is_terminal.then_some(TERMINAL_INTERVAL_MS));
    let keyboard = if is_terminal { Keyboard::begin() } else { Keyboard::none() };
    let printer = match (args.json, is_terminal) {
        (true, _) => Printer::frames(),
        (false, true) => {
            let is_coloured = telemetry::colour().is_for(&stdout);
            let look = if is_coloured { Look::Coloured } else { Look::Plain };
            let hint = if keyboard.is_there() { "  (q quits)" } else { "" };
            Printer::screen(names, look, hint)
        }
        (false, false) => Printer::lines(),
    };
    let wish = Wish::new(views, interval_ms);
    signals::run(|signals| session::run(place, wish, printer, (keyboard, signals)))
}

/// What is to be seen, each once, in the order in which it was said.
fn names(said: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in said {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        names.push(VIEW_DEFAULT.to_owned());
    }
    names
}

/// The views with their options, as the feed reads them.
fn views(names: &[String], args: &WatchArgs) -> Result<Map<String, Value>, Usage> {
    let mut views: Map<_, _> = names.iter().map(|name| (name.clone(), json!({}))).collect();
    if let Some(top) = args.top {
        set(&mut views, &HAVE_TOP, "top", &json!(top))?;
    }
    if let Some(country) = &args.country {
        let country = if country.is_empty() { Value::Null } else { json!(country) };
        set(&mut views, &HAVE_COUNTRY, "country", &country)?;
    }
    Ok(views)
}

/// An option of those views that have it; one of them must be there.
fn set(
    views: &mut Map<String, Value>,
    have_it: &[&str],
    option: &str,
    value: &Value,
) -> Result<(), Usage> {
    let mut of = views.iter_mut().filter(|(name, _)| have_it.contains(&name.as_str())).peekable();
    if of.peek().is_none() {
        return Err(Usage(format!("--{option} is for {}", have_it.join(" and "))));
    }
    of.for_each(|(_, options)| options[option] = value.clone());
    Ok(())
}
