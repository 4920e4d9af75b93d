//! The producer: blocks out, one answer an append, once every record of it is acknowledged.
//!
//! After any delivery error the producer is thrown away and a new one made: what arrived is not
//! known then, and appending again is harmless (law 3).

use super::KafkaSettings;
use super::client::unavailable;
use super::config::{self, Patience};
use super::header::HEADER;
use super::names::Names;
use super::transcode::Outgoing;
use crate::limits::REPORTS_WAIT_MAX;
use crate::log::{LogError, TopicPartition};
use goldstream_domain::record::{Block, Record};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// What an append is answered.
pub(super) type Delivered = oneshot::Receiver<Result<Vec<u64>, LogError>>;

/// Bits of an opaque that number the block within its append.
const BLOCK_BITS: u32 = 16;

/// Appends that are not answered yet.
#[derive(Debug, Default)]
struct Tickets {
    open: Mutex<BTreeMap<usize, Ticket>>,
    /// A record could not be delivered: this producer must not go on.
    broken: AtomicBool,
}

#[derive(Debug)]
struct Ticket {
    /// Records not reported yet; one more while it is being filled.
    left: u64,
    ends: Vec<u64>,
    failure: Option<LogError>,
    answer: oneshot::Sender<Result<Vec<u64>, LogError>>,
}

impl Tickets {
    /// Changes a ticket and answers it when nothing is left.
    fn settle(&self, number: usize, change: impl FnOnce(&mut Ticket)) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ticket) = open.get_mut(&number) else { return };
        change(ticket);
        if ticket.left > 0 {
            return;
        }
        let Some(Ticket { ends, failure, answer, .. }) = open.remove(&number) else { return };
        // Who has stopped waiting need not hear it.
        answer.send(failure.map_or(Ok(ends), Err)).unwrap_or_default();
    }

    fn is_empty(&self) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// The context of a producer: its tickets, shared with who appends.
#[derive(Debug, Clone)]
struct Reports(Arc<Tickets>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: usize) {
        let (number, block) = (opaque >> BLOCK_BITS, opaque & ((1 << BLOCK_BITS) - 1));
        self.0.settle(number, |ticket| {
            ticket.left -= 1;
            match result {
                Ok(message) => {
                    if let Some(end) = ticket.ends.get_mut(block) {
                        *end = (*end).max(message.offset().unsigned_abs() + 1);
                    }
                }
                Err((error, _)) => {
                    self.0.broken.store(true, Ordering::Relaxed);
                    ticket.failure = Some(failure(error));
                }
            }
        });
    }
}

/// What an error means: a record that no broker will ever take is no passing trouble.
fn failure(error: &KafkaError) -> LogError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidRecord) => {
            LogError::Damaged(error.to_string())
        }
        _ => unavailable(error),
    }
}

/// One producer at a time, made when it is first needed and again after an error.
#[derive(Debug)]
pub(super) struct Producers {
    config: ClientConfig,
    names: Names,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    appends: usize,
    outgoing: Outgoing,
}

#[derive(Debug, Clone)]
struct Current {
    producer: Arc<Producing>,
    tickets: Arc<Tickets>,
}

struct Producing(BaseProducer<Reports>);

impl std::fmt::Debug for Producing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Producing")
    }
}

impl Producers {
    pub(super) fn new(settings: &KafkaSettings, names: Names, patience: Patience) -> Self {
        let config = config::producer(settings, patience);
        Self { config, names, state: Mutex::default() }
    }

    /// Begins to connect, so that the first append need not wait for that: a second, two hops long.
    pub(super) fn warm_up(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // What is wrong now is told by the first append.
        if let Err(error) = self.current(&mut state) {
            tracing::debug!(%error, "no producer yet");
        }
    }

