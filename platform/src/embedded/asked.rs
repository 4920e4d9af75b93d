//! What is to become of the generations, as it is asked of the writer.

use crate::clock::now_ms;
use crate::generations::{Begun, Generations};
use tokio::sync::oneshot;

/// What is to become of the generations.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// One more is folded beside the served one.
    Begin(Begun),
    /// A shadow is to be served; what is served now is kept so long afterwards.
    Unveil(i64),
    /// The one that was served before is folded on, to be served again.
    Back,
    /// What is kept may be over.
    Expire,
    /// It takes the place of the served one, which is removed.
    Switch,
    /// It is not wanted any more.
    Abandon,
}

/// A change that somebody waits for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) change: Change,
    pub(super) done: oneshot::Sender<()>,
}

impl Asked {
    /// What the generations are after it.
    pub(super) fn applied_to(&self, before: &Generations) -> Generations {
        let mut after = before.clone();
        match &self.change {
            Change::Begin(begun) => after.begin(begun.clone()),
            Change::Unveil(keep_old_ms) => after.unveil(*keep_old_ms),
            Change::Back => after.go_back(now_ms()),
            Change::Expire => after.expire(now_ms()),
            Change::Switch => after.switch(now_ms()),
            Change::Abandon => after.abandon(),
        }
        after
    }
}
