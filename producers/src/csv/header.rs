//! The header line: it decides the delimiter and tells where each known column stands.
//! Must not look at rows, nor at what stands before the header.

use super::encoding::decode_windows_1252;
use super::input::Input;
use super::preamble;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use goldstream_domain::bronze::ROW_BYTES_MAX;
use goldstream_domain::column::{COLUMNS, Column, Kind, Names};
use goldstream_domain::text::{harmless, trim};

/// Longest start of a file that is searched for its header line.
pub(super) const HEADER_BYTES_MAX: usize = ROW_BYTES_MAX;
/// How many of the names that were found an error repeats.
const SHOWN_NAMES_MAX: usize = 12;
/// How much of one such name.
const SHOWN_CHARS_MAX: usize = 40;
/// What may stand between two fields.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How the rows of one file are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What stands between two fields.
    pub(super) delimiter: u8,
    /// How many fields each row has, unknown columns included.
    pub(super) fields: usize,
    /// The place of each known column among the fields.
    pub(super) places: [usize; COLUMNS],
    /// In which language each known column is named.
    pub(super) names: Names,
}

/// Why a file cannot be read as one of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Known columns that the header does not name.
    #[error(
        "no header of a {kind} file: {missing} missing; found: {found}",
        kind = kind.name(),
        missing = both_names(missing),
        found = shown(found)
    )]
    MissingColumns {
        /// The kind of file that was expected.
        kind: Kind,
        /// The columns that are not there.
        missing: Vec<Column>,
        /// The names that are.
        found: Vec<String>,
    },
    /// A column that stands twice, under one name or under both.
    #[error("the header of a {kind} file names {column} twice; found: {found}",
        kind = kind.name(), column = both_names(&[*column]), found = shown(found))]
    RepeatedColumn {
        /// The kind of file that was expected.
        kind: Kind,
        /// The column.
        column: Column,
        /// All names of the header.
        found: Vec<String>,
    },
    /// No line end within the first 256 KiB.
    #[error("no header of a {} file: its first line is over {} KiB", kind.name(), HEADER_BYTES_MAX / 1024)]
    TooLong {
        /// The kind of file that was expected.
        kind: Kind,
    },
}

/// The first line that is not blank, under one delimiter.
enum FirstLine {
    /// Its end has not come yet, or there is none.
    Unfinished,
    /// Its names, and how many bytes of the file it ends after.
    Whole { names: Vec<String>, bytes: usize },
}

impl Header {
    /// Finds the header in the start of a file, and after how many bytes the rows begin.
    /// `None` where its line is not whole yet, or nothing but blank lines is there.
    ///
    /// # Errors
    /// [`HeaderError`] where the first line is no header of this kind.
    pub fn find(
        kind: Kind,
        start: &[u8],
        input: Input,
    ) -> Result<Option<(Self, usize)>, HeaderError> {
        let mut best: Option<(usize, HeaderError)> = None;
        let mut unfinished = false;
        let Some(preamble) = preamble::read(start, input) else {
            return if start.len() < HEADER_BYTES_MAX { Ok(None) } else { too_long(kind) };
        };
        let line = &start[preamble.bytes..];
        for delimiter in preamble.delimiter.into_iter().chain(DELIMITERS) {
            let FirstLine::Whole { names, bytes } = first_line(line, delimiter, input) else {
                unfinished = true;
                continue;
            };
            match Self::resolve(kind, delimiter, &names) {
                Ok(header) => return Ok(Some((header, preamble.bytes + bytes))),
                Err((known, error)) if best.as_ref().is_none_or(|(most, _)| known > *most) => {
                    best = Some((known, error));
                }
                Err(_) => {}
            }
        }
        // A quote that only one of the delimiters opens: its line may still become the header.
        let decided = !unfinished || input == Input::Ended;
        match best {
            Some((_, error)) if decided => Err(error),
            _ if start.len() >= HEADER_BYTES_MAX => too_long(kind),
            _ => Ok(None),
        }
    }

