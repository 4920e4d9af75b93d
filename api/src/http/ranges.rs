//! `Range` and the conditions that go with it (RFC 9110): which part of a file is wanted. Pure.

use axum::http::{HeaderMap, header};
use std::ops::Range;

/// Which part of a file a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: no part was asked for, or none that is understood.
    Whole,
    /// These bytes.
    Bytes(Range<usize>),
    /// There are none such.
    Nothing,
}

/// The tags that `If-Match` names; none where it is not there.
pub(super) fn if_match(headers: &HeaderMap) -> Option<Vec<&str>> {
    let all = headers.get_all(header::IF_MATCH);
    let mut tags = Vec::new();
    for value in all {
        tags.extend(value.to_str().unwrap_or_default().split(',').map(str::trim));
    }
    (!tags.is_empty()).then_some(tags)
}

/// The tag or the moment that `If-Range` names.
pub(super) fn if_range(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_RANGE).map(|value| value.to_str().unwrap_or_default().trim())
}

/// The part that `Range` asks for of so many bytes. Several parts in one answer are not given; who
/// asks for them gets everything, as who asks in another unit.
pub(super) fn part(headers: &HeaderMap, length: usize) -> Part {
    let text = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some(text) = text else { return Part::Whole };
    let Some((unit, range)) = text.split_once('=') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Part::Whole;
    }
    let Some((first, last)) = range.trim().split_once('-') else { return Part::Whole };
    let (first, last) = (number(first), number(last));
    let range = match (first, last) {
        (Number::Is(first), Number::None) => first..length,
        (Number::Is(first), Number::Is(last)) if first <= last => {
            first..last.saturating_add(1).min(length)
        }
        (Number::None, Number::Is(last)) => length.saturating_sub(last)..length,
        _ => return Part::Whole,
    };
    if range.start < range.end { Part::Bytes(range) } else { Part::Nothing }
}

enum Number {
    Is(usize),
    None,
    Bad,
}

fn number(text: &str) -> Number {
    let text = text.trim();
    if text.is_empty() {
        return Number::None;
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Number::Bad;
    }
    // More than any file has is as good as its end.
    Number::Is(text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_range_is_part_of_the_file_or_nothing_of_it() {
        let all = Part::Whole;
        for (text, expected) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-5", Part::Bytes(2..6)),
            ("Bytes = 2-5", Part::Bytes(2..6)),
            ("bytes=2-", Part::Bytes(2..10)),
            ("bytes=-8", Part::Bytes(2..10)),
            ("bytes=-11", Part::Bytes(0..10)),
            ("bytes=9-99999999999999999999", Part::Bytes(9..10)),
            ("bytes=10-", Part::Nothing),
            ("bytes=10-12", Part::Nothing),
            ("bytes=-0", Part::Nothing),
            ("bytes=99999999999999999999-", Part::Nothing),
            ("bytes=5-2", all.clone()),
            ("bytes=-", all.clone()),
            ("bytes=0-1,4-5", all.clone()),
            ("bytes=+1-2", all.clone()),
            ("bytes=a-b", all.clone()),
            ("rows=0-1", all.clone()),
            ("0-1", all.clone()),
        ] {
            let headers = [(header::RANGE, HeaderValue::from_static(text))].into_iter().collect();
            assert_eq!(part(&headers, 10), expected, "{text}");
        }
        let headers = [(header::RANGE, HeaderValue::from_static("bytes=0-"))].into_iter().collect();
        assert_eq!(part(&headers, 0), Part::Nothing);
        assert_eq!(part(&HeaderMap::new(), 10), all);
    }
}
