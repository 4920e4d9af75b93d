//! The reader that is given bytes and gives rows, and knows where it stands.
//! Must not read files: whoever pushes the bytes does.

use super::header::{HEADER_BYTES_MAX, Header, HeaderError, Input};
use super::record::Splitter;
use super::text::Scratch;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// 1 for the first; header and blank lines are not counted.
    pub number: u64,
    /// Byte offset in the file right after the row and its line end.
    pub end_bytes: u64,
    /// What it says.
    pub content: BronzeRow<'a>,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Rows that came out.
    pub rows: u64,
    /// Byte offset right after the last of them, its line end included; after the header where
    /// there was none yet, 0 before the header.
    pub bytes: u64,
}

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

    /// Goes on in the middle of a file whose next byte is the one at `position.bytes`.
    #[must_use]
    pub fn resume(kind: Kind, header: Header, position: Position) -> Self {
        Self { kind, start: Vec::new(), body: Some(Body::new(header, position)) }
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
        self.body.as_ref().map_or_else(Position::default, |body| body.position)
    }

    /// Whether the last row came from [`Self::finish`] and had no line end: where the file grows
    /// later, its next bytes belong to that row.
    #[must_use]
    pub fn ended_unfinished(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.ended_unfinished)
    }

    /// The header, once its line is whole.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.body.as_ref().map(|body| &body.header)
    }

    /// Looks for the header in the bytes so far, and reads the rows behind it.
    fn begin(&mut self, input: Input, sink: &mut impl FnMut(Row<'_>)) -> Result<bool, HeaderError> {
        let Some((header, bytes)) = Header::find(self.kind, &self.start, input)? else {
            return Ok(false);
        };
        let (line, rows) = self.start.split_at(bytes);
        let mut body = Body::new(header, Position { rows: 0, bytes: bytes as u64 });
        body.expects_line_feed = line.ends_with(b"\r");
        body.push(rows, sink);
        self.body = Some(body);
        self.start = Vec::new();
        Ok(true)
    }
}

/// The reader behind the header.
struct Body {
    header: Header,
    splitter: Splitter,
    scratch: Scratch,
    /// Byte offset of the next byte that is pushed.
    read_bytes: u64,
    position: Position,
    /// The last byte read was the `\r` that ended the row of `position`: a `\n` belongs to it.
    expects_line_feed: bool,
    ended_unfinished: bool,
}

impl Body {
    fn new(header: Header, position: Position) -> Self {
        Self {
            splitter: Splitter::new(&header),
            header,
            scratch: Scratch::default(),
            read_bytes: position.bytes,
            position,
            expects_line_feed: false,
            ended_unfinished: false,
        }
    }

    fn push(&mut self, mut bytes: &[u8], sink: &mut impl FnMut(Row<'_>)) {
        loop {
            if self.splitter.is_between_rows() {
                bytes = self.skip_line_ends(bytes);
            }
            if bytes.is_empty() {
                return;
            }
            let (read, ended) = self.splitter.read(bytes);
            let (row, rest) = bytes.split_at(read);
            self.read_bytes += read as u64;
            bytes = rest;
            if !ended {
                self.splitter.keep(row);
                return;
            }
            self.expects_line_feed = row.ends_with(b"\r");
            if self.expects_line_feed && bytes.starts_with(b"\n") {
                self.expects_line_feed = false;
                self.read_bytes += 1;
                bytes = &bytes[1..];
            }
            self.emit(row, 1, sink);
        }
    }

    fn finish(&mut self, sink: &mut impl FnMut(Row<'_>)) {
        if self.splitter.is_between_rows() {
            return;
        }
        let rows = self.position.rows;
        if self.splitter.read(&[]).1 {
            self.emit(&[], 0, sink);
        }
        self.ended_unfinished = self.position.rows > rows;
    }

    /// Blank lines, of which there may be any number, never wait in the splitter.
    #[inline]
    fn skip_line_ends<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if count == 0 {
            return bytes;
        }
        if self.expects_line_feed && bytes[0] == b'\n' {
            self.position.bytes += 1;
        }
        self.expects_line_feed = false;
        self.read_bytes += count as u64;
        &bytes[count..]
    }

    /// Gives the row that just ended, unless it is blank.
    #[inline]
    fn emit(&mut self, bytes: &[u8], line_end_bytes: u64, sink: &mut impl FnMut(Row<'_>)) {
        let record = self.splitter.record(bytes, line_end_bytes);
        match self.scratch.content(record, &self.header) {
            Some(content) => {
                self.position = Position { rows: self.position.rows + 1, bytes: self.read_bytes };
                let Position { rows: number, bytes: end_bytes } = self.position;
                sink(Row { number, end_bytes, content });
            }
            // A blank line is no part of the position, so neither is the `\n` that may follow it.
            None => self.expects_line_feed = false,
        }
        self.splitter.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seen, line, read, read_all, row};
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
        check("1,2,3,4,\"5\n6", &[row(["1", "2", "3", "4", "5\n6"])]);
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
        let rows = "\n1,2,3,4,5\n  \n\t\r\n\"\"\n\u{a0}\n6,7,8,9,0\n \n";
        let text = format!("\u{feff}\r\n{HEADER}{rows}");
        read_all(text.as_bytes(), &mut |row| numbers.push(row.number));
        assert_eq!(numbers, [1, 2]);
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
