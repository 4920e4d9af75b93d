//! The text of one row: UTF-8 where it is, Windows-1252 where it is not, and never too long.
//! Must not split rows, and must not change valid text.

use super::encoding::decode_windows_1252;
use super::header::Header;
use goldstream_domain::bronze::{BronzeRow, ROW_BYTES_MAX};
use goldstream_domain::column::COLUMNS;

/// How much is kept of a line that is too long: enough to know it by.
pub(super) const LONG_LINE_KEPT_BYTES: usize = 1024;

/// One row as it was split.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The row's bytes without its line end, at most [`ROW_BYTES_MAX`].
    pub(super) raw: &'a [u8],
    /// How many bytes it takes, the first of its line end included.
    pub(super) taken: usize,
    /// Over how many lines it goes.
    pub(super) lines: u64,
    /// The text of all fields, one after the other, quoting undone.
    pub(super) output: &'a [u8],
    /// Where each field ends in it.
    pub(super) ends: &'a [usize],
}

/// Room for the text that has to be rewritten; reused from row to row.
#[derive(Default)]
pub(super) struct Scratch {
    text: String,
    ends: Vec<usize>,
}

/// What a row says.
pub(super) enum Content<'a> {
    Row(BronzeRow<'a>),
    /// A blank line is no row.
    Blank,
    /// Decoding made it longer than a row may be: its beginning.
    TooLong(&'a str),
}

impl Scratch {
    /// The row as bronze.
    pub(super) fn content<'a>(&'a mut self, record: Record<'a>, header: &Header) -> Content<'a> {
        if record.ends.len() == header.fields {
            if let Some(text) = valid_text(record)
                && let Some(row) = columns(text, record.ends, header)
            {
                return Content::Row(row);
            }
            return self.columns_windows_1252(record, header);
        }
        if record.ends.len() == 1 && is_blank(record.output) {
            return Content::Blank;
        }
        Content::Row(BronzeRow::Line(match std::str::from_utf8(record.raw) {
            Ok(text) => text,
            Err(_) => self.line(record.raw),
        }))
    }

    fn columns_windows_1252(&mut self, record: Record<'_>, header: &Header) -> Content<'_> {
        self.text.clear();
        self.ends.clear();
        let mut begin = 0;
        for end in record.ends {
            self.text.push_str(&decode_windows_1252(&record.output[begin..*end]));
            self.ends.push(self.text.len());
            begin = *end;
        }
        if self.text.len() > ROW_BYTES_MAX {
            return Content::TooLong(self.line(&record.raw[..LONG_LINE_KEPT_BYTES]));
        }
        Content::Row(match columns(&self.text, &self.ends, header) {
            Some(row) => row,
            None => BronzeRow::Line(&self.text),
        })
    }

    /// The text of a line, or of the beginning of one, at most [`ROW_BYTES_MAX`] long.
    pub(super) fn line(&mut self, raw: &[u8]) -> &str {
        self.text.clear();
        match std::str::from_utf8(raw) {
            Ok(text) => self.text.push_str(text),
            // Cut within a character.
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
                self.text.push_str(&String::from_utf8_lossy(&raw[..error.valid_up_to()]));
            }
            Err(_) => self.text.push_str(&decode_windows_1252(raw)),
        }
        self.text.truncate(self.text.floor_char_boundary(ROW_BYTES_MAX));
        &self.text
    }
}

pub(super) fn is_blank(field: &[u8]) -> bool {
    match std::str::from_utf8(field) {
        Ok(text) => text.trim().is_empty(),
        Err(_) => decode_windows_1252(field).trim().is_empty(),
    }
}

/// The text of all fields where the row is valid UTF-8 as a whole.
fn valid_text(record: Record<'_>) -> Option<&str> {
    let text = std::str::from_utf8(record.output).ok()?;
    // Undone quoting may have joined two halves into a character that the file has not.
    let unquoted_bytes = record.output.len() + record.ends.len() - 1;
    if unquoted_bytes != record.raw.len() {
        std::str::from_utf8(record.raw).ok()?;
    }
    Some(text)
}

/// The known columns; `None` where a field begins inside a character of the joined text.
fn columns<'a>(text: &'a str, ends: &[usize], header: &Header) -> Option<BronzeRow<'a>> {
    if !ends.iter().all(|end| text.is_char_boundary(*end)) {
        return None;
    }
    let mut fields = [""; COLUMNS];
    for (field, place) in fields.iter_mut().zip(header.places) {
        let begin = place.checked_sub(1).map_or(0, |before| ends[before]);
        *field = text.get(begin..ends[place])?;
    }
    Some(BronzeRow::Columns { names: header.names, fields })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seen, read_all};
    use super::*;
    use goldstream_domain::column::Kind;

    const HEADER: &[u8] = b"id_achat,id_client,date_achat,montant,produit\n";

    /// A line that is too long keeps its beginning and says where it stands; the row behind it is read.
    fn check(long: &[u8], expected: &str) {
        for line_end in ["\n", "\r\n"] {
            let text = [HEADER, long, line_end.as_bytes(), b"1,2,3,4,5\n"].concat();
            let mut seen = Vec::new();
            read_all(&text, &mut |row| seen.push(Seen::from(&row.content)));
            let [Seen::TooLong(2, range, line), Seen::Columns(..)] = &seen[..] else {
                panic!("{} rows", seen.len())
            };
            assert_eq!(*range, (HEADER.len() as u64, (HEADER.len() + long.len()) as u64));
            let lengths = LONG_LINE_KEPT_BYTES - 3..=LONG_LINE_KEPT_BYTES * 3;
            assert!(line.starts_with(expected) && lengths.contains(&line.len()), "{}", line.len());
        }
    }

    #[test]
    fn of_a_line_over_the_limit_the_beginning_is_kept_and_its_place_named() {
        check(&b"x".repeat(ROW_BYTES_MAX + 1), "xxx");
        check(&b"1,2,3,4,".repeat(ROW_BYTES_MAX), "1,2,3,4,1,");
        check("a€".repeat(ROW_BYTES_MAX).as_bytes(), "a€a€");
        check("€".repeat(ROW_BYTES_MAX).as_bytes(), "€€");
        check(&b"\xe9,".repeat(ROW_BYTES_MAX), "é,é,");
        check(&[b"1,\"".as_slice(), &b"a".repeat(ROW_BYTES_MAX), b"\",3,4,5"].concat(), "1,\"aa");
    }

    #[test]
    fn a_row_of_just_the_limit_is_a_row() {
        let long = format!("1,2,3,4,{}", "x".repeat(ROW_BYTES_MAX - 8));
        let text = [HEADER, long.as_bytes(), b"\r\n"].concat();
        let mut products = Vec::new();
        read_all(&text, &mut |row| match Seen::from(&row.content) {
            Seen::Columns(_, fields) => products.push(fields[4].len()),
            other => panic!("{other:?}"),
        });
        assert_eq!(products, [ROW_BYTES_MAX - 8]);
    }

    #[test]
    fn a_row_that_decoding_makes_too_long_is_cut_too() {
        let long = [b"1,2,3,4,".as_slice(), &b"\x80".repeat(ROW_BYTES_MAX - 8)].concat();
        check(&long, "1,2,3,4,€€");
    }

    #[test]
    fn a_quote_is_not_waited_for_beyond_the_limit_of_a_row() {
        let mut reader = super::super::RowReader::new(Kind::Purchases);
        let mut seen = Vec::new();
        let mut sink = |row: super::super::Row<'_>| seen.push(Seen::from(&row.content));
        reader.push(HEADER, &mut sink).unwrap();
        reader.push(b"1,\"\n", &mut sink).unwrap();
        for _ in 0..100 {
            reader.push(&b"words without end\n".repeat(1_000), &mut sink).unwrap();
        }
        // No end of the input, nor any row, has told what it is.
        assert_eq!(seen[0], Seen::OpenQuote(2, "1,\"".to_owned()));
        assert_eq!(seen.len(), 100_001);
    }
}
