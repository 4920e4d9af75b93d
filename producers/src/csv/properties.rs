//! What holds for every input: any split gives the same rows, reading goes on at any row, and
//! the rows are those of the `csv` crate.

use super::testing::{Seen, read_all};
use super::{Header, LineCount, Position, Row, RowReader};
use goldstream_domain::column::Kind;
use proptest::collection::vec;
use proptest::prelude::*;

const HEADER: &[u8] = b"id_achat;id_client;date_achat;montant;produit";

type Numbered = (u64, u64, Seen);

fn own(row: &Row<'_>) -> Numbered {
    (row.number, row.end_bytes, Seen::from(&row.content))
}

fn read(file: &[u8]) -> Vec<Numbered> {
    let mut rows = Vec::new();
    read_all(file, &mut |row| rows.push(own(&row)));
    rows
}

fn resume(file: &[u8], header: &Header, position: Position) -> RowReader {
    let mut lines = LineCount::default();
    lines.take(&file[..position.bytes as usize]);
    RowReader::resume(Kind::Purchases, header.clone(), position, lines)
}

/// The lines that are not blank.
fn full_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.filter(|line| !read(&[HEADER, b"\n", line].concat()).is_empty()).collect()
}

fn csv_records(bytes: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(b';').flexible(true).has_headers(false).from_reader(bytes);
    reader.into_byte_records().count()
}

