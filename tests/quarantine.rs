//! Refused rows, read from the command line, corrected and replayed.

use crate::harness::home::Home;

const CLIENTS: &str = "id_client,nom,email,date_inscription,pays\n\
                       7,Ana,ana@example.org,2024-01-01,France\n\
                       ,Nobody,,2024-01-01,France\n";
const ACHATS: &str = "id_achat,id_client,date_achat,montant,produit\n\
                      1,7,2024-03-01,10.00,Souris\n\
                      2,7,2024-13-41,20.00,Clavier\n\
                      3,7,2024-03-03,abc,\"Tapis, grand\"\n\
                      4,7,2024-03-04,0,Souris\n\
                      not a row at all\n";

fn shop() -> Home {
    let home = Home::new();
    home.write("shop/clients.csv", CLIENTS);
    home.write("shop/achats.csv", ACHATS);
    home.ok("run shop --once");
    home
}

#[test]
fn refused_rows_are_listed_by_reason_with_samples() {
    let home = shop();
    let told = home.ok("quarantine list");
    for words in ["1  purchases.bad_date", "1  customers.missing_customer_id", "Tapis, grand"] {
        assert!(told.contains(words), "no {words:?} in {told}");
    }
    let told = home.ok("quarantine list --reason bad_date");
    assert!(told.contains("2024-13-41") && !told.contains("bad_amount"), "{told}");
    let told = home.ok("quarantine show --reason purchases.bad_amount");
    assert!(told.contains("abc") && told.lines().count() == 2, "{told}");
    assert_eq!(home.ok("quarantine show --format ndjson").lines().count(), 5);
    assert_eq!(home.ok("quarantine list --reason misrouted"), "no row was refused\n");
}

#[test]
fn what_is_no_reason_or_no_one_kind_is_refused() {
    let home = shop();
    home.ask("quarantine list --reason BAD&limit=1").expect(2).says(&["BAD&limit=1"]);
    home.ask("quarantine list --reason bad_luck").expect(1).says(&["bad_date"]);
    home.ask("quarantine show --format csv").expect(2).says(&["--kind"]);
}

#[test]
fn corrected_rows_are_replayed_as_a_new_file_and_counted_once_each() {
    let home = shop();
    home.ok("quarantine show --format csv --kind purchases -o again.csv");
    let refused = std::fs::read_to_string(home.path("again.csv")).unwrap();
    assert_eq!(refused.lines().next(), Some("id_achat,id_client,date_achat,montant,produit"));
    assert!(refused.contains("not a row at all\r\n"), "{refused}");
    let corrected = refused
        .replace("2024-13-41", "2024-03-02")
        .replace("abc", "30.00")
        .replace("2024-03-04,0,", "2024-03-04,40.00,")
        .replace("not a row at all", "5,7,2024-03-05,50.00,Souris");
    home.write("corrected.csv", corrected);
    let before = home.accounting();
    for _ in 0..2 {
        home.ok("run shop --once --purchases corrected.csv");
        let gold = home.gold();
        assert_eq!(gold.summary.revenue_cents, 15_000);
        assert_eq!(gold.accounting.accepted_purchases, before.accepted_purchases + 4);
        assert_eq!(gold.accounting.quarantined, before.quarantined, "what was refused stays told");
        home.verify_equal();
    }
}

#[test]
fn the_kind_follows_from_the_reason_and_the_later_record_stays_the_later() {
    let home = Home::new();
    home.write("shop/achats.csv", "id_achat,id_client,date_achat,montant,produit\n");
    let rows =
        "id_client,nom,email,date_inscription,pays\n,First,,2024-01-01,\n,Second,,2024-01-01,\n";
    home.write("shop/clients.csv", rows);
    home.ok("run shop --once");
    let csv = home.ok("quarantine show --format csv --reason customers.missing_customer_id");
    assert_eq!(csv.replace("\r\n", "\n"), rows);
}
