//! What the embedded log has acknowledged is there after a SIGKILL. The appender is this test binary
//! itself, started again to run one test as another process.

use crate::harness::draw::Draw;
use goldstream_domain::column::Kind;
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::embedded::Embedded;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Names the data directory, and makes a test the appender.
const APPEND_IN: &str = "GOLDSTREAM_TEST_APPEND_IN";
const AT: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 2);

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Not a test of its own: the process that is killed.
#[test]
fn appender() {
    let Ok(dir) = std::env::var(APPEND_IN) else { return };
    let embedded = Embedded::open(Path::new(&dir), None).unwrap();
    block_on(async {
        let first = embedded.end(AT).await.unwrap();
        for number in first.. {
            let mut builder = BlockBuilder::default();
            let headers = Headers { origin: None, ingested_at_ms: 0, line: None };
            builder.push(headers, |out| out.extend_from_slice(&number.to_le_bytes()));
            let lie = embedded.append(vec![(AT, builder.take())]).await.unwrap();
            assert_eq!(lie[0], number..number + 1);
            // A line of its own, whatever the test runner printed before.
            let mut out = std::io::stdout().lock();
            writeln!(out, "\nacknowledged {number}").unwrap();
            out.flush().unwrap();
        }
    });
}

/// Runs the appender until it has acknowledged so many rows, kills it: the last number acknowledged.
fn append_and_kill(dir: &Path, acknowledgements: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::appender", "--nocapture", "--test-threads=1"])
        .env(APPEND_IN, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let number = |line: String| line.strip_prefix("acknowledged ")?.parse::<u64>().ok();
    let wanted = usize::try_from(acknowledgements).unwrap();
    let mut last = lines.by_ref().filter_map(number).nth(wanted);
    child.kill().unwrap();
    child.wait().unwrap();
    // What was printed before the kill arrived was acknowledged too; a cut line was not.
    if let Some(later) = lines.filter_map(number).last() {
        last = Some(later);
    }
    last.expect("the appender appends until it is killed")
}

/// The numbers that stand in the log, from its beginning.
fn stored(dir: &Path) -> Vec<u64> {
    let embedded = Embedded::open(dir, None).unwrap();
    let mut numbers = Vec::new();
    block_on(async {
        while let Some(fetched) = embedded.read(AT, numbers.len() as u64).await.unwrap() {
            assert_eq!(fetched.first, numbers.len() as u64);
            for record in fetched.block.records() {
                numbers.push(u64::from_le_bytes(record.unwrap().payload.try_into().unwrap()));
            }
        }
        assert_eq!(embedded.end(AT).await.unwrap(), numbers.len() as u64);
    });
    embedded.close().unwrap();
    numbers
}

#[test]
fn every_acknowledged_row_is_there_after_a_kill_in_order_and_without_holes() {
    let mut draw = Draw::announced("durability");
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..8 {
        let last = append_and_kill(dir.path(), draw.below(300));
        let stored = stored(dir.path());
        assert!(stored.len() as u64 > last, "{last} was acknowledged, {} stand", stored.len());
        assert!(stored.iter().copied().eq(0..stored.len() as u64), "not in order: {stored:?}");
    }
}
