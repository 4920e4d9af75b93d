//! The report of the real shop, read back from its file: figures, order, tags and fonts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::read::GzDecoder;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Moment};
use goldstream_forecast::{Forecast, History, forecast};
use goldstream_report::{Alert, Names, Period, Report, Verified};
use lopdf::{Dictionary, Document, Object};
use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

/// Online Retail, as another program counted it.
static GOLD: LazyLock<Gold> = LazyLock::new(|| {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/online_retail/expected.json.gz");
    serde_json::from_reader(GzDecoder::new(File::open(path).unwrap())).unwrap()
});
static FORECAST: LazyLock<Forecast> = LazyLock::new(|| {
    let days = GOLD.days.iter().map(|row| (row.day, row.revenue_cents));
    forecast(&History::of(days, Day(u32::MAX)).unwrap())
});

fn report(period: &str, language: Language) -> Report<'static> {
    Report {
        gold: &GOLD,
        today: Day::parse("2011-12-09").unwrap(),
        period: Period::parse(period).unwrap(),
        language,
        currency: "EUR",
        forecast: Some(&FORECAST),
        verified: Some(Verified {
            at: Moment::parse("2026-11-30 10:00:00").unwrap(),
            rows: 546_281,
            differences: 0,
        }),
        names: Names::Hidden,
        code_of: |name| match name {
            "United Kingdom" => Some("GB"),
            "France" => Some("FR"),
            "Germany" => Some("DE"),
            "Australia" => Some("AU"),
            "USA" => Some("US"),
            _ => None,
        },
        alerts: None,
    }
}

