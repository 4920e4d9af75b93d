//! Reports of processes as a short stream, whose ids are the server's time.

use super::reply;
use super::shared::Shared;
use crate::limits::REPORTS_MAX;
use crate::reports::{Heard, Report};
use crate::store::StoreError;
use ::redis::{Value, cmd};

/// The field of an entry.
const FIELD: &str = "report";

/// Leaves a report.
pub(super) async fn tell(shared: &Shared, report: &Report) -> Result<Heard, StoreError> {
    let json = serde_json::to_string(report)
        .map_err(|error| StoreError::Damaged(format!("a report is no JSON: {error}")))?;
    let mut add = cmd("XADD");
    add.arg(shared.keys.reports()).arg("MAXLEN").arg("~").arg(REPORTS_MAX).arg("*");
    add.arg(FIELD).arg(json);
    match shared.loads.ask(&add).await {
        Ok(_) => Ok(Heard::Told),
        Err(failure) if failure.is_not_permitted() => Ok(Heard::NotPermitted),
        Err(failure) => Err(failure.into()),
    }
}

/// The reports since a time of the server's. What is none is left out: another version may have written it.
pub(super) async fn since(
    shared: &Shared,
    since_ms: i64,
) -> Result<Vec<(i64, Report)>, StoreError> {
    let mut range = cmd("XRANGE");
    range.arg(shared.keys.reports()).arg(since_ms.max(0)).arg("+");
    let entries = reply::items(shared.loads.query(&range).await?).unwrap_or_default();
    Ok(entries.into_iter().filter_map(read).collect())
}

fn read(entry: Value) -> Option<(i64, Report)> {
    let [id, fields] = reply::array::<2>(entry)?;
    let mut fields = reply::pairs(fields)?;
    let (_, json) = fields.next()?;
    Some((at_ms(id)?, serde_json::from_slice(&reply::bytes(json)?).ok()?))
}

/// The time in an entry's id, `MS-NUMBER`.
fn at_ms(id: Value) -> Option<i64> {
    reply::text(id)?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_entry_is_in_its_id() {
        let id = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        assert_eq!(at_ms(id("1717171717171-3")), Some(1_717_171_717_171));
        assert_eq!(at_ms(id("none")), None);
    }
}
