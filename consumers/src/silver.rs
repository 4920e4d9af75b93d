//! The silver stage: bronze rows to accepted events and refused rows.
//!
//! Its state is the ids taken, the marks of the files read, and the counts; which row is a
//! duplicate follows from the order of its bronze partition alone.

use crate::stage::{Amount, Stage, StageError, Taken};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::{Admission, SourceId};
use goldstream_domain::clean::{Route, Rules, clean_customer, clean_purchase, unify};
use goldstream_domain::column::Kind;
use goldstream_domain::dedupe::{Claim, DedupeSet, Verdict};
use goldstream_domain::partition::partition_of;
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::{BronzePartition, LastApplied, SilverHead};
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::reason::{Reason, Rejection};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin, Record};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::limits::BLOCK_BYTES_MAX;
use goldstream_platform::log::{Fetched, Topic, TopicPartition};
use goldstream_platform::store::{Changes, Content, ShardId};

/// The silver stage over topics of that many partitions.
#[derive(Debug, Clone, Copy)]
pub struct Silver {
    /// Partitions of every topic.
    pub partitions: u32,
    /// What is set of the rules.
    pub rules: Rules,
}

/// The state of one bronze partition.
#[derive(Debug)]
pub struct SilverState {
    bronze: BronzePartition,
    source_id: SourceId,
    partitions: u32,
    rules: Rules,
    head: SilverHead,
    taken: DedupeSet,
    claims: Vec<Claim>,
    accepted: Vec<BlockBuilder>,
    refused: BlockBuilder,
    full: Vec<(TopicPartition, Block)>,
    ingested_at_ms: Option<i64>,
}

/// What becomes of a row.
enum Fate<'a> {
    Accepted(SilverEvent<'a>),
    Duplicate,
    Refused(Rejection),
}

impl Stage for Silver {
    type State = SilverState;

    fn name(&self) -> &'static str {
        "silver"
    }

    fn topics(&self) -> Vec<Topic> {
        Kind::ALL.map(Topic::Bronze).to_vec()
    }

    fn shard(&self, at: TopicPartition) -> ShardId {
        ShardId::Silver(bronze_of(at))
    }

    fn restore(&self, at: TopicPartition, content: Content) -> Result<SilverState, StageError> {
        let (mut head, claims) = match content {
            Content::Empty => (SilverHead::default(), Vec::new()),
            Content::Silver { head, claims } => (head, claims),
            Content::Gold { .. } | Content::Source(_) => return Err(StageError::WrongContent),
        };
        head.tails.resize(self.partitions as usize, 0);
        if planted::is(Bug::TailsNotRestored) {
            head.tails.fill(0);
        }
        let mut taken = DedupeSet::default();
        taken.reserve(claims.len());
        for claim in claims.into_iter().filter(|_| !planted::is(Bug::ClaimsNotRestored)) {
            taken.claim(claim);
        }
        let bronze = bronze_of(at);
        Ok(SilverState {
            bronze,
            source_id: bronze.source_id(),
            partitions: self.partitions,
            rules: self.rules,
            head,
            taken,
            claims: Vec::new(),
            accepted: (0..self.partitions).map(|_| BlockBuilder::default()).collect(),
            refused: BlockBuilder::default(),
            full: Vec::new(),
            ingested_at_ms: None,
        })
    }

    fn last_applied(state: &SilverState) -> Option<LastApplied> {
        state.head.last_applied
    }

    fn has_holes(state: &SilverState) -> bool {
        !state.head.chain.holes().is_empty()
    }

    fn fold(
        &self,
        state: &mut SilverState,
        from: u64,
        fetched: &Fetched,
    ) -> Result<(), StageError> {
        let mut last = None;
        for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
            let record = record?;
            if offset >= from {
                state.take(offset, record)?;
                last = Some((offset, record.payload));
            }
        }
        if let Some((position, payload)) = last {
            state.head.last_applied = Some(LastApplied::new(position, payload));
        }
        Ok(())
    }

    fn take_outputs(
        &self,
        state: &mut SilverState,
        amount: Amount,
    ) -> Vec<(TopicPartition, Block)> {
        if amount == Amount::Everything {
            state.close_blocks();
        }
        std::mem::take(&mut state.full)
    }

    fn take_changes(&self, state: &mut SilverState) -> Taken {
        let claims = std::mem::take(&mut state.claims);
        Taken {
            changes: Changes::Silver { head: state.head.clone(), claims },
            ingested_at_ms: state.ingested_at_ms.take(),
        }
    }
}

fn bronze_of(at: TopicPartition) -> BronzePartition {
    let kind = match at.topic {
        Topic::Bronze(kind) => kind,
        // Silver joins the bronze topics only.
        Topic::Silver | Topic::Quarantine => Kind::Purchases,
    };
    BronzePartition { kind, partition: at.partition }
}

