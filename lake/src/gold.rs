//! The tables of gold in a lake: replaced whole, all of one version, and kept once a day. What they are made of is
//! known to who has the numbers; here they are only put.

use crate::error::LakeError;
use crate::names;
use crate::objects::Lake;
use crate::sheet;
use bytes::Bytes;
use futures::future::{BoxFuture, try_join_all};

/// Under which the version of a file is kept, in its metadata.
pub const VERSION_KEY: &str = "goldstream.version";

/// The tables at one version.
#[derive(Debug, Clone)]
pub struct GoldTables {
    /// Which.
    pub version: String,
    /// The day on which they were made, `YYYY-MM-DD`.
    pub day: String,
    /// Name and file of each; the file bears the version under [`VERSION_KEY`].
    pub tables: Vec<(&'static str, Bytes)>,
}

/// Who has the numbers.
pub trait GoldSource: Send + Sync {
    /// The version that is shown now; none while nothing is.
    fn version(&self) -> Option<String>;

    /// The tables of the newest version.
    fn tables(&self) -> BoxFuture<'static, Result<GoldTables, LakeError>>;
}

/// When tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A process has just begun, and may have much to count yet.
    First,
    /// Later, or for who waits until all is counted.
    Settled,
}

/// Puts the tables in place of those that stand there, and keeps them as those of their day where it has none.
pub(crate) async fn write(
    lake: &Lake,
    gold: &GoldTables,
    occasion: Occasion,
) -> Result<(), LakeError> {
    put(lake, gold, None).await?;
    if occasion == Occasion::Settled && !has_day(lake, gold).await? {
        put(lake, gold, Some(&gold.day)).await?;
    }
    Ok(())
}

async fn put(lake: &Lake, gold: &GoldTables, day: Option<&str>) -> Result<(), LakeError> {
    let puts = gold
        .tables
        .iter()
        .map(|(table, file)| async move { lake.put(&names::gold(table, day), file.clone()).await });
    try_join_all(puts).await?;
    Ok(())
}

/// Whether the day has all tables, of one version: who was killed may have put some of them.
async fn has_day(lake: &Lake, gold: &GoldTables) -> Result<bool, LakeError> {
    let mut known = None;
    for (table, _) in &gold.tables {
        let path = names::gold(table, Some(&gold.day));
        let Some(file) = lake.get(&path).await? else { return Ok(false) };
        let version = sheet::value_of(file, VERSION_KEY)?;
        if version.is_none() || *known.get_or_insert(version.clone()) != version {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{memory_lake, table_of};

    fn gold(version: &str, day: &str) -> GoldTables {
        let file = |rows| table_of(rows, &[(VERSION_KEY, version)]);
        GoldTables {
            version: version.to_owned(),
            day: day.to_owned(),
            tables: vec![("months", file(2)), ("days", file(3))],
        }
    }

    async fn version_at(lake: &Lake, table: &str, day: Option<&str>) -> Option<String> {
        let file = lake.get(&names::gold(table, day)).await.unwrap()?;
        sheet::value_of(file, VERSION_KEY).unwrap()
    }

    #[tokio::test]
    async fn gold_is_replaced_and_the_first_of_each_day_is_kept() {
        let lake = memory_lake();
        for (version, day) in [("a:1", "2026-11-29"), ("a:2", "2026-11-29"), ("a:3", "2026-11-30")]
        {
            write(&lake, &gold(version, day), Occasion::Settled).await.unwrap();
        }
        write(&lake, &gold("a:4", "2026-12-01"), Occasion::First).await.unwrap();
        assert_eq!(version_at(&lake, "days", None).await.as_deref(), Some("a:4"));
        assert_eq!(version_at(&lake, "days", Some("2026-12-01")).await, None);
        assert_eq!(version_at(&lake, "days", Some("2026-11-29")).await.as_deref(), Some("a:1"));
        assert_eq!(version_at(&lake, "months", Some("2026-11-30")).await.as_deref(), Some("a:3"));
    }

    #[tokio::test]
    async fn a_day_that_has_only_some_of_its_tables_is_written_whole() {
        let lake = memory_lake();
        let begun = gold("a:1", "2026-11-29");
        lake.put(&names::gold("days", Some("2026-11-29")), begun.tables[1].1.clone())
            .await
            .unwrap();
        write(&lake, &gold("a:2", "2026-11-29"), Occasion::Settled).await.unwrap();
        for table in ["days", "months"] {
            let version = version_at(&lake, table, Some("2026-11-29")).await;
            assert_eq!(version.as_deref(), Some("a:2"), "{table}");
        }
    }
}
