//! Reports over a store of a test's own, by the functions that the server itself uses.

use super::*;
use goldstream_alerts::facts::Now;
use goldstream_alerts::schedule::{Due, Every, Reports};
use goldstream_alerts::schedule::{Rhythm, Step};
use goldstream_domain::moment::{Day, Moment};
use goldstream_platform::embedded::Embedded;
use goldstream_report::Period;
use std::sync::Arc;

fn reporting_over(store: &Embedded) -> Reporting {
    Reporting::new(Arc::new(store.clone()), None, || "7f3a".to_owned())
}

/// What every server does at that moment.
async fn step(reporting: &Reporting, time: &str) {
    let local = Moment::parse(time).unwrap();
    let receivers = ["owner".to_owned()];
    let step = Step {
        rhythm: Rhythm { every: Every::Week, hour: 7 },
        now: Now { local, utc_ms: local.0 * 1000 },
        is_whole: true,
        receivers: &receivers,
    };
    reporting.change(|reports| reports.step(step)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_sends_a_report_and_none_sends_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), Some(1)).unwrap();
    let servers: Vec<_> =
        (0..8).map(|number| (number.to_string(), reporting_over(&store))).collect();
    let all = |time: &'static str| {
        futures::future::join_all(servers.iter().map(async move |(_, server)| {
            step(server, time).await;
        }))
    };
    all("2026-11-25 12:00:00").await;
    all("2026-11-30 07:00:00").await;
    let claims = servers.iter().map(async |(name, server)| {
        let claim = |reports: &mut Reports| reports.outbox.claim(name, "owner", i64::MAX / 2);
        server.change(claim).await.unwrap().map(|message| (name, message))
    });
    let claimed: Vec<_> = futures::future::join_all(claims).await.into_iter().flatten().collect();
    let [(name, message)] = &claimed[..] else { panic!("{claimed:?}") };
    assert_eq!(message.id, "report.week.2026-11-30");
    servers[0].1.change(|reports| reports.outbox.sent(message, name)).await.unwrap();
    // The same as after a restart.
    let again = reporting_over(&store);
    step(&again, "2026-11-30 07:00:02").await;
    assert!(again.reports().outbox.messages().is_empty());
}

#[test]
fn a_report_that_is_due_is_of_the_whole_week_or_month_before() {
    let on = |text| Day::parse(text).unwrap();
    let week = Due { every: Every::Week, on: on("2026-11-30") };
    let between = Period::Between(on("2026-11-23"), on("2026-11-29"));
    assert_eq!(period_of(week), Some(between));
    let month = Due { every: Every::Month, on: on("2027-01-01") };
    assert_eq!(period_of(month), Some(Period::Whole(on("2026-12-01").month())));
    assert_eq!(period_of(Due { every: Every::Week, on: Day(3) }), None);
}
