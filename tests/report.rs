//! The report from outside: the commands of docs/report.md over the real shop, and the same from one that runs.

use crate::harness::home::Home;
use crate::harness::pages::commands_of;
use crate::harness::shop::online_retail;
use lopdf::Document;

fn text(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_commands_of_the_page_on_the_report_print_the_real_shop() {
    let home = Home::new();
    home.ok(&format!("run {} --once", online_retail().display()));
    let commands = commands_of("docs/report.md", "goldstream");
    assert_eq!(commands.len(), 2);
    for command in commands {
        home.ok(command.strip_prefix("goldstream ").unwrap());
    }
    let french = text(&std::fs::read(home.path("report.pdf")).unwrap());
    for said in [
        "Du 1 novembre 2011 au 30 novembre 2011",
        "1 156 205,",
        "8 887 208,89 €",
        "Pas encore vérifié",
    ] {
        assert!(french.contains(said), "{said} is not in {french}");
    }
    let english = text(&std::fs::read(home.path("half-year.pdf")).unwrap());
    // 541,909 invoice lines and the customers behind them, all of them in the proof.
    for said in [
        "From 1 January 2011 to 30 June 2011",
        "€8,887,208.89 of revenue",
        "Verified: equal to the whole batch",
    ] {
        assert!(english.contains(said), "{said} is not in {english}");
    }
    home.ask("report --period 8d --output no.pdf").expect(2).says(&["last-month"]);
    assert!(!home.path("no.pdf").exists());
}