/// Bytes in which everything that means something is frequent.
fn rows() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b";".to_vec()),
        3 => Just(b"\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        2 => Just(b"\"".to_vec()),
        1 => Just(b" ".to_vec()),
        1 => Just(b"a;b;c;d;e\n".to_vec()),
        1 => Just(b"\"a\";\"b\n\"\"\";c;d;e\r\n".to_vec()),
        1 => Just("é;\u{feff}b;c;€;e\n".as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..3),
        2 => Just(b"x".to_vec()),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let bom = prop_oneof![Just(b"".to_vec()), Just(b"\xef\xbb\xbf".to_vec()), Just(b"\n".to_vec())];
    let end = prop_oneof![Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"\r".to_vec())];
    (bom, end, rows()).prop_map(|(bom, end, rows)| [bom, HEADER.to_vec(), end, rows].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn any_split_gives_the_same_rows_and_the_same_position(
        file in file(),
        sizes in vec(0usize..7, 1..50),
    ) {
        let mut reader = RowReader::new(Kind::Purchases);
        let mut rows = Vec::new();
        let mut rest = &file[..];
        for size in sizes {
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            reader.push(chunk, &mut |row| rows.push(own(&row))).unwrap();
            rest = after;
        }
        reader.push(rest, &mut |row| rows.push(own(&row))).unwrap();
        reader.finish(&mut |row| rows.push(own(&row))).unwrap();
        let mut whole = RowReader::new(Kind::Purchases);
        whole.push(&file, &mut |_| ()).unwrap();
        whole.finish(&mut |_| ()).unwrap();
        prop_assert_eq!(reader.position(), whole.position());
        prop_assert_eq!(reader.ended_unfinished(), whole.ended_unfinished());
        let texts = |rows: &[Numbered]| -> Vec<(u64, Seen)> {
            rows.iter().map(|(number, _, seen)| (*number, seen.clone())).collect()
        };
        prop_assert_eq!(texts(&rows), texts(&read(&file)));
    }

    #[test]
    fn every_line_of_any_file_has_a_fate(file in file()) {
        let mut at = file.windows(HEADER.len()).position(|bytes| bytes == HEADER).unwrap() + HEADER.len();
        for (_, end_bytes, seen) in read(&file) {
            let lines = full_lines(&file[at..end_bytes as usize]);
            at = end_bytes as usize;
            match seen {
                Seen::OpenQuote(..) | Seen::TooLong(..) => prop_assert!(lines.len() <= 1, "{lines:?}"),
                // Several lines are one row only where they are one for every reader of CSV.
                Seen::Columns(..) | Seen::Line(..) => {
                    let records = csv_records(&lines.join(&b'\n'));
                    prop_assert!(lines.len() <= 1 || records == 1, "{lines:?}");
                }
            }
        }
        prop_assert!(full_lines(&file[at..]).is_empty(), "{:?}", &file[at..]);
    }

    #[test]
    fn rows_between_stray_quotes_are_all_read(strays in vec((0usize..3, 0usize..40), 0..6)) {
        // Forty good rows; quotes are put into some of them.
        let mut fields: Vec<String> =
            (1..=40).map(|id| format!("{id};7;2024-03-01;5;Pen {id}")).collect();
        for (place, row) in &strays {
            let line = &mut fields[*row];
            let at = match place { 0 => line.rfind(';').unwrap() + 1, 1 => line.len(), _ => line.find(';').unwrap() + 1 };
            line.insert(at, '"');
        }
        let file = [HEADER, b"\n", fields.join("\n").as_bytes(), b"\n"].concat();
        let seen = read(&file);
        prop_assert_eq!(seen.len(), 40);
        let spoiled: std::collections::BTreeSet<_> = strays.iter().map(|(_, row)| *row).collect();
        for (row, (_, _, seen)) in seen.iter().enumerate() {
            prop_assert!(spoiled.contains(&row) || matches!(seen, Seen::Columns(..)), "{seen:?}");
        }
    }

    #[test]
    fn reading_goes_on_at_any_row(file in file()) {
        let rows = read(&file);
        let mut reader = RowReader::new(Kind::Purchases);
        reader.push(&file, &mut |_| ()).unwrap();
        let header = reader.header().unwrap().clone();
        for (index, (number, end_bytes, _)) in rows.iter().enumerate() {
            let position = Position { rows: *number, bytes: *end_bytes };
            let mut resumed = resume(&file, &header, position);
            let mut others = Vec::new();
            let rest = &file[*end_bytes as usize..];
            resumed.push(rest, &mut |row| others.push(own(&row))).unwrap();
            resumed.finish(&mut |row| others.push(own(&row))).unwrap();
            prop_assert_eq!(&others[..], &rows[index + 1..]);
        }
    }

    #[test]
    fn reading_goes_on_at_the_position_after_any_byte(file in file()) {
        let rows = read(&file);
        let mut reader = RowReader::new(Kind::Purchases);
        for (index, byte) in file.iter().enumerate() {
            reader.push(&[*byte], &mut |_| ()).unwrap();
            let Some(header) = reader.header() else { continue };
            let position = reader.position();
            prop_assert!(position.bytes <= index as u64 + 1);
            let mut resumed = resume(&file, header, position);
            let mut others = Vec::new();
            resumed.push(&file[position.bytes as usize..], &mut |row| others.push(own(&row))).unwrap();
            resumed.finish(&mut |row| others.push(own(&row))).unwrap();
            prop_assert_eq!(&others[..], &rows[position.rows as usize..]);
        }
    }

    #[test]
    fn without_open_quotes_the_rows_are_those_of_the_csv_crate(rows in rows()) {
        // Encodings apart: this is about where rows and fields begin and end.
        let rows = String::from_utf8_lossy(&rows);
        let file = [HEADER, b"\n", rows.as_bytes()].concat();
        let mut expected = Vec::new();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .has_headers(false)
            .from_reader(&file[..]);
        for record in reader.byte_records().skip(1) {
            let record = record.unwrap();
            let text: Vec<String> =
                record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            if text.len() > 1 || text.iter().any(|field| !field.trim().is_empty()) {
                expected.push(text);
            }
        }
        let seen = read(&file);
        if seen.iter().any(|(_, _, seen)| matches!(seen, Seen::OpenQuote(..))) {
            return Ok(());
        }
        prop_assert_eq!(seen.len(), expected.len());
        for ((_, _, seen), expected) in seen.iter().zip(&expected) {
            match seen {
                Seen::Columns(_, fields) => prop_assert_eq!(&fields[..], &expected[..]),
                Seen::Line(_) => prop_assert!(expected.len() != 5),
                Seen::OpenQuote(..) | Seen::TooLong(..) => prop_assert!(false),
            }
        }
    }
}
