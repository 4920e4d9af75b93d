//! What stands on Kafka and Redis under a prefix, as one value that can be kept in a file and put under another
//! prefix: records where they stood, keys as they were. By the plain clients: no code of goldstream has a hand in it.

use goldstream_platform::conformance::servers;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use redis::{Connection, cmd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The servers of the tests answer within this time, or are broken.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// All of it. Names are without their prefix.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Dump {
    /// By partition.
    topics: BTreeMap<String, Vec<Vec<Record>>>,
    keys: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<(String, Bytes)>,
    at_ms: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Value {
    String(Bytes),
    Hash(Vec<(Bytes, Bytes)>),
    Set(Vec<Bytes>),
    List(Vec<Bytes>),
    /// Ids with their fields.
    Stream(Vec<(String, Vec<(Bytes, Bytes)>)>),
}

/// Fields with their values, as they come.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Text where it is some, so that a person can read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Raw(error.into_bytes()), Self::Text)
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Raw(bytes) => bytes,
        }
    }
}

impl Dump {
    /// What stands there now. Topics have records alone, without holes.
    pub(crate) fn take(prefix: &str) -> Self {
        let mut redis = redis();
        let keys = keys(&mut redis, prefix).into_iter();
        let keys = keys.map(|(name, key)| (name, Value::read(&mut redis, &key))).collect();
        Self { topics: topics(prefix), keys }
    }

    /// Puts it under another prefix, where nothing is.
    pub(crate) fn put(&self, prefix: &str) {
        let mut redis = redis();
        for (name, value) in &self.keys {
            value.write(&mut redis, &format!("{prefix}:{name}"));
        }
        let producer: BaseProducer = kafka().create().unwrap();
        for (name, partitions) in &self.topics {
            let topic = format!("{prefix}.{name}");
            make_topic(&topic, partitions.len() as i32);
            for (partition, records) in partitions.iter().enumerate() {
                records.iter().for_each(|record| record.send(&producer, &topic, partition as i32));
            }
        }
        producer.flush(ANSWER_MAX).unwrap();
    }
}

fn redis() -> Connection {
    redis::Client::open(servers::redis()).unwrap().get_connection().unwrap()
}

fn kafka() -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers::kafka());
    config
}

/// Keys that do not go away by themselves, by their names without the prefix.
fn keys(redis: &mut Connection, prefix: &str) -> Vec<(String, String)> {
    let all: Vec<String> = cmd("KEYS").arg(format!("{prefix}:*")).query(redis).unwrap();
    let mut stays = |key: &String| cmd("PTTL").arg(key).query::<i64>(redis).unwrap() == -1;
    let named = |key: String| (key[prefix.len() + 1..].to_owned(), key);
    let all: Vec<_> = all.into_iter().filter(|key| stays(key)).collect();
    all.into_iter().map(named).collect()
}

impl Value {
    fn read(redis: &mut Connection, key: &str) -> Self {
        let bytes = |all: Vec<Vec<u8>>| all.into_iter().map(Bytes::from).collect();
        let pairs =
            |all: Pairs| all.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let kind: String = cmd("TYPE").arg(key).query(redis).unwrap();
        match &*kind {
            "string" => Self::String(cmd("GET").arg(key).query::<Vec<u8>>(redis).unwrap().into()),
            "hash" => Self::Hash(pairs(cmd("HGETALL").arg(key).query(redis).unwrap())),
            "set" => Self::Set(bytes(cmd("SMEMBERS").arg(key).query(redis).unwrap())),
            "list" => {
                Self::List(bytes(cmd("LRANGE").arg(key).arg(0).arg(-1).query(redis).unwrap()))
            }
            "stream" => {
                let range = cmd("XRANGE").arg(key).arg("-").arg("+").to_owned();
                let all: Vec<(String, Pairs)> = range.query(redis).unwrap();
                Self::Stream(all.into_iter().map(|(id, fields)| (id, pairs(fields))).collect())
            }
            other => panic!("{key} is a {other}"),
        }
    }

