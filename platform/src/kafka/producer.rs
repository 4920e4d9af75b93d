//! The producer: blocks out, one answer an append, once every record of it is acknowledged.
//!
//! After any delivery error the producer is thrown away and a new one made: what arrived is not
//! known then, and appending again is harmless (law 3).

use super::client::{not_made, unauthorized, unavailable};
use super::config::{self, Patience};
use super::fit::{Oversize, Way, fit, foresee};
use super::header::HEADER;
use super::lanes::{Batch, Delivered, Lanes, Piece, Tag, behind_failure};
use super::names::Names;
use super::settings::KafkaSettings;
use super::sizes::{Packing, Sizes};
use super::transcode::Outgoing;
use crate::clock::now_ms;
use crate::limits::REPORTS_WAIT_MAX;
use crate::log::{LogError, TopicPartition};
use goldstream_domain::record::Block;
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// What a producer's reports change, shared with who appends.
struct Desk {
    names: Names,
    sizes: Arc<Sizes>,
    way: Way,
    /// The largest batch of more than one record.
    batch_bytes: usize,
    lanes: Mutex<Lanes>,
    /// Set once, as soon as there is one.
    producer: OnceLock<Weak<Producing>>,
}

/// The context of a producer.
#[derive(Clone)]
struct Reports(Arc<Desk>);

struct Producing(BaseProducer<Reports>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = Tag;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: Tag) {
        let Self(desk) = self;
        match result {
            Ok(message) => {
                let next = desk.lanes().delivered(tag, message.offset().unsigned_abs());
                if let Some(batch) = next
                    && let Some(producer) = desk.producer.get().and_then(Weak::upgrade)
                {
                    desk.hand_over(&producer, batch);
                }
            }
            Err((error, message)) => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
                    desk.learn(message);
                }
                let reason = desk.fatal(error).unwrap_or_else(|| failure(error));
                desk.lanes().failed(tag, 1, reason);
            }
        }
    }
}

impl Desk {
    /// Whether another producer must take its place. One that is merely outdated ends what it has begun first,
    /// so that nothing overtakes it.
    fn is_over(&self, sizes: &Sizes) -> bool {
        let lanes = self.lanes();
        let is_outdated =
            self.batch_bytes > sizes.batch_bytes() || self.way.packing != sizes.packing();
        lanes.is_broken() || (is_outdated && lanes.is_empty())
    }

    /// Why the producer can deliver nothing more, where an error says only that.
    fn fatal(&self, error: &KafkaError) -> Option<LogError> {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::Fatal) {
            return None;
        }
        let producer = self.producer.get().and_then(Weak::upgrade)?;
        let (code, reason) = producer.0.client().fatal_error()?;
        Some(unavailable(unauthorized(code).unwrap_or(reason)))
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from a refusal what the topic takes, where its settings are not to be seen.
    fn learn(&self, message: &BorrowedMessage<'_>) {
        let Some(at) = self.names.find(message.topic(), message.partition()) else { return };
        let mut refused = Outgoing::default();
        refused.value.extend_from_slice(message.payload().unwrap_or_default());
        refused.key.extend_from_slice(message.key().unwrap_or_default());
        let was_alone = refused.wire_bytes() >= self.batch_bytes;
        if was_alone && self.way.packing == Packing::Packed {
            return self.sizes.refused(at.topic, refused.packed_bytes(), 0);
        }
        self.sizes.refused(at.topic, refused.wire_bytes(), self.batch_bytes);
    }

    /// Gives a batch to the client. The lanes are open meanwhile, for it takes its time.
    fn hand_over(&self, producer: &Producing, batch: Batch) {
        let mut outgoing = Outgoing::default();
        let mut pieces = batch.pieces.into_iter();
        for piece in pieces.by_ref() {
            let mut sent = 0;
            let result = self.send(producer, batch.at, &piece, &mut sent, &mut outgoing);
            if let Err(error) = result {
                self.lanes().failed(piece.tag, piece.len - sent, error);
                break;
            }
        }
        for behind in pieces {
            self.lanes().failed(behind.tag, behind.len, behind_failure());
        }
    }

    /// Sends the records of a piece and counts them.
    fn send(
        &self,
        producer: &Producing,
        at: TopicPartition,
        piece: &Piece,
        sent: &mut u64,
        outgoing: &mut Outgoing,
    ) -> Result<(), LogError> {
        let records = piece.block.records().skip(piece.from as usize).take(piece.len as usize);
        for record in records {
            let record = record.map_err(|error| LogError::Damaged(error.to_string()))?;
            outgoing
                .fill(at.topic, record)
                .map_err(|error| LogError::Damaged(error.to_string()))?;
            fit(&self.sizes, self.way, (at.topic, record), outgoing)?;
            let header = Header { key: HEADER, value: Some(&outgoing.header) };
            let topic = self.names.topic(at.topic);
            let mut message = BaseRecord::<[u8], [u8], Tag>::with_opaque_to(topic, piece.tag)
                .partition(at.partition as i32)
                .payload(&outgoing.value)
                .timestamp(timestamp(record.headers.ingested_at_ms, now_ms()))
                .headers(OwnedHeaders::new_with_capacity(1).insert(header));
            if !outgoing.key.is_empty() {
                message = message.key(&outgoing.key);
            }
            producer.0.send(message).map_err(|(error, _)| failure(&error))?;
            *sent += 1;
        }
        Ok(())
    }
}

