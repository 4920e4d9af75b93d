//! The rules for amounts and dates, written a second time from their description, on text alone and
//! slowly. It must not use the product's own.

/// Why a value is refused, as the accounting names it.
pub(crate) type Refusal = &'static str;

const LIMIT_CENTS: &str = "10000000000";

/// Cents of an amount.
pub(crate) fn cents(text: &str) -> Result<i64, Refusal> {
    let text: String = text.chars().filter(|c| !" \u{a0}\u{202f}".contains(*c)).collect();
    if text.chars().count() > 40 {
        return Err("bad_amount");
    }
    let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text.as_str()),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent).ok_or("bad_amount")?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !all_digits(&digits) {
        return Err("bad_amount");
    }
    if negative || digits.chars().all(|c| c == '0') {
        return Err("non_positive_amount");
    }
    // The point moves two places for cents, and as far as the exponent says.
    let point = whole.len() as i32 + exponent + 2;
    let zeros = |count: i32| "0".repeat(count.max(0) as usize);
    let long = format!("{}{digits}{}", zeros(-point), zeros(point - digits.len() as i32));
    let (cents, rest) = long.split_at(point.max(0) as usize);
    let cents = cents.trim_start_matches('0');
    let exact = rest.chars().all(|c| c == '0');
    let above = (cents.len(), cents) > (LIMIT_CENTS.len(), LIMIT_CENTS);
    if above || (cents == LIMIT_CENTS && !exact) {
        return Err("bad_amount");
    }
    let cents: i64 = format!("0{cents}").parse().unwrap();
    let half = format!("5{}", "0".repeat(rest.len().saturating_sub(1)));
    let up = match rest.cmp(half.as_str()) {
        _ if exact => false,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => cents % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    Ok(cents + i64::from(up))
}

fn power(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let valid = (1..=3).contains(&digits.len()) && all_digits(digits);
    valid.then(|| text.parse().unwrap())
}

fn all_digits(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

/// `YYYY-MM-DD HH:MM:SS` of a date, if it is one.
pub(crate) fn moment(text: &str) -> Option<String> {
    let first = text.split(['-', '/']).next()?;
    let (date, time) = if first.len() == 4 { iso(text)? } else { day_first(text)? };
    let [year, month, day] = date;
    let [hour, minute, second] = time;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let real = (1970..=2199).contains(&year) && (1..=days).contains(&day);
    let on_the_clock = hour < 24 && minute < 60 && second < 60;
    (real && on_the_clock)
        .then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

type Parts = ([u32; 3], [u32; 3]);

fn iso(text: &str) -> Option<Parts> {
    if !text.is_char_boundary(10) {
        return None;
    }
    let (date, rest) = text.split_at_checked(10)?;
    let date = numbers(date, '-', &[4, 2, 2])?;
    let rest = match rest.strip_suffix('Z') {
        Some(rest) => rest,
        None => match rest.rfind(['+', '-']) {
            Some(place) => {
                let [hour, minute] = numbers(&rest[place + 1..], ':', &[2, 2])?[..] else {
                    return None;
                };
                if hour > 23 || minute > 59 {
                    return None;
                }
                &rest[..place]
            }
            None => rest,
        },
    };
    let date = [date[0], date[1], date[2]];
    if rest.is_empty() {
        return Some((date, [0; 3]));
    }
    let time = rest.strip_prefix(['T', ' '])?;
    if let Some((time, fraction)) = time.split_once('.') {
        let valid = !fraction.is_empty() && all_digits(fraction);
        let time = numbers(time, ':', &[2, 2, 2])?;
        return valid.then(|| (date, [time[0], time[1], time[2]]));
    }
    Some((date, clock(time, 2)?))
}

fn day_first(text: &str) -> Option<Parts> {
    let (date, time) = text.split_once(' ').map_or((text, None), |(date, time)| (date, Some(time)));
    let mark = if date.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = date.split(mark).collect();
    let [day, month, year] = parts[..] else { return None };
    let short = |part: &str| (1..=2).contains(&part.len());
    if !short(day) || !short(month) || year.len() != 4 || !all_digits(&parts.concat()) {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().unwrap();
    let time = time.map_or(Some([0; 3]), |time| clock(time, 1))?;
    Some(([number(year), number(month), number(day)], time))
}

/// `H:MM[:SS]`, the hour with at least so many digits.
fn clock(text: &str, hour_digits: usize) -> Option<[u32; 3]> {
    let hour = text.split(':').next()?.len();
    if !(hour_digits..=2).contains(&hour) {
        return None;
    }
    let with_seconds = numbers(text, ':', &[hour, 2, 2]);
    let time = with_seconds.or_else(|| numbers(text, ':', &[hour, 2]))?;
    Some([time[0], time[1], time.get(2).copied().unwrap_or(0)])
}

/// Numbers with so many digits each, between marks.
fn numbers(text: &str, mark: char, digits: &[usize]) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split(mark).collect();
    let fits = parts.iter().map(|part| part.len()).eq(digits.iter().copied());
    (fits && all_digits(&parts.concat()))
        .then(|| parts.iter().map(|p| p.parse().unwrap()).collect())
}