    fn write(&self, redis: &mut Connection, key: &str) {
        let all = match self {
            Self::String(value) => vec![cmd("SET").arg(key).arg(value.as_ref()).to_owned()],
            Self::Set(members) => vec![filled("SADD", key, members.iter())],
            Self::List(items) => vec![filled("RPUSH", key, items.iter())],
            Self::Hash(fields) => vec![filled("HSET", key, flat(fields))],
            Self::Stream(entries) => {
                let add = |(id, fields): &(String, Vec<(Bytes, Bytes)>)| {
                    let mut add = cmd("XADD");
                    add.arg(key).arg(id);
                    for it in flat(fields) {
                        add.arg(it.as_ref());
                    }
                    add
                };
                entries.iter().map(add).collect()
            }
        };
        all.into_iter().for_each(|command| command.exec(redis).unwrap());
    }
}

fn flat(fields: &[(Bytes, Bytes)]) -> impl Iterator<Item = &Bytes> {
    fields.iter().flat_map(|(name, value)| [name, value])
}

fn filled<'a>(name: &str, key: &str, items: impl Iterator<Item = &'a Bytes>) -> redis::Cmd {
    let mut command = cmd(name);
    command.arg(key);
    for item in items {
        command.arg(item.as_ref());
    }
    command
}

fn topics(prefix: &str) -> BTreeMap<String, Vec<Vec<Record>>> {
    let consumer: BaseConsumer =
        kafka().set("group.id", "none").set("enable.auto.commit", "false").create().unwrap();
    let all = consumer.fetch_metadata(None, ANSWER_MAX).unwrap();
    let own = all.topics().iter().filter_map(|topic| {
        let name = topic.name().strip_prefix(&format!("{prefix}."))?;
        let partitions = 0..topic.partitions().len() as i32;
        let read = partitions.map(|partition| records(&consumer, topic.name(), partition));
        Some((name.to_owned(), read.collect()))
    });
    own.collect()
}

fn records(consumer: &BaseConsumer, topic: &str, partition: i32) -> Vec<Record> {
    let (_, end) = consumer.fetch_watermarks(topic, partition, ANSWER_MAX).unwrap();
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    consumer.assign(&from).unwrap();
    let record = |place: i64| {
        let message = consumer.poll(ANSWER_MAX).expect("the broker answers").unwrap();
        assert_eq!(message.offset(), place, "{topic}/{partition} has holes");
        Record::of(&message)
    };
    (0..end).map(record).collect()
}

impl Record {
    fn of(message: &impl Message) -> Self {
        let bytes = |bytes: Option<&[u8]>| bytes.map(|bytes| bytes.to_vec().into());
        let header = |it: Header<'_, &[u8]>| {
            (it.key.to_owned(), it.value.unwrap_or_default().to_vec().into())
        };
        Self {
            key: bytes(message.key()),
            value: bytes(message.payload()),
            headers: message
                .headers()
                .map(|all| all.iter().map(header).collect())
                .unwrap_or_default(),
            at_ms: message.timestamp().to_millis(),
        }
    }

    fn send(&self, producer: &BaseProducer, topic: &str, partition: i32) {
        let mut headers = OwnedHeaders::new();
        for (key, value) in &self.headers {
            headers = headers.insert(Header { key, value: Some(value.as_ref()) });
        }
        let record = BaseRecord::<[u8], [u8]> {
            timestamp: self.at_ms,
            key: self.key.as_ref().map(AsRef::as_ref),
            payload: self.value.as_ref().map(AsRef::as_ref),
            headers: Some(headers),
            ..BaseRecord::to(topic).partition(partition)
        };
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
}

/// As goldstream makes it: old stamps must not have it thrown away.
fn make_topic(topic: &str, partitions: i32) {
    let admin: AdminClient<DefaultClientContext> = kafka().create().unwrap();
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1))
        .set("retention.ms", "-1")
        .set("retention.bytes", "-1");
    let made = futures::executor::block_on(admin.create_topics([&new], &AdminOptions::new()));
    made.unwrap().into_iter().for_each(|made| drop(made.unwrap()));
}
