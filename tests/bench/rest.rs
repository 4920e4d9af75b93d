//! REST over a shop of a million purchases: how long one answer takes, and how many a second there are.
//! Who asks runs on the same cores as the server.

use crate::measure::{Table, quantile};
use crate::serving::Serving;
use anyhow::Result;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const ROUTES: [&str; 3] = ["/api/v1/summary", "/api/v1/countries", "/api/v1/customers?limit=100"];
const WARM_UP: usize = 200;
const ASKED: usize = 3_000;
const CONNECTIONS: usize = 4;
const FULL: Duration = Duration::from_secs(3);

pub(crate) fn measure(shop: &Path, table: &mut Table) -> Result<()> {
    let serving = Serving::of(shop)?;
    for route in ROUTES {
        let url = format!("http://{}{route}", serving.address);
        let mut micros = one_by_one(&url)?;
        micros.sort_by(f64::total_cmp);
        for hundredths in [50, 99] {
            let figure = quantile(&micros, hundredths) as u64;
            table.add(&format!("GET {route}: p{hundredths} µs"), figure);
        }
        table.add(&format!("GET {route}: requests/s, 4 connections"), many(&url)?);
    }
    Ok(())
}

/// Microseconds of each answer, its body read.
fn one_by_one(url: &str) -> Result<Vec<f64>> {
    let agent = ureq::Agent::new_with_defaults();
    let mut micros = Vec::with_capacity(ASKED);
    for number in 0..WARM_UP + ASKED {
        let began = Instant::now();
        agent.get(url).call()?.body_mut().read_to_vec()?;
        if number >= WARM_UP {
            micros.push(began.elapsed().as_secs_f64() * 1_000_000.0);
        }
    }
    Ok(micros)
}

fn many(url: &str) -> Result<u64> {
    let answered = AtomicU64::new(0);
    let ask = || -> Result<()> {
        let (agent, began) = (ureq::Agent::new_with_defaults(), Instant::now());
        while began.elapsed() < FULL {
            agent.get(url).call()?.body_mut().read_to_vec()?;
            answered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let asking: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().try_for_each(|it| match it.join() {
            Ok(asked) => asked,
            Err(_) => anyhow::bail!("one who asked has panicked"),
        })
    })?;
    Ok((answered.into_inner() as f64 / FULL.as_secs_f64()) as u64)
}
