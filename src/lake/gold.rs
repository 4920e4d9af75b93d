//! The tables of gold for the lake, from the view of this process. It writes nothing.

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_api::gold_files::{gold_files, gold_version};
use goldstream_api::view::View;
use goldstream_lake::LakeError;
use goldstream_lake::gold::{GoldSource, GoldTables};
use goldstream_platform::clock::local_now;

/// What a view shows.
pub(crate) struct ShownGold(View);

impl ShownGold {
    pub(crate) const fn new(view: View) -> Self {
        Self(view)
    }
}

impl GoldSource for ShownGold {
    fn version(&self) -> Option<String> {
        gold_version(&self.0)
    }

    fn tables(&self) -> BoxFuture<'static, Result<GoldTables, LakeError>> {
        let view = self.0.clone();
        async move {
            let made = tokio::task::spawn_blocking(move || gold_files(&view)).await;
            let refused = |error: &dyn std::error::Error| LakeError::Refused(error.to_string());
            let files = made.map_err(|error| refused(&error))?.map_err(|error| refused(&error))?;
            let tables = files.tables.into_iter().map(|(table, file)| (table, Bytes::from(file)));
            Ok(GoldTables {
                version: files.version,
                day: local_now().day().to_string(),
                tables: tables.collect(),
            })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_stands_where_it_is_looked_for() {
        let written = goldstream_api::gold_files::VERSION_KEY;
        assert_eq!(written, goldstream_lake::gold::VERSION_KEY);
    }
}
