//! Money: decimal text to whole cents and back to averages, exact, without floats.
//! The rules of docs/rules.md live here; nothing here knows what is paid for.

mod written;

use written::AMOUNT_CHARS_MAX;

/// Largest amount of one purchase: 100,000,000.00.
const AMOUNT_CENTS_MAX: u64 = 10_000_000_000;
/// Sums stay below this, so that every JSON reader keeps them exact.
pub const SUM_CENTS_MAX: i64 = 1 << 53;

/// Why a text is no amount of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    /// Not a number of the accepted form.
    NotANumber,
    /// Above 100,000,000.00.
    TooLarge,
    /// Zero or less.
    NotPositive,
}

/// Reads an amount and rounds it half to even to whole cents.
///
/// Spaces (also U+00A0 and U+202F) are removed anywhere, and `€` or `EUR` at one end; then
/// `[+-]digits[(.|,)digits][e[+-]ddd]`, or digits in groups of three.
///
/// # Errors
/// [`AmountError`], decided on the exact value before rounding.
pub fn parse_cents(text: &str) -> Result<i64, AmountError> {
    if let Some(cents) = plain_cents(text.as_bytes()) {
        return Ok(cents);
    }
    let mut characters = [0u8; AMOUNT_CHARS_MAX];
    let number = written::compact(text, &mut characters).and_then(Decimal::parse);
    number.ok_or(AmountError::NotANumber)?.to_cents()
}

/// The form of nearly every amount, `1234.56` above zero, read at once; none for any other.
fn plain_cents(text: &[u8]) -> Option<i64> {
    let [whole @ .., b'.', tens, ones] = text else { return None };
    if whole.is_empty() || whole.len() > 8 {
        return None;
    }
    let digits = whole.iter().chain([tens, ones]);
    let cents =
        digits.clone().fold(0i64, |sum, digit| sum * 10 + i64::from(digit.wrapping_sub(b'0')));
    (cents > 0 && digits.clone().all(u8::is_ascii_digit)).then_some(cents)
}

/// A decimal number as written: digits × 10^exponent.
struct Decimal {
    negative: bool,
    digits: [u8; AMOUNT_CHARS_MAX],
    len: usize,
    exponent: i32,
}

impl Decimal {
    fn parse(text: &[u8]) -> Option<Self> {
        let (negative, mut rest) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let mut number = Self { negative, digits: [0; AMOUNT_CHARS_MAX], len: 0, exponent: 0 };
        rest = number.take_digits(rest);
        if let [b'.' | b',', fraction @ ..] = rest {
            let before = number.len;
            rest = number.take_digits(fraction);
            number.exponent = before as i32 - number.len as i32;
        }
        if number.len == 0 {
            return None;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            number.exponent += parse_exponent(exponent)?;
            rest = &[];
        }
        rest.is_empty().then_some(number)
    }

    fn take_digits<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
        for digit in &text[..count] {
            self.digits[self.len] = digit - b'0';
            self.len += 1;
        }
        &text[count..]
    }

    fn to_cents(&self) -> Result<i64, AmountError> {
        let digits = self.digits[..self.len].trim_ascii_start_zeros();
        if self.negative || digits.is_empty() {
            return Err(AmountError::NotPositive);
        }
        // The value in cents is digits × 10^shift.
        let shift = self.exponent + 2;
        let whole_len = digits.len() as i32 + shift;
        if whole_len > 11 {
            return Err(AmountError::TooLarge);
        }
        if whole_len < 0 {
            return Ok(0);
        }
        let whole_len = whole_len as usize;
        let split = whole_len.min(digits.len());
        let mut cents = digits[..split].iter().fold(0u64, |sum, d| sum * 10 + u64::from(*d));
        for _ in split..whole_len {
            cents *= 10;
        }
        let fraction = &digits[split..];
        let exact = fraction.iter().all(|d| *d == 0);
        if cents > AMOUNT_CENTS_MAX || (cents == AMOUNT_CENTS_MAX && !exact) {
            return Err(AmountError::TooLarge);
        }
        Ok((cents + u64::from(rounds_up(fraction, cents))) as i64)
    }
}

trait TrimZeros {
    fn trim_ascii_start_zeros(&self) -> &[u8];
}