impl SilverState {
    fn take(&mut self, offset: u64, record: Record<'_>) -> Result<(), StageError> {
        let headers = record.headers;
        if let Some(Origin { source_id, origin, prev }) = headers.origin
            && self.head.chain.admit(source_id, origin, prev)? != Admission::Apply
        {
            return Ok(());
        }
        let at_ms = headers.ingested_at_ms;
        self.ingested_at_ms = Some(self.ingested_at_ms.map_or(at_ms, |oldest| oldest.min(at_ms)));
        let row = BronzeRow::decode(record.payload)?;
        let mut fields = match row.fields(self.bronze.kind) {
            Ok(fields) => fields,
            Err(detail) => {
                let rejection = Rejection::new(Reason::Malformed, detail);
                self.refuse(offset, headers, &row, &rejection);
                return Ok(());
            }
        };
        unify(self.bronze.kind, &mut fields);
        match self.judge(offset, headers.ingested_at_ms, &fields) {
            Fate::Accepted(event) => self.accept(offset, headers, &event),
            Fate::Duplicate => self.head.duplicate_purchases += 1,
            Fate::Refused(rejection) => self.refuse(offset, headers, &row, &rejection),
        }
        Ok(())
    }

    fn judge<'a>(
        &mut self,
        offset: u64,
        ingested_at_ms: i64,
        fields: &'a goldstream_domain::bronze::Fields<'_>,
    ) -> Fate<'a> {
        let BronzePartition { partition, .. } = self.bronze;
        let (partitions, rules) = (self.partitions, self.rules);
        let route = Route { partition, partitions, ingested_at_ms, rules };
        if self.bronze.kind == Kind::Customers {
            return match clean_customer(fields, route) {
                Ok(customer) => Fate::Accepted(SilverEvent::Customer(customer)),
                Err(rejection) => Fate::Refused(rejection),
            };
        }
        let purchase = match clean_purchase(fields, route) {
            Ok(purchase) => purchase,
            Err(rejection) => return Fate::Refused(rejection),
        };
        let claim = Claim::new(&purchase, offset);
        match self.taken.claim(claim) {
            Verdict::First => {
                self.claims.push(claim);
                Fate::Accepted(SilverEvent::Purchase(purchase))
            }
            Verdict::Duplicate => Fate::Duplicate,
            Verdict::Conflict => Fate::Refused(Rejection::new(
                Reason::ConflictingDuplicate,
                format!("purchase {} was accepted before with other content", purchase.purchase_id),
            )),
        }
    }

    /// The origin of what is written about the record at `offset`: places count from 1.
    fn origin(source_id: &SourceId, offset: u64, prev: u64) -> Origin<'_> {
        Origin { source_id, origin: offset + 1, prev }
    }

    fn accept(&mut self, offset: u64, headers: Headers<'_>, event: &SilverEvent<'_>) {
        let target = partition_of(event.customer_id().as_bytes(), self.partitions);
        let place = target as usize;
        let (Some(builder), Some(tail)) =
            (self.accepted.get_mut(place), self.head.tails.get_mut(place))
        else {
            return;
        };
        let origin = Some(Self::origin(&self.source_id, offset, *tail));
        builder.push(Headers { origin, line: None, ..headers }, |out| event.encode(out));
        *tail = offset + 1;
        if builder.size_bytes() >= BLOCK_BYTES_MAX {
            self.full.push((TopicPartition::new(Topic::Silver, target), builder.take()));
        }
    }

    fn refuse(
        &mut self,
        offset: u64,
        headers: Headers<'_>,
        row: &BronzeRow<'_>,
        rejection: &Rejection,
    ) {
        *self.head.quarantined.entry(rejection.reason).or_default() += 1;
        let place = match headers.origin {
            Some(origin) => (&**origin.source_id, origin.origin),
            None => (&*self.source_id, offset),
        };
        let raw = row.to_json(self.bronze.kind);
        let refused = QuarantinedRow::new(self.bronze.kind, place, rejection, &raw);
        let origin = Some(Self::origin(&self.source_id, offset, self.head.quarantine_tail));
        self.refused.push(Headers { origin, ..headers }, |out| refused.encode(out));
        self.head.quarantine_tail = offset + 1;
        if self.refused.size_bytes() >= BLOCK_BYTES_MAX {
            let at = TopicPartition::new(Topic::Quarantine, self.bronze.partition);
            self.full.push((at, self.refused.take()));
        }
    }

    /// Puts what has gathered behind the full blocks.
    fn close_blocks(&mut self) {
        for (partition, builder) in (0..).zip(&mut self.accepted) {
            if !builder.is_empty() {
                let at = TopicPartition::new(Topic::Silver, partition);
                self.full.push((at, builder.take()));
            }
        }
        if !self.refused.is_empty() {
            let at = TopicPartition::new(Topic::Quarantine, self.bronze.partition);
            self.full.push((at, self.refused.take()));
        }
    }
}
