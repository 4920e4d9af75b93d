//! What holds for every input, however bad: nothing panics, what is written is read back, every row has
//! one fate.

use crate::bronze::BronzeRow;
use crate::chain::SourceId;
use crate::clean::{Route, Rules, clean_customer, clean_purchase};
use crate::column::{COLUMNS, Kind, Names};
use crate::moment::{Day, Hour, Moment, Month};
use crate::money::{AmountError, parse_cents};
use crate::quarantine::{QuarantinedJson, QuarantinedRow};
use crate::record::{Block, BlockBuilder, Headers, Origin};
use crate::silver::{ParsedEvent, SilverEvent};
use proptest::collection::vec;
use proptest::prelude::*;

const CASES: u32 = 2_000;
/// One partition: no row is in the wrong one.
const RULES: Rules = Rules { future_days: 366 };
const ROUTE: Route = Route { partition: 0, partitions: 1, ingested_at_ms: 0, rules: RULES };
/// Half of what is drawn comes from these: they mean something.
const PIECES: [&str; 26] = [
    "2024-03-01",
    "T",
    " ",
    "23:59:60",
    "01/02/2024",
    "-",
    "+",
    "12",
    ",",
    ".",
    "e",
    "E9",
    "€",
    "\u{a0}",
    "Z",
    "+02:00",
    "00",
    "9",
    "{",
    "}",
    "\"",
    ":",
    "\\u00e9",
    "null",
    "id_achat",
    "é",
];

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) }
}

/// Text in which everything that means something is frequent.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..80), text().prop_map(String::into_bytes)]
}

fn fields() -> impl Strategy<Value = [String; COLUMNS]> {
    let good = proptest::sample::select(&["A1", "7", "2024-03-01", "12.50", "Souris"][..]);
    let field = prop_oneof![good.prop_map(str::to_owned), text()];
    proptest::array::uniform5(field)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Customers), Just(Kind::Purchases)]
}

/// A number as people write it, with its exact value in millionths of a cent.
fn amount() -> impl Strategy<Value = (String, i128)> {
    let parts =
        (any::<bool>(), 0u64..300_000_000, 0u32..100_000, 0u32..=5, any::<bool>(), any::<bool>());
    parts.prop_map(|(is_negative, whole, fraction, places, with_comma, with_space)| {
        let fraction = u64::from(fraction) % 10u64.pow(places);
        let sign = if is_negative { "-" } else { "" };
        let mark = if with_comma { "," } else { "." };
        let space = if with_space { "\u{202f}" } else { "" };
        let digits = match places {
            0 => String::new(),
            places => format!("{mark}{fraction:0>width$}", width = places as usize),
        };
        let micros =
            i128::from(whole) * 100_000_000 + i128::from(fraction) * 10i128.pow(8 - places);
        let value = if is_negative { -micros } else { micros };
        (format!("{sign}{space}{whole}{space}{digits}"), value)
    })
}

