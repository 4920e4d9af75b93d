//! `goldstream status`: positions, lag, rows by fate, rates.

use crate::ask::{Method, ask};
use crate::outcome::Outcome;
use crate::output::print;
use anyhow::Context;
use clap::Args;
use goldstream_domain::text::harmless;
use goldstream_platform::settings::Settings;
use serde_json::Value;

#[derive(Args)]
pub(crate) struct StatusArgs {
    /// The answer as JSON, as GET /api/v1/status gives it
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(settings: &Settings, args: &StatusArgs) -> anyhow::Result<Outcome> {
    let body = ask(settings, Method::Get, "/api/v1/status")?;
    if args.json {
        return print(&format!("{body}\n"));
    }
    let status: Value = serde_json::from_str(&body).context("the answer is no status")?;
    print(&lines(&status))
}

/// The status in words, a fact a line.
fn lines(status: &Value) -> String {
    let mut text = String::new();
    let mut line =
        |name: &str, value: String| text.push_str(&format!("{name:<14}{}\n", harmless(&value)));
    let number = |path: &str| status.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    line("rows", number("/rows/total").to_string());
    for fate in
        ["accepted_purchases", "duplicate_purchases", "customer_versions", "unchanged_customers"]
    {
        line("", format!("{fate} {}", number(&format!("/rows/{fate}"))));
    }
    for (reason, rows) in
        status.pointer("/rows/quarantined").and_then(Value::as_object).into_iter().flatten()
    {
        line("", format!("quarantined {reason} {rows}"));
    }
    line("rate", format!("{} rows/s", number("/rows_per_second")));
    let known = |value: &Value| value.as_u64().map_or("?".to_owned(), |number| number.to_string());
    let lag = &status["lag"];
    line("lag", format!("{} records, {} ms", known(&lag["records"]), known(&lag["ms"])));
    line("memory", format!("{} MB", number("/memory_bytes") / 1_000_000));
    line("clients", number("/clients").to_string());
    for input in status["inputs"].as_array().into_iter().flatten() {
        let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
        let behind = number_of(input, "size_bytes").saturating_sub(number_of(input, "read_bytes"));
        let state = text("state");
        let rows = number_of(input, "rows");
        line(
            "input",
            format!("{}: {state}, {rows} rows read, {behind} bytes behind", text("source")),
        );
    }
    for position in status["positions"].as_array().into_iter().flatten() {
        let partition = position["partition"].as_str().unwrap_or_default();
        let (position, end) = (known(&position["position"]), known(&position["end"]));
        line("position", format!("{partition} {position} of {end}"));
    }
    for process in status["processes"].as_array().into_iter().flatten() {
        let roles = process["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let roles: Vec<_> = roles.collect();
        let name = process["process"].as_str().unwrap_or_default();
        line("process", format!("{name}: {}", roles.join(", ")));
    }
    let warnings = |of: &Value| -> Vec<String> {
        let texts = of["warnings"].as_array().into_iter().flatten();
        texts.filter_map(|warning| warning.as_str().map(str::to_owned)).collect()
    };
    for input in status["inputs"].as_array().into_iter().flatten() {
        let source = input["source"].as_str().unwrap_or_default();
        for warning in warnings(input) {
            line("warning", format!("{source}: {warning}"));
        }
    }
    for warning in warnings(status) {
        line("warning", warning);
    }
    for (name, trouble) in status["troubles"].as_object().into_iter().flatten() {
        line("trouble", format!("{name}: {}", trouble.as_str().unwrap_or_default()));
    }
    text
}

fn number_of(object: &Value, name: &str) -> u64 {
    object[name].as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_told_a_fact_a_line() {
        let status = serde_json::json!({
            "rows": {"total": 3, "accepted_purchases": 2, "quarantined": {"purchases.bad_date": 1}},
            "lag": {"records": 4, "ms": 5},
            "positions": [{"partition": "bronze.purchases/0", "position": 2, "end": 3},
                {"partition": "silver/0", "position": 5, "end": null}],
            "processes": [{"process": "host:7", "roles": ["silver", "gold"], "troubles": {}}],
            "inputs": [{"source": "file:/a.csv", "state": "failing", "rows": 7,
                "read_bytes": 10, "size_bytes": 25, "warnings": ["dates are open"]}],
            "warnings": ["only 3 of 1000"],
            "troubles": {"gold of silver/0": "halted: why"},
        });
        let text = lines(&status);
        for fact in [
            "rows          3",
            "quarantined purchases.bad_date 1",
            "4 records, 5 ms",
            "bronze.purchases/0 2 of 3",
            "silver/0 5 of ?",
            "host:7: silver, gold",
            "file:/a.csv: failing, 7 rows read, 15 bytes behind",
            "gold of silver/0: halted: why",
            "warning       only 3 of 1000",
            "file:/a.csv: dates are open",
        ] {
            assert!(text.contains(fact), "{fact} in {text}");
        }
    }
}
