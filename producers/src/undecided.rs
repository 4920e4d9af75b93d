//! What a file never decides: whether 03/04/2024 is in March or in April, whether 1,234 is a thousand or a bit over
//! one. The rules read each in one way, always; where no row of the file says that this is meant, a person is told.

use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_domain::moment::Moment;

/// What the rows of one file say of how they are written.
#[derive(Debug, Default)]
pub(crate) struct Undecided {
    dates: Dates,
    /// With a comma, and with a point.
    amounts: [Amounts; 2],
}

#[derive(Debug, Default)]
struct Dates {
    /// Such as 03/04/2024.
    both_ways: Option<Seen>,
    /// Such as 31/12/2024.
    day_first: Option<Seen>,
    /// Such as 12/31/2024.
    month_first: Option<Seen>,
}

/// Amounts with one sign, a comma or a point.
#[derive(Debug, Default)]
struct Amounts {
    /// Such as 1,234.
    both_ways: Option<Seen>,
    /// Such as 12,50 or 0,125: it is the decimal sign.
    decimal: Option<Seen>,
    /// Such as 1,234.50 or 1,234,567: it stands between thousands.
    grouped: Option<Seen>,
}

/// The first row of its kind, and how many there are.
#[derive(Debug)]
struct Seen {
    line: u64,
    text: String,
    count: u64,
}

fn note(seen: &mut Option<Seen>, line: u64, text: &str) {
    match seen {
        Some(seen) => seen.count += 1,
        None => *seen = Some(Seen { line, text: text.to_owned(), count: 1 }),
    }
}

impl Undecided {
    /// Looks at a row.
    #[inline]
    pub(crate) fn take(&mut self, kind: Kind, line: u64, row: &BronzeRow<'_>) {
        let BronzeRow::Columns { fields: [_, _, third, fourth, _], .. } = row else { return };
        match kind {
            Kind::Customers => self.dates.take(line, fourth.trim()),
            Kind::Purchases => {
                self.dates.take(line, third.trim());
                self.take_amount(line, fourth.trim());
            }
        }
    }

    fn take_amount(&mut self, line: u64, amount: &str) {
        let bytes = amount.as_bytes();
        let is_sign = |byte: &u8| matches!(byte, b',' | b'.');
        let Some(first) = bytes.iter().position(is_sign) else { return };
        // What is negative is refused, whatever it means.
        if bytes.starts_with(b"-") {
            return;
        }
        let place = |at: usize| usize::from(bytes[at] == b'.');
        let last = bytes.iter().rposition(is_sign).unwrap_or(first);
        if first != last {
            note(&mut self.amounts[place(first)].grouped, line, amount);
            if bytes[first] != bytes[last] {
                note(&mut self.amounts[place(last)].decimal, line, amount);
            }
            return;
        }
        let digits = |bytes: &[u8]| bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        let (before, behind) = (digits(&bytes[..first]), digits(&bytes[first..]));
        let may_be_group = behind == 3 && (1..=3).contains(&before) && !bytes.starts_with(b"0");
        let of_sign = &mut self.amounts[place(first)];
        let seen = if may_be_group { &mut of_sign.both_ways } else { &mut of_sign.decimal };
        note(seen, line, amount);
    }

    /// What a person should know, once the file was read to its end.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let amounts = self.amounts.iter().filter_map(Amounts::warning);
        self.dates.warning().into_iter().chain(amounts).collect()
    }
}

impl Dates {
    fn take(&mut self, line: u64, date: &str) {
        let bytes = date.as_bytes();
        // With the year first nothing is open.
        let is_other = |at: usize| matches!(bytes.get(at), Some(b'/' | b'-' | b'.'));
        if !(is_other(1) || is_other(2)) {
            return;
        }
        let mut parts = date.split(['/', '-', '.']).map(|part| part.parse::<u32>().ok());
        let (Some(Some(first)), Some(Some(second))) = (parts.next(), parts.next()) else { return };
        match (first, second) {
            // What is refused is not read in one way or the other.
            (1..=12, 1..=12) if first != second && Moment::parse(date).is_some() => {
                note(&mut self.both_ways, line, date);
            }
            (13..=31, 1..=12) => note(&mut self.day_first, line, date),
            (1..=12, 13..=31) => note(&mut self.month_first, line, date),
            _ => {}
        }
    }

