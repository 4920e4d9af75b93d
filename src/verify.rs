//! `goldstream verify`: the batch over bronze held against the stored gold, and bronze against files.

use crate::against::{self, Against, FilesArgs};
use crate::ask::{self, Method};
use crate::outcome::Outcome;
use crate::output::print;
use anyhow::Context;
use clap::Args;
use goldstream_domain::gold::compare::Difference;
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry::say;
use serde::Deserialize;
use serde_json::Value;

#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// The verdict as JSON, as POST /api/v1/verify gives it; with `files` beside, where some are given
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Verdict {
    equal: bool,
    rows: u64,
    differences: u64,
    differing: Vec<Difference>,
}

pub(crate) fn run(settings: &Settings, args: &VerifyArgs) -> anyhow::Result<Outcome> {
    // Before anything is asked: what cannot be read is told at once.
    let inputs = args.files.named()?;
    let (body, against, status) = ask::with(settings, |asked| {
        let body = asked.ask(Method::Post, "/api/v1/verify")?;
        let holds = !inputs.is_empty();
        let against = holds.then(|| against::hold(asked, &inputs)).transpose()?;
        Ok((body, against, asked.ask(Method::Get, "/api/v1/status")?))
    })?;
    let mut told: Value = serde_json::from_str(&body).context("the answer is no verdict")?;
    let verdict = Verdict::deserialize(&told).context("the answer is no verdict")?;
    let mut text = lines(&verdict);
    let mut is_equal = verdict.equal;
    if let Some(against) = against {
        is_equal &= against.missing == 0;
        text.push_str(&lines_against(&against));
        told["files"] = serde_json::to_value(&against)?;
    }
    print(&if args.json { format!("{told}\n") } else { text })?;
    // Whoever reads "equal" takes it for all there is.
    if let Some(waiting @ 1..) = waiting(&status) {
        say(&format!(
            "{waiting} records wait to be counted and are not in this: goldstream status says how far it is"
        ));
    }
    Ok(if is_equal { Outcome::Done } else { Outcome::No })
}

/// How many records wait, where that is known.
fn waiting(status: &str) -> Option<u64> {
    let status: Value = serde_json::from_str(status).ok()?;
    status["lag"]["records"].as_u64()
}

/// The same of the files.
fn lines_against(against: &Against) -> String {
    let Against { rows, missing, missing_rows } = against;
    if *missing == 0 {
        return format!("files: all {rows} rows stand in bronze\n");
    }
    let mut text = format!("files: {missing} of {rows} rows do not stand in bronze\n");
    for row in missing_rows {
        text.push_str(&format!("{row}\n"));
    }
    and_more(&mut text, *missing, missing_rows.len());
    text
}

/// The verdict in words, a differing row a line.
fn lines(verdict: &Verdict) -> String {
    let Verdict { equal, rows, differences, differing } = verdict;
    if *equal {
        return format!("equal: gold is the batch over its {rows} rows\n");
    }
    let mut text = format!("different: gold is not the batch over its {rows} rows\n");
    for difference in differing {
        text.push_str(&format!("{difference}\n"));
    }
    and_more(&mut text, *differences, differing.len());
    text
}

fn and_more(text: &mut String, all: u64, named: usize) {
    match all.saturating_sub(named as u64) {
        0 => {}
        more => text.push_str(&format!("and {more} more\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_differs_is_a_line_and_the_rest_is_counted() {
        let differing = r#"[
            {"table":"countries","key":"France","field":"revenue_cents","gold":6,"batch":5,"also":[]},
            {"table":"days","key":"2024-03-01","field":null,"gold":null,"batch":{"orders":1},"also":[]}
        ]"#;
        let differing: Vec<Difference> = serde_json::from_str(differing).unwrap();
        let verdict = Verdict { equal: false, rows: 40, differences: 9, differing };
        assert_eq!(
            lines(&verdict),
            "different: gold is not the batch over its 40 rows\n\
             countries France revenue_cents: gold 6, batch 5\n\
             days 2024-03-01: only the batch has it: {\"orders\":1}\n\
             and 7 more\n"
        );
        assert_eq!(waiting(r#"{"lag":{"records":7,"ms":1}}"#), Some(7));
        assert_eq!(waiting(r#"{"lag":{"records":null,"ms":null}}"#), None);
        let equal = Verdict { equal: true, rows: 40, differences: 0, differing: Vec::new() };
        assert_eq!(lines(&equal), "equal: gold is the batch over its 40 rows\n");
    }
}
