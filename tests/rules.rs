//! The rules of amounts and dates at their edges: thousands of made-up texts, judged by the product
//! and by the oracle alike.

use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::oracle::Oracle;
use crate::harness::shop::{CUSTOMERS, PURCHASES};
use serde_json::Value;

const AMOUNTS: [&str; 36] = [
    "1'234.50",
    "1\u{2019}234'567",
    "€12.50",
    "12,50 €",
    "12.50 EUR",
    "1.234,56",
    "1,234,567",
    "1.234",
    "-12,345.67",
    "1,23.45",
    "12.50",
    "1 234,56",
    ".5",
    "5.",
    "0.005",
    "0.015",
    "0.025",
    "0.0250001",
    "1e3",
    "1.25e+2",
    "5e-1",
    "100000000",
    "100000000.000",
    "100000000.001",
    "99999999.995",
    "1e999",
    "1e-999",
    "-0",
    "+7",
    "1,234.56",
    "12\u{a0}000\u{202f}000",
    "0000000000000000000000000000000000000012",
    "1e1234",
    "e5",
    "0.00000000000000000000000000000000001e37",
    "٣",
];
const DATES: [&str; 34] = [
    "2024-03-01 +02:00",
    "01.03.2024",
    "1.3.2024 9:05",
    "2024/03/01 10:05:06",
    "2024-03-01 10:05:06+02",
    "2024-03-01 10:05:06 +0200",
    "2024-03-01T10:05:06.000+0000",
    "2024-03-01 10:05:06 UTC",
    "2024-03-01+02:00",
    "2109-12-09",
    "15-3-2024",
    "5-03-2024 9:05",
    "2024-02-29",
    "2023-02-29",
    "2100-02-29",
    "2024-03-01T10:05",
    "2024-03-01 10:05:06.7",
    "2024-03-01T10:05:06Z",
    "2024-03-01T10:05:06+02:00",
    "2024-03-01 24:00",
    "1969-12-31",
    "2199-12-31 23:59:59",
    "2200-01-01",
    "1/3/2024",
    "01-03-2024 9:05",
    "31/4/2024",
    "29/02/2024 23:59:59",
    "2024/03/01",
    "20240301",
    "1/3-2024",
    "2024-3-1",
    "1/3/24",
    "2024-03-01  10:05",
    "1/3/2024 9:5",
];
const AMOUNT_SIGNS: &str = "0159.,'+-eEUR€ \u{a0}";
const DATE_SIGNS: &str = "0129-/:T Z+.U";

/// One of them with up to two characters put in, changed or taken out.
fn mutated(draw: &mut Draw, texts: &[&str], signs: &str) -> String {
    let mut text: Vec<char> = texts[draw.below(texts.len() as u64) as usize].chars().collect();
    let signs: Vec<char> = signs.chars().collect();
    for _ in 0..draw.below(3) {
        let sign = signs[draw.below(signs.len() as u64) as usize];
        let place = draw.below(text.len() as u64 + 1) as usize;
        match draw.below(3) {
            0 => text.insert(place, sign),
            1 if place < text.len() => text[place] = sign,
            _ if place < text.len() => drop(text.remove(place)),
            _ => {}
        }
    }
    text.into_iter().collect()
}

#[test]
fn every_text_is_judged_as_the_rules_say() {
    let mut draw = Draw::announced("rules");
    let mut rows: Vec<(String, String)> = Vec::new();
    rows.extend(AMOUNTS.map(|amount| ("2024-03-01".to_owned(), amount.to_owned())));
    rows.extend(DATES.map(|date| (date.to_owned(), "1".to_owned())));
    for _ in 0..4000 {
        rows.push(("1/3/2024".to_owned(), mutated(&mut draw, &AMOUNTS, AMOUNT_SIGNS)));
        rows.push((mutated(&mut draw, &DATES, DATE_SIGNS), "1".to_owned()));
    }
    // A product of its own for every text, so that those judged otherwise are named.
    let home = Home::new();
    let lines = rows.iter().enumerate();
    let lines = lines.map(|(n, (date, amount))| format!("{n},C{n},{date},\"{amount}\",P{n:05}\n"));
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines.collect::<String>());
    let customers = rows.iter().enumerate();
    let customers = customers.map(|(n, (date, _))| format!("C{n},,,{date},\n"));
    home.write("shop/clients.csv", CUSTOMERS.to_owned() + &customers.collect::<String>());
    home.ok("run shop --once");
    let oracle = Oracle::of(&home.path("shop/clients.csv"), &home.path("shop/achats.csv"));
    let gold = home.gold();
    let mut different = Vec::new();
    let mut compare = |what: &str, row: &(String, String), stored: Option<String>, oracle| {
        if stored != oracle {
            different.push(format!("{what} of {row:?}: {stored:?}, the oracle says {oracle:?}"));
        }
    };
    for (n, row) in rows.iter().enumerate() {
        let (product, customer) = (format!("P{n:05}"), format!("C{n}"));
        let of_product = gold.products.iter().find(|row| *row.product == *product);
        let cents = of_product.map(|row| row.revenue_cents.to_string());
        compare("cents", row, cents, oracle.revenue_of(&product).map(|cents| cents.to_string()));
        let of_customer = gold.customers.iter().find(|row| row.customer_id == customer).unwrap();
        let signup = of_customer.signup_date.map(|day| day.to_string());
        compare("sign-up", row, signup, oracle.signup_of(&customer));
        let first = of_customer.first_purchase.map(|moment| moment.to_string());
        compare("moment", row, first, oracle.moment_of(&n.to_string()));
    }
    let shown = different.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differences:\n{shown}", different.len());
    let accounting: Value = serde_json::from_str(&home.ok("export accounting")).unwrap();
    assert_eq!(accounting, oracle.accounting());
    home.verify_equal();
}
