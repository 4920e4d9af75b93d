//! The form of an answer: by `?format=`, else by `Accept`, else JSON.

use super::problem::Problem;
use super::query::{Parameters, bad};
use super::table::encode::RowsFormat;
use super::table::sheet::Locale;
use axum::http::{HeaderMap, StatusCode, Uri, header};

/// A form that an answer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON value.
    Json,
    /// Rows without anything around them.
    Rows(RowsFormat),
}

impl Format {
    /// All forms, the one that is preferred first.
    pub(super) const ALL: [Self; 5] = [
        Self::Json,
        Self::Rows(RowsFormat::Csv),
        Self::Rows(RowsFormat::Ndjson),
        Self::Rows(RowsFormat::Arrow),
        Self::Rows(RowsFormat::Parquet),
    ];

    /// For what is no table.
    pub(super) const JSON_ONLY: [Self; 1] = [Self::Json];

    /// For what is too much for one JSON value: NDJSON is nearest to what is expected.
    pub(super) const ROWS_ONLY: [Self; 4] = [
        Self::Rows(RowsFormat::Ndjson),
        Self::Rows(RowsFormat::Csv),
        Self::Rows(RowsFormat::Arrow),
        Self::Rows(RowsFormat::Parquet),
    ];

    /// The name in `?format=`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Rows(RowsFormat::Csv | RowsFormat::Sheet(_)) => "csv",
            Self::Rows(RowsFormat::Ndjson) => "ndjson",
            Self::Rows(RowsFormat::Arrow) => "arrow",
            Self::Rows(RowsFormat::Parquet) => "parquet",
        }
    }

    /// Its name in tags: a CSV for spreadsheets holds other bytes than that for programs.
    pub(super) fn tag_name(self) -> String {
        match self {
            Self::Rows(RowsFormat::Sheet(locale)) => format!("csv-{}", locale.name()),
            other => other.name().to_owned(),
        }
    }

    /// Type and subtype in `Accept` and `Content-Type`.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Rows(RowsFormat::Csv | RowsFormat::Sheet(_)) => "text/csv",
            Self::Rows(RowsFormat::Ndjson) => "application/x-ndjson",
            Self::Rows(RowsFormat::Arrow) => "application/vnd.apache.arrow.stream",
            Self::Rows(RowsFormat::Parquet) => "application/vnd.apache.parquet",
        }
    }

    /// The `Content-Type` of an answer.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            // Without it, text is guessed to be ASCII.
            Self::Rows(RowsFormat::Csv | RowsFormat::Sheet(_)) => "text/csv; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// The form of a table: that of its path's suffix, as `/api/v1/customers.csv`, else as below.
    pub(super) fn of_table(
        parameters: &mut Parameters,
        (uri, headers): (&Uri, &HeaderMap),
        offered: &[Self],
    ) -> Result<Self, Problem> {
        let name = uri.path().rsplit('/').next().unwrap_or_default();
        let format = match name.split_once('.') {
            None => Self::negotiate(parameters, headers, offered)?,
            Some((table, suffix)) => {
                let named = offered.iter().find(|format| format.name() == suffix).copied();
                named.ok_or_else(|| no_such_file(table, offered))?
            }
        };
        format.in_locale(parameters)
    }

    /// The form of one thing.
    pub(super) fn of_one(
        parameters: &mut Parameters,
        headers: &HeaderMap,
        offered: &[Self],
    ) -> Result<Self, Problem> {
        Self::negotiate(parameters, headers, offered)?.in_locale(parameters)
    }

    /// The same for a spreadsheet, where `?locale=` names its language.
    fn in_locale(self, parameters: &mut Parameters) -> Result<Self, Problem> {
        let wanted = Locale::ALL.map(Locale::name).join(" or ");
        let locale = parameters.take_as("locale", &wanted, Locale::of)?;
        match (self, locale) {
            (format, None) => Ok(format),
            (Self::Rows(RowsFormat::Csv), Some(locale)) => {
                Ok(Self::Rows(RowsFormat::Sheet(locale)))
            }
            (other, Some(_)) => {
                Err(bad(format!("locale is of csv, for spreadsheets, not of {}", other.name())))
            }
        }
    }

    /// The form that is asked for, of those that the route can give, the preferred one first.
    pub(super) fn negotiate(
        parameters: &mut Parameters,
        headers: &HeaderMap,
        offered: &[Self],
    ) -> Result<Self, Problem> {
        let named = |name: &str| Self::ALL.into_iter().find(|format| format.name() == name);
        let wanted = "json, csv, ndjson, arrow or parquet";
        if let Some(format) = parameters.take_as("format", wanted, named)? {
            return if offered.contains(&format) { Ok(format) } else { Err(refusal(offered)) };
        }
        let all = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range<'_>> =
            all.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
        if ranges.is_empty() {
            return offered.first().copied().ok_or_else(|| refusal(offered));
        }
        let mut best: Option<(Self, u16)> = None;
        for format in offered {
            let quality = quality(&ranges, format.media_type());
            if quality > best.map_or(0, |(_, quality)| quality) {
                best = Some((*format, quality));
            }
        }
        best.map(|(format, _)| format).ok_or_else(|| refusal(offered))
    }
}

