//! `goldstream diff`: in which rows what is folded beside differs from what is served. It is computed where the
//! view is; this waits for both to have the same rows, and prints.

use crate::ask::{self, Method};
use crate::outcome::Outcome;
use crate::output::print;
use anyhow::Context;
use clap::Args;
use goldstream_platform::limits::MEMBERS_PACE;
use goldstream_platform::settings::Settings;
use serde::Deserialize;
use serde_json::Value;

/// Looks in which neither comes nearer to the other before it is told as it is.
const LOOKS_IN_VAIN_MAX: u32 = 20;

#[derive(Args)]
pub(crate) struct DiffArgs {
    /// As JSON, as GET /api/v1/diff gives it
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Diff {
    served: u32,
    beside: u32,
    served_rows: u64,
    beside_rows: u64,
    same_rows: bool,
    differences: u64,
    differing: Vec<Differing>,
}

#[derive(Deserialize)]
struct Differing {
    table: String,
    key: Value,
    field: Option<String>,
    served: Value,
    beside: Value,
    also: Vec<String>,
}

pub(crate) fn run(settings: &Settings, args: &DiffArgs) -> anyhow::Result<Outcome> {
    let (body, diff) = ask::with(settings, |asked| {
        let mut in_vain = 0;
        let mut nearest = u64::MAX;
        loop {
            let body = asked.ask(Method::Get, "/api/v1/diff")?;
            let diff: Diff = serde_json::from_str(&body).context("the answer is no diff")?;
            let apart = diff.served_rows.abs_diff(diff.beside_rows);
            in_vain = if apart < nearest { 0 } else { in_vain + 1 };
            nearest = nearest.min(apart);
            if diff.same_rows || in_vain > LOOKS_IN_VAIN_MAX {
                return Ok((body, diff));
            }
            std::thread::sleep(MEMBERS_PACE);
        }
    })?;
    print(&if args.json { format!("{body}\n") } else { lines(&diff) })?;
    Ok(if diff.differences == 0 { Outcome::Done } else { Outcome::No })
}

/// In words, a differing row a line.
fn lines(diff: &Diff) -> String {
    let Diff { served, beside, served_rows, beside_rows, differences, .. } = diff;
    let mut text = match differences {
        0 => format!("equal: generation {beside} is what generation {served} is\n"),
        _ => format!(
            "different: generation {beside} is not what generation {served} is, which is served\n"
        ),
    };
    if !diff.same_rows {
        text.push_str(&format!(
            "rows still come: generation {served} has counted {served_rows} of them, generation {beside} \
             {beside_rows}, so some of it may be of rows that one of them has not counted yet\n"
        ));
    }
    diff.differing.iter().for_each(|row| text.push_str(&row.line()));
    match differences.saturating_sub(diff.differing.len() as u64) {
        0 => {}
        more => text.push_str(&format!("and {more} more\n")),
    }
    text
}

impl Differing {
    fn line(&self) -> String {
        let Self { table, key, field, served, beside, also } = self;
        let key = match key {
            Value::Null => String::new(),
            Value::String(key) => format!(" {key}"),
            other => format!(" {other}"),
        };
        let also = match also.as_slice() {
            [] => String::new(),
            also => format!(" (also {})", also.join(", ")),
        };
        match (field, served.is_null()) {
            (Some(field), _) => {
                format!("{table}{key} {field}: served {served}, beside {beside}{also}\n")
            }
            (None, true) => format!("{table}{key}: only beside: {beside}\n"),
            (None, false) => format!("{table}{key}: only served: {served}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_differs_is_a_line_and_the_rest_is_counted() {
        let json = r#"{"served":0,"beside":1,"served_rows":40,"beside_rows":39,"same_rows":false,
            "differences":5,"differing":[
            {"table":"countries","key":"France","field":"orders","served":6,"beside":5,"also":["revenue_cents"]},
            {"table":"days","key":"2027-01-02","field":null,"served":null,"beside":{"orders":1},"also":[]},
            {"table":"accounting","key":null,"field":"accepted_purchases","served":6,"beside":5,"also":[]}
        ]}"#;
        assert_eq!(
            lines(&serde_json::from_str(json).unwrap()),
            "different: generation 1 is not what generation 0 is, which is served\n\
             rows still come: generation 0 has counted 40 of them, generation 1 39, so some of it may be of \
             rows that one of them has not counted yet\n\
             countries France orders: served 6, beside 5 (also revenue_cents)\n\
             days 2027-01-02: only beside: {\"orders\":1}\n\
             accounting accepted_purchases: served 6, beside 5\n\
             and 2 more\n"
        );
    }
}
