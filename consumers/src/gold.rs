//! The gold stage: accepted events into the tables of their shard.

use crate::stage::{Amount, Stage, StageError, Taken};
use goldstream_domain::chain::Admission;
use goldstream_domain::clean::Purchase;
use goldstream_domain::gold::shard::GoldShard;
use goldstream_domain::progress::{GoldHead, LastApplied};
use goldstream_domain::record::{Block, Headers, Origin, Record};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::limits::ACCEPTED_LISTED_MAX;
use goldstream_platform::log::{Fetched, Topic, TopicPartition};
use goldstream_platform::store::{AcceptedPurchase, Changes, Content, ShardId};
use std::collections::VecDeque;

/// The gold stage.
#[derive(Debug, Clone, Copy)]
pub struct Gold;

/// The state of one silver partition.
#[derive(Debug)]
pub struct GoldState {
    head: GoldHead,
    shard: GoldShard,
    accepted: VecDeque<AcceptedPurchase>,
    ingested_at_ms: Option<i64>,
}

impl Stage for Gold {
    type State = GoldState;

    fn name(&self) -> &'static str {
        "gold"
    }

    fn topics(&self) -> Vec<Topic> {
        vec![Topic::Silver]
    }

    fn shard(&self, at: TopicPartition) -> ShardId {
        ShardId::Gold(at.partition)
    }

    fn restore(&self, _at: TopicPartition, content: Content) -> Result<GoldState, StageError> {
        let (head, rows) = match content {
            Content::Empty => (GoldHead::default(), Vec::new()),
            Content::Gold { head, rows } => (head, rows),
            Content::Silver { .. } | Content::Source(_) => return Err(StageError::WrongContent),
        };
        let shard = GoldShard::restore(head.counts.clone(), rows);
        Ok(GoldState { head, shard, accepted: VecDeque::new(), ingested_at_ms: None })
    }

    fn last_applied(state: &GoldState) -> Option<LastApplied> {
        state.head.last_applied
    }

    fn has_holes(state: &GoldState) -> bool {
        !state.head.chain.holes().is_empty()
    }

    fn fold(&self, state: &mut GoldState, from: u64, fetched: &Fetched) -> Result<(), StageError> {
        // Only the newest purchases are listed, so only the end of a block can be among them.
        let listed_from = fetched.block.len().saturating_sub(ACCEPTED_LISTED_MAX as u64);
        let mut last = None;
        for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
            let record = record?;
            if offset < from {
                continue;
            }
            last = Some((offset, record.payload));
            let accepted = state.take(record)?;
            if let Some(purchase) = accepted
                && offset - fetched.first >= listed_from
            {
                state.list(&purchase, record.headers);
            }
        }
        if let Some((position, payload)) = last {
            state.head.last_applied = Some(LastApplied::new(position, payload));
        }
        Ok(())
    }

    fn take_outputs(
        &self,
        _state: &mut GoldState,
        _amount: Amount,
    ) -> Vec<(TopicPartition, Block)> {
        Vec::new()
    }

    fn take_changes(&self, state: &mut GoldState) -> Taken {
        state.head.counts = state.shard.counts();
        let changes = Changes::Gold {
            head: state.head.clone(),
            rows: state.shard.take_changes(),
            accepted: state.accepted.drain(..).collect(),
        };
        Taken { changes, ingested_at_ms: state.ingested_at_ms.take() }
    }
}

impl GoldState {
    /// Takes one record in; gives the purchase if it was one and is new.
    fn take<'a>(&mut self, record: Record<'a>) -> Result<Option<Purchase<'a>>, StageError> {
        let headers = record.headers;
        if let Some(Origin { source_id, origin, prev }) = headers.origin
            && self.head.chain.admit(source_id, origin, prev)? != Admission::Apply
        {
            return Ok(None);
        }
        let at_ms = headers.ingested_at_ms;
        self.ingested_at_ms = Some(self.ingested_at_ms.map_or(at_ms, |oldest| oldest.min(at_ms)));
        let event = SilverEvent::decode(record.payload)?;
        self.shard.apply(&event)?;
        match event {
            SilverEvent::Purchase(purchase) => Ok(Some(purchase)),
            SilverEvent::Customer(_) => Ok(None),
        }
    }

    fn list(&mut self, purchase: &Purchase<'_>, headers: Headers<'_>) {
        if self.accepted.len() == ACCEPTED_LISTED_MAX {
            self.accepted.pop_front();
        }
        self.accepted.push_back(AcceptedPurchase {
            purchase_id: purchase.purchase_id.into(),
            customer_id: purchase.customer_id.into(),
            purchased_at: purchase.purchased_at,
            amount_cents: purchase.amount_cents,
            product: purchase.product.into(),
            country: self.shard.country_of(purchase.customer_id),
            ingested_at_ms: headers.ingested_at_ms,
        });
    }
}
