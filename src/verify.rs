//! `goldstream verify`: the batch over bronze held against the stored gold.

use crate::Outcome;
use crate::ask::{Method, ask};
use crate::output::print;
use anyhow::Context;
use clap::Args;
use goldstream_domain::gold::compare::Difference;
use goldstream_platform::settings::Settings;
use serde::Deserialize;

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The verdict as JSON, as POST /api/v1/verify gives it
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
    let body = ask(settings, Method::Post, "/api/v1/verify")?;
    let verdict: Verdict = serde_json::from_str(&body).context("the answer is no verdict")?;
    print(&if args.json { format!("{body}\n") } else { lines(&verdict) })?;
    Ok(if verdict.equal { Outcome::Done } else { Outcome::No })
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
    match differences.saturating_sub(differing.len() as u64) {
        0 => {}
        more => text.push_str(&format!("and {more} more\n")),
    }
    text
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
        let equal = Verdict { equal: true, rows: 40, differences: 0, differing: Vec::new() };
        assert_eq!(lines(&equal), "equal: gold is the batch over its 40 rows\n");
    }
}