    /// Places the names; an error comes with the number of columns that were found.
    fn resolve(kind: Kind, delimiter: u8, found: &[String]) -> Result<Self, (usize, HeaderError)> {
        let mut places = [None; COLUMNS];
        let mut names = Names::default();
        let mut repeated = None;
        for (place, name) in found.iter().enumerate() {
            let Some((index, language)) = kind.find_column(&name.to_lowercase()) else { continue };
            if places[index].replace(place).is_some() {
                repeated = Some(kind.columns()[index]);
            }
            names.set(index, language);
        }
        let known = places.iter().flatten().count();
        if let Some(column) = repeated {
            let found = found.to_vec();
            return Err((known, HeaderError::RepeatedColumn { kind, column, found }));
        }
        if known < COLUMNS {
            let columns = kind.columns().iter().zip(places);
            let missing =
                columns.filter(|(_, place)| place.is_none()).map(|(column, _)| *column).collect();
            let found = found.to_vec();
            return Err((known, HeaderError::MissingColumns { kind, missing, found }));
        }
        let places = places.map(Option::unwrap_or_default);
        Ok(Self { delimiter, fields: found.len(), places, names })
    }

    /// The machine that splits this file's rows.
    pub(super) fn reader(&self) -> Reader {
        reader(self.delimiter)
    }
}

fn reader(delimiter: u8) -> Reader {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    restart(&mut reader);
    reader
}

/// Lets a machine take the next byte for the start of a row, wherever in the file it stands.
pub(super) fn restart(reader: &mut Reader) {
    reader.reset();
    // The machine drops a byte order mark from its first input, which is a field's text in the
    // middle of a file. An empty input at the start of a row changes nothing else.
    reader.read_record(&[], &mut [], &mut []);
}

fn too_long<T>(kind: Kind) -> Result<T, HeaderError> {
    Err(HeaderError::TooLong { kind })
}

fn first_line(start: &[u8], delimiter: u8, input: Input) -> FirstLine {
    let mut at = 0;
    let mut reader = reader(delimiter);
    let mut output = vec![0; start.len() + 1];
    let mut ends = vec![0; start.len() + 1];
    loop {
        let (mut result, nin, nout, mut nend) =
            reader.read_record(&start[at..], &mut output, &mut ends);
        at += nin;
        if result == ReadRecordResult::InputEmpty && input == Input::Ended {
            let last = reader.read_record(&[], &mut [], &mut ends[nend..]);
            result = last.0;
            nend += last.3;
        }
        if result != ReadRecordResult::Record {
            return FirstLine::Unfinished;
        }
        let names = names(&output[..nout], &ends[..nend]);
        if names.len() > 1 || names.iter().any(|name| !name.is_empty()) {
            let line_feed = start[..at].ends_with(b"\r") && start[at..].starts_with(b"\n");
            return FirstLine::Whole { names, bytes: at + usize::from(line_feed) };
        }
    }
}

fn names(output: &[u8], ends: &[usize]) -> Vec<String> {
    let mut begin = 0;
    let mut names = Vec::with_capacity(ends.len());
    for end in ends {
        let name = &output[begin..*end];
        begin = *end;
        let name = match std::str::from_utf8(name) {
            Ok(name) => trim(name).to_owned(),
            Err(_) => trim(&decode_windows_1252(name)).to_owned(),
        };
        names.push(name);
    }
    names
}

fn both_names(columns: &[Column]) -> String {
    let names: Vec<String> =
        columns.iter().map(|column| format!("{} ({})", column.french, column.english)).collect();
    names.join(", ")
}

