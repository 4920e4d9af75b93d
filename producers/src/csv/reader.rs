//! The reader that is given bytes and gives rows, and knows where it stands.
//! Must not read files: whoever pushes the bytes does.

use super::body::Body;
use super::header::{HEADER_BYTES_MAX, Header, HeaderError};
use super::input::Input;
use super::lines::LineCount;
use super::row::{OpenRow, Position, Row};
use goldstream_domain::column::Kind;

/// Reads one file of one kind.
pub struct RowReader {
    kind: Kind,
    /// The bytes so far, while the header line is not whole.
    start: Vec<u8>,
    body: Option<Body>,
}

impl RowReader {
    /// Begins at the start of a file.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, start: Vec::new(), body: None }
    }

    /// Goes on in the middle of a file whose next byte is the one at `position.bytes`, behind so many lines.
    #[must_use]
    pub fn resume(kind: Kind, header: Header, position: Position, lines: LineCount) -> Self {
        Self { kind, start: Vec::new(), body: Some(Body::new(kind, header, position, lines)) }
    }

    /// Takes the next bytes and gives every row that ends in them.
    ///
    /// # Errors
    /// [`HeaderError`]; no row comes out then, now or later.
    pub fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(Row<'_>),
    ) -> Result<(), HeaderError> {
        if let Some(body) = &mut self.body {
            body.push(bytes, sink);
            return Ok(());
        }
        let room = HEADER_BYTES_MAX.saturating_sub(self.start.len());
        let (taken, rest) = bytes.split_at(bytes.len().min(room));
        self.start.extend_from_slice(taken);
        // Only a line end, or the limit, can make the header whole.
        if rest.is_empty() && memchr::memchr2(b'\n', b'\r', taken).is_none() {
            return Ok(());
        }
        if self.begin(Input::Open, sink)?
            && let Some(body) = &mut self.body
        {
            body.push(rest, sink);
        }
        Ok(())
    }

    /// The end of the input has stood still for a while: a quote that is open over a line end is
    /// not waited for any longer. An unfinished last line still is.
    pub fn stand_still(&mut self, sink: &mut impl FnMut(Row<'_>)) {
        if let Some(body) = &mut self.body {
            body.settle(Input::Still, sink);
        }
    }

    /// Ends the input: a last line without its end is a row now. Nothing is pushed afterwards.
    ///
    /// # Errors
    /// [`HeaderError`] where the whole file was one unfinished line that is no header.
    pub fn finish(&mut self, sink: &mut impl FnMut(Row<'_>)) -> Result<(), HeaderError> {
        if self.body.is_none() && !self.begin(Input::Ended, sink)? {
            return Ok(());
        }
        if let Some(body) = &mut self.body {
            body.finish(sink);
        }
        Ok(())
    }

    /// How far the rows that came out reach.
    #[must_use]
    pub fn position(&self) -> Position {
        self.body.as_ref().map_or_else(Position::default, Body::position)
    }

    /// Whether the last row came from [`Self::finish`] and had no line end: where the file grows
    /// later, its next bytes belong to that row.
    #[must_use]
    pub fn ended_unfinished(&self) -> bool {
        self.body.as_ref().is_some_and(Body::ended_unfinished)
    }

    /// Bytes that wait for what follows them: no row has come of them yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        self.body.as_ref().map_or(self.start.len() as u64, Body::waiting_bytes)
    }

    /// The row that waits for the end of an open quote, if one does.
    #[must_use]
    pub fn open_row(&self) -> Option<OpenRow> {
        self.body.as_ref().and_then(Body::open_row)
    }

    /// The header, once its line is whole.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.body.as_ref().map(Body::header)
    }

    /// Looks for the header in the bytes so far, and reads the rows behind it.
    fn begin(&mut self, input: Input, sink: &mut impl FnMut(Row<'_>)) -> Result<bool, HeaderError> {
        let Some((header, bytes)) = Header::find(self.kind, &self.start, input)? else {
            return Ok(false);
        };
        let (head, rows) = self.start.split_at(bytes);
        let mut body = Body::behind(self.kind, header, head);
        body.push(rows, sink);
        self.body = Some(body);
        self.start = Vec::new();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seen, line, open_quote, read, read_all, row};
    use super::*;

    const HEADER: &str = "id_achat,id_client,date_achat,montant,produit\n";

    /// What the rows under the usual header say.
    fn check(rows: &str, expected: &[Seen]) {
        let seen = read(&format!("{HEADER}{rows}"));
        assert_eq!(seen, expected, "{rows:?}");
    }

    #[test]
    fn rows_end_with_any_line_end_and_the_last_without() {
        let expected = [row(["1", "2", "3", "4", "5"]), row(["a", "", "c", "", "é"])];
        check("1,2,3,4,5\na,,c,,é\n", &expected);
        check("1,2,3,4,5\r\na,,c,,é\r\n", &expected);
        check("1,2,3,4,5\ra,,c,,é", &expected);
    }

    #[test]
    fn quotes_hold_delimiters_line_ends_and_doubled_quotes() {
        check(
            "1,\"a,b\",\"c\r\nd\",\"say \"\"e\"\"\",\"\"\n",
            &[row(["1", "a,b", "c\r\nd", "say \"e\"", ""])],
        );
        check("1,2\"x\",3,4,5\n", &[row(["1", "2\"x\"", "3", "4", "5"])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line_and_no_other() {
        let good = |id| row([id, "7", "2024-03-01", "5", "Pen"]);
        check("1,2,3,4,\"5\n6", &[open_quote(2, "1,2,3,4,\"5"), line("6")]);
        check("1,2,3,4,\"5\r\n\r\n6\r\n", &[open_quote(2, "1,2,3,4,\"5"), line("6")]);
        check("\n1,\"2", &[open_quote(3, "1,\"2")]);
        // Rows follow, and no other quote does.
        let follow = "3,7,2024-03-01,5,Pen\n4,7,2024-03-01,5,Pen\n";
        let stray = "2,7,2024-03-01,5,\"17 inch";
        let expected = [open_quote(2, stray), good("3"), good("4")];
        check(&format!("{stray}\n{follow}"), &expected);
        // Another stray quote balances it, far away, at a line's end, or in the next line.
        for (other, is) in [
            ("5,7,2024-03-01,5,\"19 inch", open_quote(5, "5,7,2024-03-01,5,\"19 inch")),
            ("5,7,2024-03-01,5,19\"", row(["5", "7", "2024-03-01", "5", "19\""])),
            ("5,7,2024-03-01,5,a \"b\" c", row(["5", "7", "2024-03-01", "5", "a \"b\" c"])),
        ] {
            let expected = [open_quote(2, stray), good("3"), good("4"), is.clone()];
            check(&format!("{stray}\n{follow}{other}\n"), &expected);
            let Seen::OpenQuote(..) = &is else { continue };
            let is = open_quote(3, other);
            check(&format!("{stray}\n{other}\n"), &[open_quote(2, stray), is]);
        }
    }

    #[test]
    fn a_backslash_before_a_quote_swallows_nothing() {
        let good = row(["3", "7", "2024-03-01", "5", "Pen"]);
        let escaped = r#"2,7,2024-03-01,5,"17\"""#;
        let rest = "3,7,2024-03-01,5,Pen\n";
        check(&format!("{escaped}\n{rest}"), &[open_quote(2, escaped), good]);
    }

    #[test]
    fn line_breaks_in_a_field_are_its_text() {
        let address = "\"12, rue Haute\r\nBât. A, 3e, 75003 Paris\n\nFrance\"";
        let text = format!(
            "id_client,nom,email,date_inscription,pays,adresse\n7,É,a@b,,France,{address}\n"
        );
        let mut reader = RowReader::new(Kind::Customers);
        let mut seen = Vec::new();
        reader.push(text.as_bytes(), &mut |row| seen.push(Seen::from(&row.content))).unwrap();
        reader.finish(&mut |row| seen.push(Seen::from(&row.content))).unwrap();
        assert_eq!(seen, [row(["7", "É", "a@b", "", "France"])]);
        check("1,2,\"3\n4\"\n", &[line("1,2,\"3\n4\"")]);
        check("\"a\"\"\n\"\"b\",2,3,4,5\n", &[row(["a\"\n\"b", "2", "3", "4", "5"])]);
    }

    #[test]
    fn an_open_quote_waits_for_more_until_the_end_of_the_file_stands_still() {
        let mut reader = RowReader::new(Kind::Purchases);
        let mut seen = Vec::new();
        let text = format!("{HEADER}1,2,3,4,\"a\nb\n6,7");
        reader.push(text.as_bytes(), &mut |row| seen.push(Seen::from(&row.content))).unwrap();
        assert_eq!(reader.open_row(), Some(OpenRow { line: 2, bytes: 16 }));
        assert_eq!(reader.position().rows, 0);
        reader.stand_still(&mut |row| seen.push(Seen::from(&row.content)));
        assert_eq!(seen, [open_quote(2, "1,2,3,4,\"a"), line("b")]);
        assert_eq!(reader.open_row(), None);
        reader.push(b",8,9,0\n", &mut |row| seen.push(Seen::from(&row.content))).unwrap();
        assert_eq!(seen[2..], [row(["6", "7", "8", "9", "0"])]);
    }

    #[test]
    fn columns_come_in_canonical_order_and_others_are_dropped() {
        let text = "product;note;amount;purchased_at;customer_id;purchase_id\n5;x;4;3;2;1\n";
        let seen = read(text);
        assert_eq!(seen, [Seen::Columns(0b11111, ["1", "2", "3", "4", "5"].map(str::to_owned))]);
    }

    #[test]
    fn blank_lines_are_skipped_and_not_numbered() {
        let mut numbers = Vec::new();
        let rows = "\n1,2,3,4,5\n  \n\t\r\n\"\"\n\u{a0}\n6,7,8,9,\"\n0\"\n \n7,\"\n8,9,0,1";
        let text = format!("\u{feff}\r\n{HEADER}{rows}");
        read_all(text.as_bytes(), &mut |row| numbers.push((row.number, row.line)));
        assert_eq!(numbers, [(1, 4), (2, 9), (3, 12), (4, 13)]);
    }

    #[test]
    fn another_number_of_fields_is_a_line_as_it_stood() {
        check("1,2,\"3\"\r\n", &[line("1,2,\"3\"")]);
        check("1,2,3,4,5,\n\"x\"", &[line("1,2,3,4,5,"), line("\"x\"")]);
        let many = ",".repeat(1000);
        check(&format!("{many}\n1,2,3,4,5"), &[line(&many), row(["1", "2", "3", "4", "5"])]);
    }

    #[test]
    fn a_row_that_is_not_utf8_is_windows_1252_as_a_whole() {
        let mut text = HEADER.as_bytes().to_vec();
        text.extend_from_slice(b"1,\xc9cran,\x80,4,\xc3\xa9\n1,\xc3\xa9,3,4,5\n\xe9,2\n");
        // Halves that a delimiter or a quote keeps apart are no character.
        text.extend_from_slice(b"\xc3,\xa9,3,4,5\n\"\xc3\"\xa9,2,3,4,5\n");
        let mut seen = Vec::new();
        read_all(&text, &mut |row| seen.push(Seen::from(&row.content)));
        let expected = [
            row(["1", "Écran", "€", "4", "Ã©"]),
            row(["1", "é", "3", "4", "5"]),
            line("é,2"),
            row(["Ã", "©", "3", "4", "5"]),
            row(["Ã©", "2", "3", "4", "5"]),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn an_empty_file_has_no_rows_and_a_wrong_one_says_so() {
        for text in ["", "\u{feff}", "\n\n"] {
            assert_eq!(read(text), []);
        }
        let mut reader = RowReader::new(Kind::Purchases);
        assert_eq!(reader.push(b"nom,email", &mut |_| ()), Ok(()));
        assert!(reader.finish(&mut |_| ()).is_err());
    }

    #[test]
    fn an_unfinished_row_waits_for_its_end_or_for_the_end_of_the_input() {
        let mut reader = RowReader::new(Kind::Purchases);
        let mut count = 0;
        let text = format!("{HEADER}1,2,3,4,5\n6,7,8,9,0");
        reader.push(text.as_bytes(), &mut |_| count += 1).unwrap();
        let whole_bytes = text.len() as u64 - 9;
        assert_eq!(reader.position(), Position { rows: 1, bytes: whole_bytes });
        assert!(!reader.ended_unfinished());
        reader.finish(&mut |_| count += 1).unwrap();
        assert_eq!((count, reader.position().bytes), (2, text.len() as u64));
        assert!(reader.ended_unfinished());
    }

    #[test]
    fn a_carriage_return_and_its_line_feed_may_come_apart() {
        let mut reader = RowReader::new(Kind::Purchases);
        let text = HEADER.replace('\n', "\r\n") + "1,2,3,4,5\r\n";
        for byte in text.as_bytes() {
            reader.push(&[*byte], &mut |_| ()).unwrap();
        }
        assert_eq!(reader.position(), Position { rows: 1, bytes: text.len() as u64 });
    }
}
