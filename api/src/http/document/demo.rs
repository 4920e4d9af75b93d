//! What the document says of the demo.

use super::operation::Doc;
use super::schema::{Part, count, named, object, of, or_null, text};
use super::texts::PROCESS;
use goldstream_platform::shop_clock::{FAST, RUSH, RUSHES_A_DAY_MAX};
use serde_json::json;
use utoipa::openapi::schema::Type;

/// What a wish is answered, and what status has of it.
pub(super) fn shop_time() -> Part {
    object(
        "the clock of a made-up shop",
        [
            ("now", text("the shop's time")),
            ("pace", count("how many times as fast as the wall clock it runs")),
            ("ahead_seconds", count("by how much it is ahead of the wall clock")),
            ("rush_seconds", count("how much is left of a rush hour; 0 where there is none")),
        ],
    )
    .examples([json!({
        "now": "2026-11-29T10:03:22", "pace": 1, "ahead_seconds": 0, "rush_seconds": 0
    })])
    .into()
}

/// The same as a member of status.
pub(super) fn shop_clock() -> Part {
    or_null(named("ShopTime"), "this process makes no rows up")
}

/// The wish itself.
pub(in crate::http) fn demo() -> Doc {
    let paces = [json!(1), json!(FAST)];
    let pace = of(Type::Integer).enum_values(Some(paces)).description(Some("the clock's pace"));
    let rush = of(Type::Boolean).description(Some("whether a rush hour is to begin"));
    let wish = of(Type::Object).description(Some("at least one of them"));
    let wish = wish.property("pace", pace).property("rush_hour", rush);
    let about = format!(
        "Only where the process makes rows up (run --demo), else 409. At pace {FAST} a shop's day takes \
         24 minutes; back at 1 it goes on from there. A rush hour is {} seconds of some ten sales a \
         second beside the day's own, at most {RUSHES_A_DAY_MAX} a day.",
        RUSH.as_secs()
    );
    Doc::new(PROCESS, "the demo shop's clock and its rush hours")
        .about(&about)
        .takes([("application/json", wish.into(), json!({ "rush_hour": true }))])
        .json("how the clock stands now", named("ShopTime"))
        .problems(&[400, 403, 408, 409])
}
