//! What became of posted rows, over a real socket: the log is written as the stages would write it.

use crate::limits::RECEIPT_SCAN_MAX;
use crate::testing::server::TestServer;
use crate::testing::shop::PARTITIONS;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::clean::{Customer, Purchase};
use goldstream_domain::column::Kind;
use goldstream_domain::moment::Moment;
use goldstream_domain::progress::{BronzePartition, SilverHead};
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::reason::{Reason, Rejection};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use goldstream_platform::store::{Changes, Commit, ShardId};
use serde_json::{Value, json};

const JSON: &str = "Content-Type: application/json\r\n";

/// What the stages make of the rows of one bronze partition.
struct Stages {
    at: BronzePartition,
    silver_tail: u64,
    quarantine_tail: u64,
    read: u64,
}

impl Stages {
    fn of(at: BronzePartition) -> Self {
        Self { at, silver_tail: 0, quarantine_tail: 0, read: 0 }
    }

    /// Reads on to the end: ids of `a…` are accepted, of `q…` refused, the others were there before.
    async fn go_on(&mut self, server: &TestServer) {
        let from = self.read;
        while let Some(fetched) = server.store.read(self.at.into(), self.read).await.unwrap() {
            let mut blocks = Vec::new();
            for (position, record) in (fetched.first..).zip(fetched.block.records()) {
                let row = BronzeRow::decode(record.unwrap().payload).unwrap();
                let id = row.id(self.at.kind).unwrap_or_default().into_owned();
                blocks.extend(self.judged(&id, position + 1));
            }
            self.read = fetched.first + fetched.block.len();
            server.store.append(blocks).await.unwrap();
        }
        if self.read == from {
            return;
        }
        server
            .commit(Commit {
                shard: ShardId::Silver(self.at),
                from,
                to: self.read,
                ingested_at_ms: None,
                traces: Vec::new(),
                changes: Changes::Silver { head: SilverHead::default(), claims: Vec::new() },
            })
            .await;
    }

    fn judged(&mut self, id: &str, origin: u64) -> Option<(TopicPartition, Block)> {
        let source_id = self.at.source_id();
        let mut block = BlockBuilder::default();
        let mut push = |prev: u64, write: &dyn Fn(&mut Vec<u8>)| {
            let origin = Some(Origin { source_id: &source_id, origin, prev });
            block.push(Headers { origin, ingested_at_ms: 7, line: None }, |out| write(out));
        };
        if id.starts_with('q') {
            let rejection = Rejection::new(Reason::BadDate, "\"x\" is no date");
            let row = QuarantinedRow::new(self.at.kind, (&source_id, origin), &rejection, "{}");
            push(self.quarantine_tail, &|out| row.encode(out));
            self.quarantine_tail = origin;
            let at = TopicPartition::new(Topic::Quarantine, self.at.partition);
            return Some((at, block.take()));
        }
        if !id.starts_with('a') {
            return None;
        }
        let event = event(self.at.kind);
        push(self.silver_tail, &|out| event.encode(out));
        self.silver_tail = origin;
        Some((TopicPartition::new(Topic::Silver, 1), block.take()))
    }
}

fn event(kind: Kind) -> SilverEvent<'static> {
    let (customer_id, purchased_at) = ("1", Moment(0));
    match kind {
        Kind::Purchases => SilverEvent::Purchase(Purchase {
            purchase_id: "1",
            customer_id,
            purchased_at,
            amount_cents: 1,
            product: "x",
        }),
        Kind::Customers => SilverEvent::Customer(Customer {
            customer_id,
            name: None,
            email: None,
            signup_date: None,
            country: None,
        }),
    }
}

fn stages(kind: Kind) -> Vec<Stages> {
    (0..PARTITIONS).map(|partition| Stages::of(BronzePartition { kind, partition })).collect()
}

async fn post(server: &TestServer, kind: Kind, ids: &[&str]) -> String {
    let column = kind.columns()[0].english;
    let rows: Vec<_> = ids.iter().map(|id| json!({ column: id })).collect();
    let path = format!("/api/v1/{}", kind.name());
    let body = serde_json::to_vec(&rows).unwrap();
    let answer = server.post(&path, JSON, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.header("location").unwrap()
}

async fn go_on(server: &TestServer, stages: &mut [Stages]) {
    for stage in stages {
        stage.go_on(server).await;
    }
}

/// The fates by their first letters.
fn fates(told: &Value) -> String {
    let rows = told["rows"].as_array().unwrap().iter();
    rows.map(|row| &row["fate"].as_str().unwrap()[..1]).collect()
}

#[tokio::test]
async fn each_row_has_its_fate_in_the_order_in_which_they_were_posted() {
    let server = TestServer::start().await;
    let mut stages = stages(Kind::Purchases);
    let earlier = post(&server, Kind::Purchases, &["a0", "q0", "d0"]).await;
    go_on(&server, &mut stages).await;
    let ids = ["q1", "a1", "d1", "a2", "", "q2", "a3", "d2"];
    let receipt = post(&server, Kind::Purchases, &ids).await;
    assert_eq!(server.get(&receipt).await.json(), json!({ "state": "pending" }));
    go_on(&server, &mut stages).await;
    let told = server.get(&receipt).await.json();
    assert_eq!((&told["state"], fates(&told).as_str()), (&json!("counted"), "qadadqad"));
    let refused = json!({
        "fate": "quarantined", "reason": "purchases.bad_date", "detail": "\"x\" is no date",
    });
    assert_eq!(told["rows"][0], refused);
    assert_eq!(told["rows"][1], json!({ "fate": "accepted" }));
    // Later rows change nothing of it.
    post(&server, Kind::Purchases, &["a9", "q9", "a8"]).await;
    go_on(&server, &mut stages).await;
    assert_eq!(fates(&server.get(&receipt).await.json()), "qadadqad");
    assert_eq!(fates(&server.get(&earlier).await.json()), "aqd");
}

#[tokio::test]
async fn rows_of_customers_are_versions_or_refused() {
    let server = TestServer::start().await;
    let mut stages = stages(Kind::Customers);
    let receipt = post(&server, Kind::Customers, &["a1", "q1", "a2"]).await;
    go_on(&server, &mut stages).await;
    let told = server.get(&receipt).await.json();
    assert_eq!(told["rows"][0], json!({ "fate": "customer_version" }));
    assert_eq!(told["rows"][1]["reason"], "customers.bad_date");
    assert_eq!(fates(&told), "cqc");
}

#[tokio::test]
async fn of_rows_that_are_too_far_back_nothing_is_made_up() {
    let server = TestServer::start().await;
    let mut stages = stages(Kind::Purchases);
    let receipt = post(&server, Kind::Purchases, &["a1", "d1"]).await;
    go_on(&server, &mut stages).await;
    assert_eq!(fates(&server.get(&receipt).await.json()), "ad");
    // Others' records: no source of these rows says anything behind them.
    let mut block = BlockBuilder::default();
    for _ in 0..=RECEIPT_SCAN_MAX {
        let event = event(Kind::Customers);
        block
            .push(Headers { origin: None, ingested_at_ms: 1, line: None }, |out| event.encode(out));
    }
    let at = TopicPartition::new(Topic::Silver, 1);
    server.store.append(vec![(at, block.take())]).await.unwrap();
    assert_eq!(fates(&server.get(&receipt).await.json()), "uu");
}