/// The names as an error shows them: all of a usual header, the beginning of a freakish one.
fn shown(names: &[String]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(SHOWN_NAMES_MAX)
        .map(|name| match name.char_indices().nth(SHOWN_CHARS_MAX) {
            None => harmless(name),
            Some((end, _)) => format!("{}…", harmless(&name[..end])),
        })
        .collect();
    if names.len() > SHOWN_NAMES_MAX {
        shown.push(format!("and {} more", names.len() - SHOWN_NAMES_MAX));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Result<Option<(Header, usize)>, HeaderError> {
        Header::find(Kind::Purchases, text.as_bytes(), Input::Ended)
    }

    fn check(text: &str, delimiter: u8, fields: usize, places: [usize; COLUMNS], names: u8) {
        let expected = Header { delimiter, fields, places, names: Names(names) };
        assert_eq!(find(text), Ok(Some((expected, text.len()))), "{text:?}");
    }

    #[test]
    fn columns_are_found_in_any_order_language_case_and_quoting() {
        let french = "id_achat,id_client,date_achat,montant,produit";
        check(french, b',', 5, [0, 1, 2, 3, 4], 0);
        check(&french.replace(',', ";"), b';', 5, [0, 1, 2, 3, 4], 0);
        check(&format!("\u{feff}{french}\r\n"), b',', 5, [0, 1, 2, 3, 4], 0);
        check(&format!("\n  \n{french}\n"), b',', 5, [0, 1, 2, 3, 4], 0);
        let mixed = "produit,note,Montant , PURCHASED_AT,\"id_client\",purchase_id,";
        check(mixed, b',', 7, [5, 4, 3, 2, 0], 0b101);
        let english = "purchase_id;customer_id;purchased_at;amount;product;a,b\n";
        check(english, b';', 6, [0, 1, 2, 3, 4], 0b11111);
        let quoted = "\"Note\n(libre)\";id_achat;id_client;date_achat;montant;produit\n";
        check(quoted, b';', 6, [1, 2, 3, 4, 5], 0);
    }

    #[test]
    fn what_spreadsheets_and_exports_put_before_the_header_is_passed_over() {
        let with = |delimiter: &str| {
            ["id_achat", "id_client", "date_achat", "montant", "produit"].join(delimiter)
        };
        let places = [0, 1, 2, 3, 4];
        check(&with("\t"), b'\t', 5, places, 0);
        check(&with("|"), b'|', 5, places, 0);
        check(&format!("sep=;\r\n{}\r\n", with(";")), b';', 5, places, 0);
        check(&format!("\u{feff}\"sep=|\"\n{}\n", with("|")), b'|', 5, places, 0);
        check(&format!("\u{feff}\u{feff}{}\n", with(",")), b',', 5, places, 0);
        check(&format!("# shop, 2024\n\n#\n{}", with(",")), b',', 5, places, 0);
        // A delimiter that is named and not used.
        check(&format!("sep=,\n{}", with(";")), b';', 5, places, 0);
    }

    #[test]
    fn what_may_become_a_line_before_the_header_is_waited_for() {
        let open = |text: &[u8]| Header::find(Kind::Purchases, text, Input::Open);
        for text in ["\u{feff}", "se", "sep=;", "# note", "sep=;\r\n# note\n\u{feff}"] {
            assert_eq!(open(text.as_bytes()), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_missing_column_is_named_in_both_languages_with_what_was_found() {
        let error = find("id_achat;Client;date_achat;montant\n1;2;3;4\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no header of a purchases file: id_client (customer_id), produit (product) missing; \
             found: id_achat, Client, date_achat, montant"
        );
    }

    #[test]
    fn a_column_that_stands_twice_is_an_error_under_one_name_or_both() {
        for twice in ["montant", "AMOUNT"] {
            let header = format!("id_achat,id_client,date_achat,montant,produit,{twice}");
            let error = find(&header).unwrap_err();
            assert!(error.to_string().contains("names montant (amount) twice"), "{error}");
        }
    }

    #[test]
    fn nothing_but_blank_lines_is_no_header_and_no_error() {
        for text in ["", "\u{feff}", "\n\r\n\r", "  \n\t\n", "\u{feff}\n"] {
            assert_eq!(find(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn an_unfinished_line_waits_until_the_limit() {
        let open = |text: &[u8]| Header::find(Kind::Purchases, text, Input::Open);
        assert_eq!(open(b"id_achat,id_client,date_achat,montant,produit"), Ok(None));
        assert_eq!(open(b"id_achat,\"id_client\n"), Ok(None));
        let long = vec![b'x'; HEADER_BYTES_MAX];
        assert_eq!(open(&long), Err(HeaderError::TooLong { kind: Kind::Purchases }));
    }

    #[test]
    fn a_freakish_header_gives_a_short_error() {
        let name = "é".repeat(1000);
        let error = find(&[name.as_str(); 100].join(",")).unwrap_err();
        assert!(error.to_string().ends_with("…, and 88 more"), "{error}");
        assert!(error.to_string().len() < 2000, "{error}");
    }
}
