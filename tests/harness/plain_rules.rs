//! The rules for amounts and dates, written a second time from their description, on text alone and
//! slowly. It must not use the product's own.

/// Why a value is refused, as the accounting names it.
pub(crate) type Refusal = &'static str;

const LIMIT_CENTS: &str = "10000000000";

/// Cents of an amount.
pub(crate) fn cents(text: &str) -> Result<i64, Refusal> {
    let text: String = text.chars().filter(|c| !" \u{a0}\u{202f}".contains(*c)).collect();
    let text = without_currency(&text.replace('\u{2019}', "'")).ok_or("bad_amount")?;
    let text = without_groups(&text);
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

/// The sign `€` or the letters `EUR` may stand at one end. What is left has at most 40 characters.
fn without_currency(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('€').collect();
    let is_short = |text: &str| text.chars().count() <= 40;
    match parts[..] {
        [all] => {
            let lower = all.to_ascii_lowercase();
            let number = lower.strip_prefix("eur").or_else(|| lower.strip_suffix("eur"));
            is_short(all).then(|| number.unwrap_or(&lower).to_owned())
        }
        [before, after] => {
            let has_digits = |part: &str| part.contains(|c: char| c.is_ascii_digit());
            let all = format!("{before}{after}");
            (has_digits(before) != has_digits(after) && is_short(&all)).then_some(all)
        }
        _ => None,
    }
}

/// `1'234,5`, `1.234,5`, `1,234,567`: without what stands between groups of three, where the groups are right.
fn without_groups(text: &str) -> String {
    let marks: Vec<(usize, char)> =
        text.char_indices().filter(|(_, c)| ".,'".contains(*c)).collect();
    let (Some((_, group)), Some((end, last))) = (marks.first(), marks.last()) else {
        return text.to_owned();
    };
    if marks.len() == 1 && *group != '\'' {
        return text.to_owned();
    }
    let (whole, rest) = if last == group { (text, "") } else { text.split_at(*end) };
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with(['+', '-'])));
    let groups: Vec<&str> = digits.split(*group).collect();
    let fits = |(place, group): (usize, &&str)| {
        let len = group.len();
        all_digits(group) && if place == 0 { (1..=3).contains(&len) } else { len == 3 }
    };
    if groups.iter().enumerate().all(fits) {
        return format!("{sign}{}{rest}", groups.concat());
    }
    text.to_owned()
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
    let first = text.split(['-', '/', '.']).next()?;
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
    let mark = if date.contains('/') { '/' } else { '-' };
    let date = numbers(date, mark, &[4, 2, 2])?;
    let rest = without_offset(rest)?;
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

/// The time without its offset; nothing where that is none.
fn without_offset(text: &str) -> Option<&str> {
    // Behind a day alone only the forms of ISO.
    let before = text.split(['+', '-']).next().unwrap();
    let has_time = before.contains(':') && text.starts_with(['T', ' ']);
    let cut = |rest: &'_ str| -> usize {
        let is_spaced = has_time && rest.ends_with(' ');
        rest.len() - usize::from(is_spaced)
    };
    for word in ["Z", "UTC"] {
        if let Some(rest) = text.strip_suffix(word) {
            return (has_time || word == "Z").then(|| &text[..cut(rest)]);
        }
    }
    let Some(place) = text.rfind(['+', '-']) else { return Some(text) };
    let (rest, offset) = text.split_at(place);
    let offset = &offset[1..];
    let parts = match (offset.len(), has_time) {
        (5, _) => numbers(offset, ':', &[2, 2])?,
        (4, true) if all_digits(offset) => {
            vec![offset[..2].parse().ok()?, offset[2..].parse().ok()?]
        }
        (2, true) if all_digits(offset) => vec![offset.parse().ok()?, 0],
        _ => return None,
    };
    (parts[0] < 24 && parts[1] < 60).then(|| &text[..cut(rest)])
}

fn day_first(text: &str) -> Option<Parts> {
    let (date, time) = text.split_once(' ').map_or((text, None), |(date, time)| (date, Some(time)));
    let mark = date.chars().find(|c| "/-.".contains(*c))?;
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
