//! What the document says of the report.

use super::super::report::PERIOD_DEFAULT;
use super::operation::Doc;
use super::schema::of;
use super::texts::GOLD;
use crate::reporting::MEDIA_TYPE;
use goldstream_domain::language::Language;
use goldstream_report::PERIODS;
use utoipa::openapi::schema::Type;

/// The question.
pub(in crate::http) fn report() -> Doc {
    let period = format!("one of {PERIODS}; {PERIOD_DEFAULT} if not given");
    let lang = of(Type::String).enum_values(Some(Language::ALL.map(Language::code)));
    let names = of(Type::String).enum_values(Some(["yes", "no"]));
    Doc::new(GOLD, "the figures of a period as a PDF to print")
        .about(
            "Three pages, tagged after PDF/UA-1: the period against the one before, what there was to be told, what is \
             expected, who is new, and the best products, customers and countries of all time. docs/report.md tells more.",
        )
        .query("period", &period, of(Type::String), PERIOD_DEFAULT)
        .query("lang", "the reader's language; fr if not given", lang, "fr")
        .query("names", "whether customers are named, instead of told by their ids", names, "no")
        .file("the report", &[MEDIA_TYPE])
        .problems(&[400, 408, 503])
}