/// What the file says, page by page, its spaces made plain.
fn text(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn must_say(text: &str, all: &[&str]) {
    for part in all {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn the_figures_are_those_of_gold_in_french() {
    let text = text(&report("30d", Language::Fr).pdf().unwrap());
    must_say(
        &text,
        &[
            "Rapport de la boutique",
            "Du 10 novembre 2011 au 9 décembre 2011, comparé du 11 octobre 2011 au 9 novembre 2011",
            "Vérifié : égal au calcul complet sur 546 281 lignes",
            // As /summary has them.
            "8 887 208,89 € de chiffre d’affaires, 392 692 commandes, 4 372 clients connus, 4 338 acheteurs, panier moyen 22,63 €",
            "Décembre 2011 finira vers",
            "Depuis le début : goldstream ne compte produits",
        ],
    );
    let days = GOLD.days.iter().filter(|row| row.day.to_string().as_str() >= "2011-11-10");
    let orders: u64 = days.map(|row| row.orders).sum();
    assert!(
        text.contains(&format!("{} {:03}", orders / 1000, orders % 1000)),
        "{orders} in {text}"
    );
}

#[test]
fn the_same_figures_stand_there_in_english() {
    let text = text(&report("year", Language::En).pdf().unwrap());
    must_say(
        &text,
        &[
            "Report of the shop",
            "From 1 January 2011 to 9 December 2011. Verified",
            "€8,887,208.89 of revenue, 392,692 orders, 4,372 known customers, 4,338 buyers, average basket €22.63",
            "New and returning, month by month",
            "United Kingdom",
        ],
    );
}

#[test]
fn every_first_purchase_is_counted_once_as_new() {
    // The whole shop: thirteen months, in which every buyer was new once.
    let text = text(&report("all", Language::En).pdf().unwrap());
    let table = text.split_once("New and returning").unwrap().1;
    let month = |name: &str| {
        let (_, row) = table.split_once(name).unwrap();
        let mut words = row.split_whitespace();
        [(); 3].map(|()| words.next().unwrap().replace(',', "").parse::<u64>().unwrap())
    };
    let [all, new, returning] = month("December 2010");
    assert_eq!((all, new + returning, returning), (885, all, 0));
    let [all, new, returning] = month("November 2011");
    assert_eq!(new + returning, all);
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> &'a Dictionary {
    document.dereference(object).unwrap().1.as_dict().unwrap()
}

#[test]
fn it_is_tagged_titled_and_has_its_fonts_inside() {
    let pdf = report("30d", Language::Fr).pdf().unwrap();
    let document = Document::load_mem(&pdf).unwrap();
    let catalog = document.catalog().unwrap();
    let marked = dictionary(&document, catalog.get(b"MarkInfo").unwrap());
    assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"fr");
    dictionary(&document, catalog.get(b"StructTreeRoot").unwrap());
    let kinds = document.objects.values().filter_map(|object| {
        let dict = object.as_dict().ok()?;
        (dict.get_type().ok()? == b"StructElem").then(|| dict.get(b"S").unwrap().as_name().unwrap())
    });
    let kinds: Vec<&[u8]> = kinds.collect();
    for kind in [&b"H1"[..], b"H2", b"P", b"Table", b"TR", b"TH", b"TD", b"Figure"] {
        assert!(kinds.contains(&kind), "no {}", String::from_utf8_lossy(kind));
    }
    let fonts = document.objects.values().filter_map(|object| object.as_dict().ok());
    let fonts = fonts.filter(|dict| dict.get_type().is_ok_and(|it| it == b"FontDescriptor"));
    let fonts: Vec<_> = fonts.collect();
    assert_eq!(fonts.len(), 2);
    assert!(fonts.iter().all(|font| font.has(b"FontFile2") || font.has(b"FontFile3")));
    assert!((2..=4).contains(&document.get_pages().len()), "{} pages", document.get_pages().len());
}

#[test]
fn every_figure_says_what_it_shows() {
    let pdf = report("30d", Language::En).pdf().unwrap();
    let document = Document::load_mem(&pdf).unwrap();
    let figures = document.objects.values().filter_map(|object| object.as_dict().ok());
    let figures: Vec<_> = figures
        .filter(|it| {
            it.get(b"S").is_ok_and(|kind| kind.as_name().is_ok_and(|name| name == b"Figure"))
        })
        .collect();
    assert_eq!(figures.len(), 3);
    for figure in figures {
        let alt = lopdf::decode_text_string(figure.get(b"Alt").unwrap()).unwrap();
        assert!(
            alt.contains("Revenue by day: 30 bars")
                || alt.contains("Expected revenue from")
                || alt
                    .contains("5 countries with a sale; the one that brings most: United Kingdom"),
            "{alt}"
        );
    }
}

#[test]
fn the_same_figures_are_the_same_bytes() {
    let bytes = || report("90d", Language::En).pdf().unwrap();
    assert_eq!(bytes(), bytes());
}

#[test]
fn customers_are_named_only_where_that_is_wished() {
    let mut gold = GOLD.clone();
    for customer in &mut gold.customers {
        customer.name = Some("Zoé Łukasiewicz 日本".into());
    }
    let of =
        |names| text(&Report { gold: &gold, names, ..report("30d", Language::En) }.pdf().unwrap());
    assert!(!of(Names::Hidden).contains("Łukasiewicz"));
    // What the fonts have not is a question mark.
    assert!(of(Names::Shown).contains("Zoé Łukasiewicz ??"));
}

fn alert(sentence: &str, began: &str, ended: Option<&str>) -> Alert {
    let at = |text: &str| Moment::parse(text).unwrap();
    Alert { sentence: sentence.to_owned(), began: at(began), ended: ended.map(at) }
}

#[test]
fn what_there_was_to_be_told_stands_there_with_its_beginning_and_its_end() {
    let alerts = [
        alert("Rows have waited for 7 minutes.", "2011-12-08 14:30:59", None),
        alert("Sales dropped.", "2011-12-02 06:00:00", Some("2011-12-03 06:00:02")),
    ];
    let of = |language| Report { alerts: Some(&alerts), ..report("30d", language) };
    let english = text(&of(Language::En).pdf().unwrap());
    must_say(
        &english,
        &[
            "Alerts Rows have waited for 7 minutes. Since 8 December 2011 at 14:30, and not over. Sales dropped. \
             From 2 December 2011 at 06:00 to 3 December 2011 at 06:00.",
        ],
    );
    let french = text(&of(Language::Fr).pdf().unwrap());
    must_say(&french, &["Alertes", "Depuis le 8 décembre 2011 à 14:30, et toujours en cours."]);
    must_say(&french, &["Du 2 décembre 2011 à 06:00 au 3 décembre 2011 à 06:00."]);
}

#[test]
fn alerts_are_left_out_where_there_are_none_and_say_so_where_nothing_was_to_be_told() {
    let with = |alerts| text(&Report { alerts, ..report("30d", Language::En) }.pdf().unwrap());
    assert!(!with(None).contains("Alerts"));
    must_say(&with(Some(&[])), &["Alerts Nothing was to be told."]);
}

#[test]
fn of_many_alerts_the_newest_stand_there_and_how_many_more_there_were() {
    let many: Vec<_> = (0..30)
        .map(|number| alert(&format!("Number {number}."), "2011-12-08 14:30:00", None))
        .collect();
    let report = Report { alerts: Some(&many), ..report("30d", Language::En) };
    let pdf = report.pdf().unwrap();
    let said = text(&pdf);
    must_say(&said, &["Number 0.", "Number 7.", "And 22 more, before these."]);
    assert!(!said.contains("Number 8."), "{said}");
    let pages = Document::load_mem(&pdf).unwrap().get_pages().len();
    assert!((2..=4).contains(&pages), "{pages} pages");
}

#[test]
fn an_empty_shop_has_a_report_in_every_period() {
    let gold = Gold::default();
    let empty =
        Report { gold: &gold, forecast: None, verified: None, ..report("30d", Language::En) };
    let text = text(&empty.pdf().unwrap());
    must_say(&text, &["Not yet verified", "No sale in this period", "eight weeks"]);
    for period in ["7d", "month", "last-month", "year", "all", "1970-01", "1970-01-01..2199-12-31"]
    {
        let period = Period::parse(period).unwrap();
        Report { gold: &gold, period, ..report("7d", Language::Fr) }.pdf().unwrap();
    }
}
