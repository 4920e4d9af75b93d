//! Amounts as people and spreadsheets write them, brought to the one form that is read as a number:
//! digits with at most one point. What could mean two things is left as it is, and so refused.

/// Longest amount text, counted after spaces are removed.
pub(super) const AMOUNT_CHARS_MAX: usize = 40;

/// The text without spaces, the mark of the currency and what stands between groups of three digits;
/// none where it is too long or has other characters.
pub(super) fn compact<'a>(
    text: &str,
    characters: &'a mut [u8; AMOUNT_CHARS_MAX],
) -> Option<&'a [u8]> {
    let mut len = 0;
    let mut marks = 0;
    for c in text.chars() {
        let byte = match c {
            ' ' | '\u{a0}' | '\u{202f}' => continue,
            '€' => {
                marks += 1;
                continue;
            }
            '\u{2019}' => b'\'',
            c => u8::try_from(c).ok().filter(u8::is_ascii)?,
        };
        *characters.get_mut(len)? = byte;
        len += 1;
    }
    if marks > 0 && !is_at_one_end(text, marks) {
        return None;
    }
    let (from, to) = without_code(&characters[..len], marks);
    let len = ungroup(&mut characters[from..to]);
    Some(&characters[from..from + len])
}

/// Whether the text has the sign of the currency once, before or behind all of its digits.
fn is_at_one_end(text: &str, marks: usize) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_digit), text.rfind(is_digit));
    let (Some(first), Some(last), Some(mark)) = (first, last, text.find('€')) else {
        return false;
    };
    marks == 1 && (mark < first || mark > last)
}

/// The range without `EUR` at one of its ends.
fn without_code(text: &[u8], marks: usize) -> (usize, usize) {
    const CODE: &[u8] = b"EUR";
    if marks == 0 && text.len() > CODE.len() {
        if text[..CODE.len()].eq_ignore_ascii_case(CODE) {
            return (CODE.len(), text.len());
        }
        if text[text.len() - CODE.len()..].eq_ignore_ascii_case(CODE) {
            return (0, text.len() - CODE.len());
        }
    }
    (0, text.len())
}

/// Removes the separators between groups of three digits where it is plain that they are such: there
/// is another separator behind them, or several of one kind. Gives the length that is left.
fn ungroup(text: &mut [u8]) -> usize {
    let is_separator = |byte: &u8| matches!(byte, b'.' | b',' | b'\'');
    let separators = text.iter().filter(|byte| is_separator(byte)).count();
    let first = text.iter().copied().find(|byte| is_separator(byte));
    let last = text.iter().rposition(is_separator);
    let (Some(group), Some(last)) = (first, last) else { return text.len() };
    // A lone point or comma is the decimal sign, whatever stands behind it.
    if separators == 1 && group != b'\'' {
        return text.len();
    }
    let integer_end = if text[last] == group { text.len() } else { last };
    if !has_groups_of_three(&text[..integer_end], group) {
        return text.len();
    }
    let mut kept = 0;
    for at in 0..text.len() {
        if at >= integer_end || text[at] != group {
            text[kept] = text[at];
            kept += 1;
        }
    }
    kept
}

/// `1.234.567` with a sign before it, perhaps.
fn has_groups_of_three(text: &[u8], separator: u8) -> bool {
    let digits = match text {
        [b'+' | b'-', digits @ ..] => digits,
        digits => digits,
    };
    let mut groups = digits.split(|byte| *byte == separator);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && first.iter().all(u8::is_ascii_digit)
        && groups.all(|group| group.len() == 3 && group.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::super::{AmountError, parse_cents};

    #[test]
    fn groups_of_three_are_read_where_they_can_be_nothing_else() {
        for (text, cents) in [
            ("1'234.50", 123_450),
            ("1\u{2019}234,50", 123_450),
            ("1'234", 123_400),
            ("1.234,56", 123_456),
            ("1,234.56", 123_456),
            ("12,345,678.9", 1_234_567_890),
            ("1.234.567", 123_456_700),
            ("+1,234,567", 123_456_700),
            ("1.234,567", 123_457),
            // As it was: a lone separator is the decimal one.
            ("1,234", 123),
            ("1.234", 123),
        ] {
            assert_eq!(parse_cents(text), Ok(cents), "{text}");
        }
    }

    #[test]
    fn the_euro_may_stand_at_one_end() {
        for text in
            ["€12.50", "12,50 €", "12.50 EUR", "EUR 12,50", "12.50eur", "+€12.5", "€ +12.50"]
        {
            assert_eq!(parse_cents(text), Ok(1250), "{text}");
        }
        assert_eq!(parse_cents("1.234,56\u{a0}€"), Ok(123_456));
        assert_eq!(parse_cents("-€5"), Err(AmountError::NotPositive));
    }

    #[test]
    fn what_could_mean_two_things_or_nothing_is_refused() {
        for text in [
            "1,23.45",
            "1.234.56",
            "12,34,567",
            "1,234.567.8",
            "1.2,3.4",
            "1'23",
            "'123",
            "1'234'",
            "1,234,",
            "1,234.56,7",
            "€",
            "EUR",
            "€12€",
            "12€50",
            "€12 EUR",
            "12.50 USD",
            "$12.50",
            "12 EU",
            "1,234.5e1x",
            "€€5",
            "1234,567.8",
        ] {
            assert_eq!(parse_cents(text), Err(AmountError::NotANumber), "{text}");
        }
    }
}