impl TrimZeros for [u8] {
    fn trim_ascii_start_zeros(&self) -> &[u8] {
        let zeros = self.iter().take_while(|d| **d == 0).count();
        &self[zeros..]
    }
}

/// Half to even, decided on all digits of the fraction.
fn rounds_up(fraction: &[u8], whole: u64) -> bool {
    let Some((&first, rest)) = fraction.split_first() else { return false };
    match first {
        0..=4 => false,
        5 if rest.iter().all(|d| *d == 0) => whole % 2 == 1,
        _ => true,
    }
}

fn parse_exponent(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text.first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let valid = (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    valid.then(|| sign * digits.iter().fold(0, |sum, d| sum * 10 + i32::from(d - b'0')))
}

/// `sum / count` rounded half to even; `None` where there is nothing to divide by.
/// `sum` must not be negative.
#[must_use]
pub fn mean_half_even(sum: i64, count: u64) -> Option<i64> {
    let count = i64::try_from(count).ok().filter(|count| *count > 0)?;
    let (quotient, remainder) = (sum / count, sum % count);
    let up = match (remainder * 2).cmp(&count) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    Some(quotient + i64::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<i64, AmountError>) {
        assert_eq!(parse_cents(text), expected, "{text:?}");
    }

    #[test]
    fn every_accepted_form_gives_its_cents() {
        for (text, cents) in [
            ("12.50", 1250),
            ("12,50", 1250),
            ("+12.5", 1250),
            (".5", 50),
            ("5.", 500),
            ("1 234,56", 123_456),
            ("1\u{a0}234\u{202f}567.8", 123_456_780),
            ("1e3", 100_000),
            ("1.25e+2", 12_500),
            ("125e-2", 125),
            ("1E2", 10_000),
            ("100000000", 10_000_000_000),
            ("100000000.000", 10_000_000_000),
            ("0000000000000000000000000000000000000012", 1200),
            ("0.00000000000000000000000000000000001e37", 10_000),
        ] {
            check(text, Ok(cents));
        }
    }

    #[test]
    fn the_short_way_and_the_long_way_agree() {
        for text in ["1.00", "99999999.99", "0.01", "00000012.50", "1.0a", "a.00", ".50", "0.00"] {
            // A space at the end takes the long way.
            assert_eq!(parse_cents(text), parse_cents(&format!("{text} ")), "{text}");
        }
    }

    #[test]
    fn half_a_cent_goes_to_the_even_neighbour() {
        for (text, cents) in [
            ("0.005", 0),
            ("0.0051", 1),
            ("0.015", 2),
            ("0.025", 2),
            ("0.0250000001", 3),
            ("1.005", 100),
            ("1.115", 112),
            ("2.675", 268),
            ("1e-999", 0),
            ("0.001", 0),
            ("0.004999", 0),
        ] {
            check(text, Ok(cents));
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        let long = "1".repeat(41);
        for text in [
            "", "abc", ".", ",", "+", "-", "1.2.3", "1,2,3", "1e", "1e+", "1e1234", "e5", "0x10",
            "NaN", "inf", "1_000", "12$", "١٢", "--1", "1-", "1\t2", &long,
        ] {
            check(text, Err(AmountError::NotANumber));
        }
    }

    #[test]
    fn the_limit_is_held_against_the_exact_value() {
        check("100000000.0000001", Err(AmountError::TooLarge));
        check("100000001", Err(AmountError::TooLarge));
        check("1e999", Err(AmountError::TooLarge));
        check("9e8", Err(AmountError::TooLarge));
    }

    #[test]
    fn zero_and_less_are_not_positive() {
        for text in ["0", "0.00", "-1", "-0.001", "0e999", "-1e999", "+0", "-0"] {
            check(text, Err(AmountError::NotPositive));
        }
    }

    #[test]
    fn means_round_half_to_even() {
        assert_eq!(mean_half_even(5, 2), Some(2));
        assert_eq!(mean_half_even(7, 2), Some(4));
        assert_eq!(mean_half_even(10, 3), Some(3));
        assert_eq!(mean_half_even(11, 3), Some(4));
        assert_eq!(mean_half_even(0, 3), Some(0));
        assert_eq!(mean_half_even(1, 0), None);
    }
}
