//! What the document says of the forecast.

use super::super::forecast::DAYS_DEFAULT;
use super::operation::Doc;
use super::schema::{Part, array, count, named, nullable, object, of, one_of};
use super::texts::GOLD;
use goldstream_forecast::{BAND_PERCENT, DAYS_MAX, HISTORY_DAYS_MIN, Model, TEST_DAYS};
use serde_json::json;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};

fn day(about: &str) -> Part {
    let format = SchemaFormat::KnownFormat(KnownFormat::Date);
    of(Type::String).format(Some(format)).description(Some(about)).into()
}

fn month(about: &str) -> Part {
    of(Type::String).pattern(Some(r"^\d{4}-\d{2}$")).description(Some(about)).into()
}

/// The middle and the band.
fn expected() -> [(&'static str, Part); 3] {
    [
        ("expected_cents", count("the middle of what is expected")),
        ("low_cents", count("one of ten ends below")),
        ("high_cents", count("one of ten ends above")),
    ]
}

pub(super) fn all() -> Vec<(&'static str, Part)> {
    let day = object(
        "what is expected of a day",
        [("day", day("the day"))].into_iter().chain(expected()),
    );
    let so_far = ("so_far_cents", count("its days up to trained_to"));
    let month = object(
        "at what a month is expected to end",
        [("month", month("that of the day after trained_to")), so_far]
            .into_iter()
            .chain(expected()),
    );
    vec![("ForecastDay", day.into()), ("ForecastMonth", month.into()), ("Forecast", schema())]
}

fn schema() -> Part {
    let models = [Model::Stl, Model::SeasonalNaive].map(Model::name);
    let error = format!(
        "what stl missed of the last {TEST_DAYS} days, forecast as of before them, in percent of what they brought; \
         null where they brought nothing"
    );
    object(
        "what the next days are expected to bring",
        [
            ("model", one_of(&models, "the one that speaks: the naive one where stl was not better")),
            ("trained_from", day("the first day that was learned from")),
            ("trained_to", day("the last one, whole: the forecast begins the day after")),
            ("error_percent", nullable(Type::Number, &error)),
            (
                "naive_error_percent",
                nullable(Type::Number, "the same of the same weekday of the week before"),
            ),
            ("month", named("ForecastMonth")),
            ("days", array(named("ForecastDay"))),
        ],
    )
    .examples([json!({
        "model": "stl", "trained_from": "2025-01-02", "trained_to": "2026-11-28",
        "error_percent": 21.4, "naive_error_percent": 33.9,
        "month": {
            "month": "2026-11", "so_far_cents": 1_204_050, "expected_cents": 1_290_100,
            "low_cents": 1_271_000, "high_cents": 1_313_300,
        },
        "days": [{
            "day": "2026-11-29", "expected_cents": 43_120, "low_cents": 31_000, "high_cents": 58_250,
        }],
    })])
    .into()
}

/// The question.
pub(in crate::http) fn forecast() -> Doc {
    let days = of(Type::Integer).minimum(Some(1)).maximum(Some(DAYS_MAX as u64));
    let about = format!(
        "Learned from the shop's whole days; made anew at most once a minute. The band is one of {BAND_PERCENT} %. \
         docs/forecast.md tells how good it is. Under {HISTORY_DAYS_MIN} days of history there is none: a 409 \
         whose reason is too_few_days."
    );
    Doc::new(GOLD, "what the next days are expected to bring")
        .about(&about)
        .query("days", "how many days", days, DAYS_DEFAULT)
        .formats(&super::super::format::Format::JSON_ONLY)
        .json("the forecast", named("Forecast"))
        .problems(&[400, 406, 408, 409, 503])
}
