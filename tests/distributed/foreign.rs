//! Rows of other programs: appended with the ordinary Java client and its default partitioner.

use super::team::Team;
use crate::harness::broker::produce;
use crate::harness::home::Home;
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
