//! The text of one row: UTF-8 where it is, Windows-1252 where it is not, and never too long.
//! Must not split rows, and must not change valid text.

use super::header::Header;
use encoding_rs::WINDOWS_1252;
use goldstream_domain::bronze::{BronzeRow, ROW_BYTES_MAX};
use goldstream_domain::column::COLUMNS;
use std::borrow::Cow;

/// One row as it was split.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The row's bytes without its line end, at most [`ROW_BYTES_MAX`].
    pub(super) raw: &'a [u8],
    /// How many bytes it really has.
    pub(super) raw_bytes: u64,
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

impl Scratch {
    /// The row as bronze; `None` where it is a blank line.
    pub(super) fn content<'a>(
        &'a mut self,
        record: Record<'a>,
        header: &Header,
    ) -> Option<BronzeRow<'a>> {
        if record.raw_bytes > ROW_BYTES_MAX as u64 {
            return Some(BronzeRow::Line(self.cut_line(record.raw)));
        }
        if record.ends.len() == header.fields {
            if let Some(text) = valid_text(record)
                && let Some(row) = columns(text, record.ends, header)
            {
                return Some(row);
            }
            return Some(self.columns_windows_1252(record, header));
        }
        if record.ends.len() == 1 && is_blank(record.output) {
            return None;
        }
        Some(BronzeRow::Line(match std::str::from_utf8(record.raw) {
            Ok(text) => text,
            Err(_) => self.decode_line(record.raw),
        }))
    }

    fn columns_windows_1252(&mut self, record: Record<'_>, header: &Header) -> BronzeRow<'_> {
        self.text.clear();
        self.ends.clear();
        let mut begin = 0;
        for end in record.ends {
            self.text.push_str(&decode_windows_1252(&record.output[begin..*end]));
            self.ends.push(self.text.len());
            begin = *end;
        }
        // Decoding makes text longer; beyond the limit it is a line as any other.
        if self.text.len() > ROW_BYTES_MAX {
            return BronzeRow::Line(self.cut_line(record.raw));
        }
        match columns(&self.text, &self.ends, header) {
            Some(row) => row,
            None => BronzeRow::Line(&self.text),
        }
    }

    /// The line from its Windows-1252 bytes, at most [`ROW_BYTES_MAX`] long.
    fn decode_line(&mut self, raw: &[u8]) -> &str {
        self.text.clear();
        self.text.push_str(&decode_windows_1252(raw));
        self.text.truncate(self.text.floor_char_boundary(ROW_BYTES_MAX));
        &self.text
    }

    /// The beginning of a line that is too long, exactly [`ROW_BYTES_MAX`] long: that length is
    /// how the domain knows it. Spaces stand for a character that the cut would split.
    fn cut_line(&mut self, raw: &[u8]) -> &str {
        match std::str::from_utf8(raw) {
            Ok(text) => text.clone_into(&mut self.text),
            Err(error) if error.error_len().is_none() => {
                let whole = String::from_utf8_lossy(&raw[..error.valid_up_to()]);
                whole.as_ref().clone_into(&mut self.text);
            }
            Err(_) => {
                self.decode_line(raw);
            }
        }
        self.text.extend(std::iter::repeat_n(' ', ROW_BYTES_MAX.saturating_sub(self.text.len())));
        &self.text
    }
}

/// Bytes read as Windows-1252, which every byte sequence is.
pub(super) fn decode_windows_1252(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

fn is_blank(field: &[u8]) -> bool {
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

    /// What a row made of these bytes and a short row behind it say.
    fn check(long: &[u8], expected: &str) {
        let text = [HEADER, long, b"\n1,2,3,4,5\n"].concat();
        let mut lines = Vec::new();
        read_all(&text, &mut |row| lines.push(Seen::from(&row.content)));
        assert_eq!(lines.len(), 2);
        let Seen::Line(line) = &lines[0] else { panic!("not a line") };
        assert!(line.starts_with(expected) && line.len() == ROW_BYTES_MAX);
        let error = BronzeRow::Line(line).fields(Kind::Purchases).unwrap_err();
        assert!(error.contains("256 KiB"), "{error}");
    }

    #[test]
    fn a_row_over_the_limit_is_cut_to_it_and_known_as_too_long() {
        check(&b"x".repeat(ROW_BYTES_MAX + 1), "xxx");
        check(&b"1,2,3,4,".repeat(ROW_BYTES_MAX), "1,2,3,4,1,");
        check("a€".repeat(ROW_BYTES_MAX).as_bytes(), "a€a€");
        check("€".repeat(ROW_BYTES_MAX).as_bytes(), "€€");
        check(&b"\xe9,".repeat(ROW_BYTES_MAX), "é,é,");
        check(&[b"\"".as_slice(), &b"a\n".repeat(ROW_BYTES_MAX), b"\""].concat(), "\"a\na");
    }

    #[test]
    fn a_row_of_just_the_limit_is_a_row() {
        let long = format!("1,2,3,4,{}", "x".repeat(ROW_BYTES_MAX - 8));
        let text = [HEADER, long.as_bytes(), b"\r\n"].concat();
        let mut products = Vec::new();
        read_all(&text, &mut |row| match Seen::from(&row.content) {
            Seen::Columns(_, fields) => products.push(fields[4].len()),
            Seen::Line(line) => panic!("{} bytes", line.len()),
        });
        assert_eq!(products, [ROW_BYTES_MAX - 8]);
    }

    #[test]
    fn a_row_that_decoding_makes_too_long_is_cut_too() {
        let long = [b"1,2,3,4,".as_slice(), &b"\x80".repeat(ROW_BYTES_MAX - 8)].concat();
        check(&long, "1,2,3,4,€€");
    }

    #[test]
    fn a_quote_that_is_never_closed_keeps_only_the_beginning() {
        let mut reader = super::super::RowReader::new(Kind::Purchases);
        let mut lines = Vec::new();
        reader.push(HEADER, &mut |_| ()).unwrap();
        reader.push(b"1,\"", &mut |_| ()).unwrap();
        for _ in 0..100 {
            reader.push(&b"1,2,3,4,5\n".repeat(10_000), &mut |_| ()).unwrap();
        }
        reader.finish(&mut |row| lines.push(Seen::from(&row.content))).unwrap();
        let [Seen::Line(line)] = &lines[..] else { panic!("{} rows", lines.len()) };
        assert_eq!(line.len(), ROW_BYTES_MAX);
        assert_eq!(reader.position().bytes, HEADER.len() as u64 + 3 + 10_000_000);
    }
}