/// The time by which the broker knows a record. It refuses what lies ahead of its clock, and another program may
/// have named any time; what it named stays in our header.
fn timestamp(ingested_at_ms: i64, now_ms: i64) -> i64 {
    ingested_at_ms.clamp(0, now_ms.max(0))
}

/// What an error means. Each may pass: what is too large is sent otherwise, and topics are mended.
fn failure(error: &KafkaError) -> LogError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
            unavailable("a batch is larger than its topic takes (max.message.bytes)")
        }
        Some(RDKafkaErrorCode::InvalidRecord | RDKafkaErrorCode::InvalidTimestamp) => {
            unavailable(format_args!(
                "a topic refuses a record ({error}): see its cleanup.policy and \
                 message.timestamp settings, and the clocks of both machines"
            ))
        }
        code => match code.and_then(unauthorized) {
            Some(sentence) => unavailable(sentence),
            None => unavailable(error),
        },
    }
}

/// One producer at a time, made when it is first needed and again after an error.
pub(super) struct Producers {
    config: ClientConfig,
    names: Names,
    sizes: Arc<Sizes>,
    oversize: Oversize,
    current: Mutex<Option<Current>>,
}

#[derive(Clone)]
struct Current {
    producer: Arc<Producing>,
    desk: Arc<Desk>,
}

impl std::fmt::Debug for Producers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Producers")
    }
}

impl Producers {
    pub(super) fn new(
        settings: &KafkaSettings,
        names: Names,
        sizes: Arc<Sizes>,
        patience: Patience,
    ) -> Self {
        let config = config::producer(settings, patience);
        let oversize = match patience {
            Patience::Endless => Oversize::Cut,
            Patience::Until(_) => Oversize::Refuse,
        };
        Self { config, names, sizes, oversize, current: Mutex::default() }
    }

    /// Begins to connect, so that the first append need not wait for that: a second, two hops long.
    pub(super) fn warm_up(&self) {
        // What is wrong now is told by the first append.
        if let Err(error) = self.current() {
            tracing::debug!(%error, "no producer yet");
        }
    }

    /// Takes the blocks in, in their order. The answer comes once all of them are acknowledged.
    pub(super) fn send(&self, blocks: Vec<(TopicPartition, Block)>) -> Result<Delivered, LogError> {
        if self.oversize == Oversize::Refuse {
            foresee(&self.sizes, blocks.iter().map(|(at, block)| (at.topic, block)))?;
        }
        let Current { producer, desk } = self.current()?;
        let (delivered, batches) = desk.lanes().append(blocks);
        for batch in batches {
            desk.hand_over(&producer, batch);
        }
        Ok(delivered)
    }

    /// The producer that is to be used now.
    fn current(&self) -> Result<Current, LogError> {
        let mut slot = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.take() {
            Some(current) if !current.desk.is_over(&self.sizes) => {
                return Ok(slot.insert(current).clone());
            }
            Some(current) if !current.desk.lanes().is_broken() => {}
            Some(_) => tracing::warn!("a record could not be delivered, making a new producer"),
            None => {}
        }
        Ok(slot.insert(self.start()?).clone())
    }

    fn start(&self) -> Result<Current, LogError> {
        let way = Way { packing: self.sizes.packing(), oversize: self.oversize };
        let batch_bytes = self.sizes.batch_bytes();
        let mut config = self.config.clone();
        config::fit(&mut config, batch_bytes, way.packing);
        let desk = Arc::new(Desk {
            names: self.names.clone(),
            sizes: Arc::clone(&self.sizes),
            way,
            batch_bytes,
            lanes: Mutex::default(),
            producer: OnceLock::new(),
        });
        let producer = config.create_with_context(Reports(Arc::clone(&desk)));
        let producer = Arc::new(Producing(producer.map_err(not_made)?));
        let polled = Arc::downgrade(&producer);
        desk.producer.get_or_init(|| Weak::clone(&polled));
        let for_poll = Arc::clone(&desk);
        std::thread::Builder::new()
            .name("kafka-produce".to_owned())
            .spawn(move || poll(&polled, &for_poll))
            .map_err(unavailable)?;
        Ok(Current { producer, desk })
    }
}

/// Takes reports until the producer was replaced or its log dropped, and everything is answered.
fn poll(polled: &Weak<Producing>, desk: &Desk) {
    while let Some(producer) = polled.upgrade() {
        producer.0.poll(REPORTS_WAIT_MAX);
        let (is_broken, is_empty) = {
            let lanes = desk.lanes();
            (lanes.is_broken(), lanes.is_empty())
        };
        if is_broken {
            // What still waits behind a record that failed is reported as failed, too.
            producer.0.purge(PurgeConfig::default().queue().inflight());
        }
        let is_last = Arc::strong_count(&producer) == 1;
        if (is_last || is_broken) && is_empty {
            return;
        }
    }
}
