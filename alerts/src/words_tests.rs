//! What is said of an incident, in both languages.

use super::*;
use crate::incident::{IncidentState, Rule};

fn drop_of() -> Incident {
    let day = Day::parse("2026-11-28").unwrap();
    Incident {
        id: "sales_drop:2026-11-28".to_owned(),
        rule: Rule::SalesDrop,
        state: IncidentState::Open,
        opened_at_ms: 0,
        resolved_at_ms: None,
        version: "e/1".to_owned(),
        figures: Figures::SalesDrop {
            day,
            revenue_cents: 12_345,
            median_cents: 123_456_789,
            weeks: 8,
            percent: 50,
        },
    }
}

fn words(language: Language) -> Words<'static> {
    Words { language, currency: "EUR", page: "https://shop.example/" }
}

#[test]
fn a_letter_says_what_happened_with_its_figures_and_where_the_chart_is() {
    let incident = drop_of();
    let letter = words(Language::Fr).letter(&[(&incident, Turn::Opened)]);
    for part in ["123,45\u{a0}€", "1\u{202f}234\u{202f}567,89", "28\u{a0}novembre 2026"] {
        assert!(letter.text.contains(part) && letter.html.contains(part), "{letter:?}");
    }
    let link = "https://shop.example/?page=tendances&from=2026-11-01&to=2026-11-28";
    assert!(letter.text.contains(link), "{letter:?}");
    assert!(letter.html.contains(&escaped(link)), "{letter:?}");
    let both = [(&incident, Turn::Opened), (&incident, Turn::Resolved)];
    let letter = words(Language::En).letter(&both);
    assert!(letter.text.contains("Resolved: Sales dropped"), "{letter:?}");
    assert!(letter.subject.ends_with("And 1 more"), "{letter:?}");
    // What is wrong comes before what is well.
    let month = Day::parse("2026-11-28").unwrap().month();
    let figures = Figures::Goal { month, revenue_cents: 2, goal_cents: 1 };
    let goal = Incident { rule: Rule::Goal, figures, ..drop_of() };
    let told = [(&goal, Turn::Opened), (&incident, Turn::Opened), (&incident, Turn::Opened)];
    let letter = words(Language::En).letter(&told);
    assert!(letter.subject.starts_with("Sales dropped"), "{letter:?}");
    assert!(letter.subject.ends_with("And 2 more"), "{letter:?}");
}

#[test]
fn an_hour_is_told_with_its_ends_and_led_to_its_day() {
    let figures = Figures::HourSalesDrop {
        hour: Hour::parse("2026-11-28T23").unwrap(),
        revenue_cents: 12_345,
        median_cents: 99_900,
        weeks: 8,
        percent: 50,
    };
    let incident = Incident { figures, ..drop_of() };
    let opened = [(&incident, Turn::Opened)];
    let english = words(Language::En).letter(&opened);
    let hour = "28\u{a0}November 2026 between 23:00 and 24:00";
    assert!(english.text.contains(hour) && english.subject.contains("123.45"), "{english:?}");
    let french = words(Language::Fr).letter(&opened);
    assert!(french.text.contains("2026 entre 23\u{a0}h et 24\u{a0}h"), "{french:?}");
    assert!(french.text.contains("&from=2026-11-01&to=2026-11-28"), "{french:?}");
}

#[test]
fn what_stands_in_a_shop_is_no_markup_and_no_header() {
    let at = Moment(0);
    let figures = Figures::NotEqual {
        differences: 1,
        first_difference: "<b>\"x\"\r\nBcc: a@b".to_owned(),
        until: at,
    };
    let incident = Incident { rule: Rule::NotEqual, figures, ..drop_of() };
    let letter = words(Language::En).letter(&[(&incident, Turn::Opened)]);
    assert!(letter.html.contains("&lt;b&gt;") && !letter.html.contains("<b>"), "{letter:?}");
    assert!(!letter.subject.contains(['\r', '\n']), "{letter:?}");
    // What stands in a difference may be a customer's name.
    let printed = words(Language::Fr).printed(&incident.figures);
    assert_eq!(printed, "Les chiffres diffèrent du calcul complet en 1 endroits.");
}
