//! What other programs do and see: rows appended with the ordinary Java client and its default
//! partitioner, and how far the stages are, by Kafka's own tool.

use super::team::Team;
use crate::harness::broker::{self, produce};
use crate::harness::home::Home;
use crate::harness::shop::{self, append, lines, write};
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;

/// A purchase as another program of the shop would send it, English names and numbers as they are.
fn purchase(number: u64) -> (String, String) {
    let value = format!(
        "{{\"purchase_id\":\"É{number}\",\"customer_id\":{},\"purchased_at\":\"2024-03-01 10:00\",\
         \"amount\":{number}.25,\"product\":\"Souris\"}}",
        number % 7
    );
    (format!("É{number}"), value)
}

#[test]
fn rows_of_a_java_client_land_where_ours_do_and_count_once() {
    let home = Home::on_servers("foreign");
    let mut team = Team::start(&home, &["consume all", "serve"]);
    team.server().counts(0);
    let topic = format!("{}.bronze.purchases", home.variable("GOLDSTREAM_PREFIX"));
    let mut records: Vec<_> = (1..=200).map(purchase).collect();
    // Said twice, said otherwise, said badly.
    records.push(purchase(3));
    records.push((purchase(4).0, purchase(4).1.replace("Souris", "Clavier")));
    records.push(("x".to_owned(), "no row".to_owned()));
    records.push(("E1".to_owned(), purchase(500).1));
    produce(&topic, &records);
    let accounting: Accounting = team.server().counts(204);
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (200, 1));
    let quarantined: Vec<_> =
        accounting.quarantined.iter().map(|(reason, rows)| (&**reason, *rows)).collect();
    let expected = [
        ("purchases.conflicting_duplicate", 1),
        ("purchases.malformed", 1),
        ("purchases.misrouted", 1),
    ];
    assert_eq!(quarantined, expected);
    home.verify_equal();
    team.end();
}

#[test]
fn the_tools_of_kafka_show_how_far_each_stage_is_behind() {
    let home = Home::on_servers("lag");
    write(&home, 5, 100);
    let mut running = home.start("run shop").ready();
    running.counts(105);
    let prefix = home.variable("GOLDSTREAM_PREFIX").to_owned();
    let behind = |stage: &str| -> (u64, u64) {
        let lags = broker::lags(&format!("{prefix}-{stage}-4"));
        (lags.iter().map(|(at, _)| at).sum(), lags.iter().map(|(at, end)| end - at).sum())
    };
    for stage in ["silver", "gold"] {
        eventually(&format!("{stage} has told Kafka where it stands"), || match behind(stage) {
            (105, 0) => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }
    assert_eq!(running.end("TERM"), Some(0));
    // Nobody consumes: what comes now waits, and the tool says so.
    append(&home.path("shop/achats.csv"), lines(shop::purchase, 100..130));
    home.ok("produce shop");
    assert_eq!(behind("silver"), (105, 30));
    home.ok("run shop --once");
    home.verify_equal();
}