/// The rule of amounts over an exact value in millionths of a cent.
fn cents(micros: i128) -> Result<i64, AmountError> {
    if micros <= 0 {
        return Err(AmountError::NotPositive);
    }
    if micros > 10_000_000_000 * 1_000_000 {
        return Err(AmountError::TooLarge);
    }
    let (cents, rest) = ((micros / 1_000_000) as i64, micros % 1_000_000);
    let is_up = rest > 500_000 || (rest == 500_000 && cents % 2 == 1);
    Ok(cents + i64::from(is_up))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_amount_is_its_exact_value_rounded_half_to_even((text, micros) in amount()) {
        prop_assert_eq!(parse_cents(&text), cents(micros), "{}", text);
    }

    #[test]
    fn any_text_is_an_amount_within_the_limits_or_none(text in text()) {
        if let Ok(cents) = parse_cents(&text) {
            prop_assert!((0..=10_000_000_000).contains(&cents));
        }
    }

    #[test]
    fn any_text_is_a_moment_within_the_calendar_or_none(text in text()) {
        if let Some(moment) = Moment::parse(&text) {
            let (year, month, day) = moment.day().to_civil();
            prop_assert_eq!(Day::from_civil(year, month, day), Some(moment.day()));
        }
        let _any_is_fine = (Day::parse(&text), Hour::parse(&text), Month::parse(&text));
    }

    #[test]
    fn a_day_is_read_in_every_way_of_writing_it(days in 0u32..40_000, second in 0u32..86_400) {
        let (year, month, day) = Day(days).to_civil();
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60);
        let at = Moment(i64::from(days) * 86_400 + i64::from(second));
        prop_assert_eq!((at.hour().day(), at.hour().of_day()), (Day(days), hour));
        prop_assert_eq!(Hour::parse(&at.hour().to_string()), Some(at.hour()));
        for written in [
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{rest:02}"),
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{rest:02}.5+02:00"),
            format!("{day}/{month}/{year:04} {hour}:{minute:02}:{rest:02}"),
        ] {
            prop_assert_eq!(Moment::parse(&written), Some(at), "{}", written);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in bytes(), kind in kind()) {
        if let Ok(row) = BronzeRow::decode(&bytes) {
            let _fate = (row.fields(kind), row.id(kind), row.to_json(kind));
        }
        let _fate = (BronzeRow::Json(&bytes).fields(kind), BronzeRow::Json(&bytes).to_json(kind));
        let _event = (SilverEvent::decode(&bytes), ParsedEvent::from_json(&bytes));
        let _refused = (QuarantinedRow::decode(&bytes), QuarantinedJson::from_json(&bytes));
        if let Ok(block) = Block::from_stored(&bytes) {
            // The count may promise more than there is: reading ends at the first that is none.
            let _records = block.records().take_while(Result::is_ok).count();
        }
    }

    #[test]
    fn a_bronze_row_is_read_back_from_both_of_its_forms(fields in fields(), kind in kind()) {
        let row = BronzeRow::Columns { names: Names::default(), fields: fields.each_ref().map(String::as_str) };
        let mut compact = Vec::new();
        row.encode(&mut compact);
        prop_assert_eq!(&BronzeRow::decode(&compact).unwrap(), &row);
        let json = row.to_json(kind);
        let read = BronzeRow::Json(json.as_bytes()).fields(kind).unwrap();
        prop_assert_eq!(read.each_ref().map(|field| &**field), fields.each_ref().map(String::as_str));
    }

    #[test]
    fn a_row_has_one_fate_and_an_event_is_read_back_from_both_of_its_forms(
        fields in fields(),
        kind in kind(),
    ) {
        let row = BronzeRow::Columns { names: Names::default(), fields: fields.each_ref().map(String::as_str) };
        let fields = row.fields(kind).unwrap();
        let event = match kind {
            Kind::Purchases => clean_purchase(&fields, ROUTE).map(SilverEvent::Purchase),
            Kind::Customers => clean_customer(&fields, ROUTE).map(SilverEvent::Customer),
        };
        let event = match event {
            Ok(event) => event,
            Err(rejection) => {
                let raw = row.to_json(kind);
                let refused = QuarantinedRow::new(kind, ("file:/a@0", 7), &rejection, &raw);
                let (mut compact, mut json) = (Vec::new(), Vec::new());
                refused.encode(&mut compact);
                prop_assert_eq!(&QuarantinedRow::decode(&compact).unwrap(), &refused);
                refused.write_json("2026-01-31T00:00:00Z", &mut json);
                let read = QuarantinedJson::from_json(&json).unwrap();
                prop_assert_eq!(read.row(), Some(refused));
                return Ok(());
            }
        };
        let (mut compact, mut json) = (Vec::new(), Vec::new());
        event.encode(&mut compact);
        prop_assert_eq!(&SilverEvent::decode(&compact).unwrap(), &event);
        event.write_json(&mut json);
        let read = ParsedEvent::from_json(&json).unwrap();
        prop_assert_eq!(read.event(), event);
    }

    #[test]
    fn a_block_is_read_back_whatever_its_records_say_of_their_time(
        records in vec((any::<i64>(), 1u64.., vec(any::<u8>(), 0..20)), 1..20),
    ) {
        let source = SourceId::from("file:/a@0");
        let odd = |payload: &[u8]| payload.len() % 2 == 1;
        let mut builder = BlockBuilder::default();
        for (ingested_at_ms, origin, payload) in &records {
            let origin = Some(Origin { source_id: &source, origin: *origin, prev: origin / 2 });
            let line = odd(payload).then(|| ingested_at_ms.cast_unsigned());
            let headers = Headers { origin, ingested_at_ms: *ingested_at_ms, line };
            builder.push(headers, |out| out.extend(payload));
        }
        let block = builder.take();
        let (head, bytes) = block.stored_parts();
        let read = Block::from_stored(&[&head, bytes].concat()).unwrap();
        let found: Vec<_> = read.records().map(|record| {
            let record = record.unwrap();
            let origin = record.headers.origin.unwrap();
            prop_assert_eq!(origin.prev, origin.origin / 2);
            let line = odd(record.payload).then(|| record.headers.ingested_at_ms.cast_unsigned());
            prop_assert_eq!(record.headers.line, line);
            Ok((record.headers.ingested_at_ms, origin.origin, record.payload.to_vec()))
        }).collect::<Result<_, TestCaseError>>()?;
        prop_assert_eq!(found, records);
    }
}
