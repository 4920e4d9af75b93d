//! A failing plan told shortly: with as few faults and rows as it takes to fail, and its last steps.

use crate::plan::Plan;
use crate::run::{Bench, Outcome};
use crate::trace::Keep;
use std::fmt::Write as _;
use std::io;

/// Runs that making a story may take.
const RUNS_MAX: usize = 400;

/// Steps of a story that are told where nobody wishes more.
pub const STEPS_TOLD: usize = 200;

struct Shortening<'a> {
    bench: &'a Bench,
    runs_left: usize,
}

/// The shortest story of a plan that fails, with its last steps, at most so many.
///
/// # Errors
/// Where the shop's files cannot be written.
pub fn of(bench: &Bench, plan: &Plan, steps_told: usize) -> io::Result<String> {
    let mut shortening = Shortening { bench, runs_left: RUNS_MAX };
    let mut short = plan.clone();
    loop {
        let before = (short.strikes.len(), short.rows.len());
        shortening.drop_parts(&mut short, |plan| &mut plan.strikes)?;
        shortening.drop_parts(&mut short, |plan| &mut plan.rows)?;
        if before == (short.strikes.len(), short.rows.len()) || shortening.runs_left == 0 {
            break;
        }
    }
    Ok(told(&short, &bench.run(&short, Keep::Text)?, steps_told))
}

impl Shortening<'_> {
    /// Leaves out ever smaller parts of a list while the plan still fails.
    fn drop_parts<T: Clone>(
        &mut self,
        plan: &mut Plan,
        list: impl Fn(&mut Plan) -> &mut Vec<T>,
    ) -> io::Result<()> {
        let mut size = list(plan).len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < list(plan).len() {
                let mut shorter = plan.clone();
                let end = (from + size).min(list(&mut shorter).len());
                list(&mut shorter).drain(from..end);
                if self.fails(&shorter)? {
                    *plan = shorter;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    fn fails(&mut self, plan: &Plan) -> io::Result<bool> {
        if self.runs_left == 0 {
            return Ok(false);
        }
        self.runs_left -= 1;
        Ok(self.bench.run(plan, Keep::Hash)?.failure.is_some())
    }
}

/// Whether a line says nothing that a person would miss.
fn is_noise(line: &str) -> bool {
    let ends = ["gets a frame", "reads the feed", "an audit"];
    let what = line.get(7..).unwrap_or_default();
    what.starts_with("tick")
        || what.starts_with("answer")
        || what.contains("question for")
        || ends.iter().any(|end| what.ends_with(end))
}

fn told(plan: &Plan, outcome: &Outcome, steps_told: usize) -> String {
    let mut text = String::new();
    let failure = outcome.failure.as_deref().unwrap_or("nothing");
    let Plan { seed, partitions, processes, strikes, rows, .. } = plan;
    let mut line = |words: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _always = writeln!(text, "{words}");
    };
    line(format_args!("seed {seed} fails: {failure}"));
    line(format_args!("with {partitions} partitions, {processes} processes and these faults:"));
    for strike in strikes {
        line(format_args!("  from step {}: {:?}", strike.step, strike.fault));
    }
    line(format_args!("and these rows:"));
    for row in rows {
        line(format_args!("  {} {:?}: {:.60}", row.kind.name(), row.via, row.fields.join(",")));
    }
    let steps: Vec<_> = outcome.story.iter().filter(|line| !is_noise(line)).collect();
    let skipped = steps.len().saturating_sub(steps_told);
    line(format_args!("what happened, after {skipped} lines:"));
    for step in &steps[skipped..] {
        line(format_args!("{step}"));
    }
    text
}