    fn warning(&self) -> Option<String> {
        let Self { both_ways, day_first, month_first } = self;
        match (both_ways, day_first, month_first) {
            (_, None, Some(odd)) => {
                let read = both_ways.as_ref().map_or(0, |seen| seen.count);
                Some(format!(
                    "dates seem to be written month first ({} on line {}): day first is what is read, so {} of \
                     them are refused and {read} others may be read as another day",
                    odd.text, odd.line, odd.count
                ))
            }
            (Some(open), None, None) => Some(format!(
                "dates such as {} (line {}) are read day first, and no row of the file tells whether that is meant",
                open.text, open.line
            )),
            _ => None,
        }
    }
}

impl Amounts {
    fn warning(&self) -> Option<String> {
        let Seen { line, text, count } = self.both_ways.as_ref()?;
        let read = format!(
            "amounts such as {text} (line {line}; {count} of them) are read with a decimal sign"
        );
        match (&self.grouped, &self.decimal) {
            (Some(other), _) => Some(format!(
                "{read}, but {} (line {}) has that sign between thousands: they may be a thousand times as much",
                other.text, other.line
            )),
            (None, None) => {
                Some(format!("{read}, and no row of the file tells whether thousands are meant"))
            }
            (None, Some(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Names;

    fn warned(rows: &[(&str, &str)]) -> Vec<String> {
        let mut undecided = Undecided::default();
        for (line, (date, amount)) in (2..).zip(rows) {
            let fields = ["1", "7", date, amount, "Pen"];
            undecided.take(
                Kind::Purchases,
                line,
                &BronzeRow::Columns { names: Names::default(), fields },
            );
        }
        undecided.warnings()
    }

    fn check(rows: &[(&str, &str)], words: &[&str]) {
        let told = warned(rows);
        assert_eq!(told.len(), words.len(), "{told:?}");
        for (told, words) in told.iter().zip(words) {
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn dates_that_may_be_read_both_ways_are_told_unless_another_row_decides() {
        check(&[("03/04/2024", "5"), ("05.05.2024", "5")], &["such as 03/04/2024 (line 2)"]);
        check(&[("3/4/2024 10:00", "5"), ("31/12/2024", "5")], &[]);
        check(&[("3/4/2024 2:05 PM", "5"), ("03/04/24", "5")], &[]);
        check(&[("2024-03-04", "5"), ("2024/03/04", "5"), ("05/05/2024", "5"), ("x", "5")], &[]);
        check(&[("03/04/2024", "5"), ("12/31/2024", "5")], &["month first (12/31/2024 on line 3)"]);
        // Somebody wrote both: the rules read one, and refuse the other.
        check(&[("31/12/2024", "5"), ("12/31/2024", "5")], &[]);
    }

    #[test]
    fn amounts_that_may_be_thousands_are_told_unless_another_row_decides() {
        check(&[("", "1,234"), ("", "12,000")], &["such as 1,234 (line 2; 2 of them)"]);
        check(&[("", "1,234"), ("", "12,50")], &[]);
        check(&[("", "1,234"), ("", "12.50")], &["such as 1,234"]);
        check(&[("", "1.234"), ("", "12.5")], &[]);
        check(&[("", "0,125"), ("", "1,234"), ("", "5"), ("", "-1 234")], &[]);
        check(&[("", "1234.567"), ("", "1.234")], &[]);
        check(&[("", "-1.234"), ("", "1,234.56")], &[]);
        let told =
            "such as 1.234 (line 2; 1 of them) are read with a decimal sign, but 1.234,50 (line 3)";
        check(&[("", "1.234"), ("", "1.234,50")], &[told]);
        check(&[("", "1,234"), ("", "1,234,567")], &["they may be a thousand times as much"]);
    }
}