    /// Hands the blocks over in their order. The answer comes once all of them are acknowledged.
    pub(super) fn send(&self, blocks: &[(TopicPartition, Block)]) -> Result<Delivered, LogError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Current { producer, tickets } = self.current(&mut state)?;
        state.appends += 1;
        let number = state.appends;
        let (answer, delivered) = oneshot::channel();
        let ticket = Ticket { left: 1, ends: vec![0; blocks.len()], failure: None, answer };
        tickets.open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, ticket);
        let mut sent = Ok(());
        for (place, (at, block)) in blocks.iter().enumerate() {
            let opaque = number << BLOCK_BITS | place;
            let send =
                |record| self.send_record(&producer, *at, record, opaque, &mut state.outgoing);
            tickets.settle(number, |ticket| ticket.left += block.len());
            let count = send_all(block, send);
            let missing = block.len() - *count.as_ref().unwrap_or_else(|(count, _)| count);
            tickets.settle(number, |ticket| ticket.left -= missing);
            if let Err((_, error)) = count {
                sent = Err(error);
                break;
            }
        }
        tickets.settle(number, |ticket| {
            ticket.left -= 1;
            if let Err(error) = sent {
                tickets.broken.store(true, Ordering::Relaxed);
                ticket.failure = Some(error);
            }
        });
        Ok(delivered)
    }

    fn send_record(
        &self,
        producer: &Producing,
        at: TopicPartition,
        record: Record<'_>,
        opaque: usize,
        outgoing: &mut Outgoing,
    ) -> Result<(), LogError> {
        outgoing.fill(at.topic, record).map_err(|error| LogError::Damaged(error.to_string()))?;
        let header = Header { key: HEADER, value: Some(&outgoing.header) };
        let mut message =
            BaseRecord::<[u8], [u8], usize>::with_opaque_to(self.names.topic(at.topic), opaque)
                .partition(at.partition as i32)
                .payload(&outgoing.value)
                .timestamp(record.headers.ingested_at_ms)
                .headers(OwnedHeaders::new_with_capacity(1).insert(header));
        if !outgoing.key.is_empty() {
            message = message.key(&outgoing.key);
        }
        producer.0.send(message).map_err(|(error, _)| failure(&error))
    }

    /// The producer that is to be used now.
    fn current(&self, state: &mut State) -> Result<Current, LogError> {
        let current = match state.current.take() {
            Some(current) if !current.tickets.broken.load(Ordering::Relaxed) => current,
            broken => {
                if broken.is_some() {
                    tracing::warn!("a record could not be delivered, making a new producer");
                }
                self.start()?
            }
        };
        state.current = Some(current.clone());
        Ok(current)
    }

    fn start(&self) -> Result<Current, LogError> {
        let tickets = Arc::<Tickets>::default();
        let producer = self.config.create_with_context(Reports(Arc::clone(&tickets)));
        let producer = Arc::new(Producing(producer.map_err(unavailable)?));
        let (polled, for_poll) = (Arc::downgrade(&producer), Arc::clone(&tickets));
        std::thread::Builder::new()
            .name("kafka-produce".to_owned())
            .spawn(move || {
                // Ends when the producer was replaced or its log dropped, and everything is answered.
                while let Some(producer) = polled.upgrade() {
                    producer.0.poll(REPORTS_WAIT_MAX);
                    let broken = for_poll.broken.load(Ordering::Relaxed);
                    if broken {
                        // What still waits behind a record that failed is reported as failed, too.
                        producer.0.purge(PurgeConfig::default().queue().inflight());
                    }
                    let last = Arc::strong_count(&producer) == 1;
                    if (last || broken) && for_poll.is_empty() {
                        return;
                    }
                }
            })
            .map_err(unavailable)?;
        Ok(Current { producer, tickets })
    }
}

/// Sends every record; after an error, how many were sent before it.
fn send_all<'a>(
    block: &'a Block,
    mut send: impl FnMut(Record<'a>) -> Result<(), LogError>,
) -> Result<u64, (u64, LogError)> {
    let mut count = 0;
    for record in block.records() {
        let record = record.map_err(|error| LogError::Damaged(error.to_string()));
        record.and_then(&mut send).map_err(|error| (count, error))?;
        count += 1;
    }
    Ok(count)
}
