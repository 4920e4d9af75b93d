//! Refused rows, read from the command line, corrected and replayed.

use crate::harness::home::Home;
use crate::harness::shop::PURCHASES;

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
    let told = home.ok("quarantine list --reason misrouted");
    assert_eq!(told, "no such row is in quarantine\n");
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
    let header = "id_achat,id_client,date_achat,montant,produit,reason,line,raw";
    assert_eq!(refused.lines().next(), Some(header));
    for (row, end) in [
        ("2,7,2024-13-41,20.00,Clavier,\"bad_date: ", ",achats.csv:3,"),
        (",,,,,malformed: ", ",achats.csv:6,not a row at all"),
    ] {
        let found = refused.lines().find(|found| found.starts_with(row)).unwrap();
        assert!(found.ends_with(end), "{found}");
    }
    let corrected = refused
        .replace("2024-13-41", "2024-03-02")
        .replace("abc", "30.00")
        .replace("2024-03-04,0,", "2024-03-04,40.00,")
        .replace(",,,,,malformed", "5,7,2024-03-05,50.00,Souris,malformed");
    home.write("corrected.csv", corrected);
    let before = home.accounting();
    for _ in 0..2 {
        home.ok("run shop --once --purchases corrected.csv");
        let gold = home.gold();
        assert_eq!(gold.summary.revenue_cents, 15_000);
        assert_eq!(gold.accounting.accepted_purchases, before.accepted_purchases + 4);
        assert_eq!(gold.accounting.quarantined, before.quarantined, "what was refused stays told");
        home.verify_equal();
        let left = home.ok("quarantine list");
        assert!(!left.contains("purchases.bad_"), "{left}");
        assert!(left.contains("achats.csv:6: another number of fields"), "it had no id: {left}");
        let csv = home.ok("quarantine show --format csv --kind purchases");
        assert_eq!(csv.lines().count(), 2, "{csv}");
    }
    let corrected = home.ok("quarantine show --corrected yes");
    assert_eq!(corrected.matches("(corrected ").count(), 3, "{corrected}");
    assert!(corrected.contains("achats.csv:4: {\"id_achat\":\"3\""), "{corrected}");
    assert_eq!(home.ok("export quarantine --format ndjson").lines().count(), 5);
}

#[test]
fn a_refused_row_is_found_on_its_line_whatever_stands_before_it() {
    let home = Home::new();
    home.write(
        "shop/achats.csv",
        "# of the till\r\nid_achat,id_client,date_achat,montant,produit\r\n\r\n\
         1,7,2024-03-01,10.00,\"Tapis\r\ngrand\"\r\n\r\n2,7,2024-03-01,abc,Souris\r\n",
    );
    let mut running = home.start("run shop").ready();
    running.counts(2);
    assert!(home.ok("quarantine show").contains("    achats.csv:7: "));
    running.kill();
    let mut rows = std::fs::read_to_string(home.path("shop/achats.csv")).unwrap();
    rows.push_str("\n3,7,2024-03-01,x,Souris\n");
    home.write("shop/achats.csv", rows);
    home.ok("run shop --once");
    let told = home.ok("quarantine show");
    assert!(told.contains("    achats.csv:7: ") && told.contains("    achats.csv:9: "), "{told}");
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
    let names: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(names, ["First", "Second"]);
    assert!(
        csv.contains(",,\"missing_customer_id: ") || csv.contains(",missing_customer_id: "),
        "{csv}"
    );
}

#[test]
fn nothing_in_a_refused_row_moves_the_cursor_or_turns_the_text() {
    let home = Home::new();
    let odd = "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}Souris";
    let row = format!("1,7,{odd},10.00,{odd}\n");
    home.write("achats.csv", PURCHASES.to_owned() + &row);
    home.ok("run --once --purchases achats.csv");
    for line in ["quarantine list", "quarantine show"] {
        let told = home.ok(line);
        assert!(told.contains("Souris") && told.contains("bad_date"), "{told}");
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!told.contains(obeyed), "{line}: {told:?}");
    }
    // A program gets it as it was.
    assert!(home.ok("quarantine show --format csv --kind purchases").contains(odd));
}
