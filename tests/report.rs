//! The report from outside: the commands of docs/report.md over the real shop, and the same from one that runs.

use crate::alerts::{SILENCE, wait_for, write_silent_shop};
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
    let (sent, written): (Vec<_>, Vec<_>) =
        commands.iter().partition(|command| command.contains("--send"));
    // What is sent is looked at where there is somebody who takes it.
    assert_eq!((written.len(), sent.len()), (2, 1));
    for command in written {
        home.ok(command.strip_prefix("goldstream ").unwrap());
    }
    let french = text(&std::fs::read(home.path("report.pdf")).unwrap());
    for said in [
        "Du 1er novembre 2011 au 30 novembre 2011",
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

#[test]
fn a_report_says_what_there_was_to_be_told_whether_goldstream_runs_or_not() {
    let home = Home::new();
    write_silent_shop(&home);
    let settings = format!("currency = \"GBP\"\n{SILENCE}[[alerts.to]]\nbrowser = true\n");
    home.write("goldstream.toml", settings);
    let mut running = home.start("run shop").ready();
    wait_for(&mut running, "silence", "open");
    let printed = |name: &str| {
        home.ok(&format!("report --period 7d --lang en --output {name}"));
        text(&std::fs::read(home.path(name)).unwrap())
    };
    let told = |said: &str| {
        let (_, told) = said.split_once("Alerts ").unwrap_or_else(|| panic!("{said}"));
        told.split_once(", and not over.").unwrap_or_else(|| panic!("{said}")).0.to_owned()
    };
    let while_it_runs = printed("running.pdf");
    assert!(told(&while_it_runs).starts_with("No purchase for "), "{while_it_runs}");
    running.kill();
    let alone = printed("alone.pdf");
    assert_eq!(told(&alone), told(&while_it_runs));
    assert!(alone.contains("£25.00 of revenue"), "{alone}");
    // The page's question has it, too; where nobody is told there is nothing to be said.
    home.write("goldstream.toml", SILENCE);
    assert!(!printed("untold.pdf").contains("Alerts"));
}
