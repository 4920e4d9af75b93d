//! What every log and store must do, as tests that any implementation can be put through.
//!
//! A [`World`] is an empty log and store that can be closed and opened again, as a restart would.

mod documents;
pub mod draw;
mod logs;
mod on_redis;
pub mod servers;
pub(crate) mod stores;
mod world;

pub use documents::check_documents;
pub use on_redis::OnRedis;
pub use world::{PARTITIONS, World};

/// Puts empty worlds through the whole suite, a new one for each test.
///
/// # Panics
/// Where the log or store does not do what the ports promise.
pub async fn check<W: World, F>(mut make: impl FnMut() -> F)
where
    F: Future<Output = W>,
{
    logs::appended_records_are_read_in_order_from_any_position(&mut make().await).await;
    logs::partitions_are_apart(&mut make().await).await;
    logs::records_keep_their_headers(&mut make().await).await;
    logs::records_and_positions_survive_a_restart(&mut make().await).await;
    logs::a_member_gets_all_partitions_and_waits_for_records(&mut make().await).await;
    stores::what_is_committed_is_loaded(&mut make().await).await;
    stores::a_commit_from_another_position_is_refused(&mut make().await).await;
    stores::a_retried_commit_changes_nothing(&mut make().await).await;
    stores::deleted_rows_are_gone_and_claims_grow(&mut make().await).await;
    stores::state_survives_a_restart_with_its_position(&mut make().await).await;
    stores::followers_see_every_commit_in_order(&mut make().await).await;
    stores::checkpoints_of_sources_are_kept(&mut make().await).await;
}