fn no_such_file(table: &str, offered: &[Format]) -> Problem {
    let files: Vec<_> = offered.iter().map(|format| format!("{table}.{}", format.name())).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("there are {}", files.join(", ")))
}

fn refusal(offered: &[Format]) -> Problem {
    let offered: Vec<_> = offered.iter().map(|format| format.media_type()).collect();
    let detail = format!("this route answers as {}", offered.join(", "));
    Problem::new(StatusCode::NOT_ACCEPTABLE, detail)
}

/// One entry of `Accept`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        let quality = quality.map_or(Some(1.0), |text| text.parse::<f32>().ok())?;
        let quality = (quality.clamp(0.0, 1.0) * 1_000.0) as u16;
        Some(Self { kind, subtype, quality })
    }

    /// How exactly it names a media type; none where it does not.
    fn exactness(&self, kind: &str, subtype: &str) -> Option<u8> {
        let same = |own: &str, other: &str| own.eq_ignore_ascii_case(other);
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if same(own, kind) => Some(1),
            (own, sub) if same(own, kind) && same(sub, subtype) => Some(2),
            _ => None,
        }
    }
}

/// What the entry says that names a media type most exactly.
fn quality(ranges: &[Range<'_>], media_type: &str) -> u16 {
    let Some((kind, subtype)) = media_type.split_once('/') else { return 0 };
    let named = ranges.iter().filter_map(|range| Some((range.exactness(kind, subtype)?, range)));
    named.max_by_key(|(exactness, _)| *exactness).map_or(0, |(_, range)| range.quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn check(accept: &'static str, offered: &[Format], expected: Option<&str>) {
        let headers = [(header::ACCEPT, HeaderValue::from_static(accept))].into_iter().collect();
        let format = Format::negotiate(&mut Parameters::default(), &headers, offered);
        assert_eq!(format.ok().map(Format::name), expected, "{accept}");
    }

    #[test]
    fn the_form_with_the_largest_quality_is_taken_and_json_among_equals() {
        let all = &Format::ALL;
        check("*/*", all, Some("json"));
        check("text/html,application/xhtml+xml,*/*;q=0.8", all, Some("json"));
        check("text/csv", all, Some("csv"));
        check("TEXT/CSV;q=0.9, application/json;q=0.5", all, Some("csv"));
        check("text/*", all, Some("csv"));
        check("application/*;q=0.2, application/vnd.apache.parquet", all, Some("parquet"));
        check("*/*, application/json;q=0", all, Some("csv"));
        check("text/csv;q=0", all, None);
        check("image/png", all, None);
        check("*/*", &Format::ROWS_ONLY, Some("ndjson"));
        check("text/csv", &Format::JSON_ONLY, None);
        check("nonsense", all, Some("json"));
    }
}
