//! Files that a disk or a person has damaged: read or refused, and never a panic.

use super::*;
use crate::conformance::draw::Draw;
use crate::conformance::stores::{country, day, gold, silver};
use crate::store::{Part, ShardId};
use goldstream_domain::progress::BronzePartition;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

const FILES: u64 = 400;

/// Where [`silver`] commits.
const CLAIMED: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 1 };
const BRONZE: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);

async fn healthy(dir: &Path) {
    let embedded = Embedded::open(dir, Some(PARTITIONS)).unwrap();
    for _ in 0..20 {
        embedded.append(vec![(BRONZE, block(200))]).await.unwrap();
    }
    for to in 1..60 {
        let rows = vec![country(to as u32, "France", 2), day(to as u32)];
        embedded.commit(gold(to - 1, to, rows)).await.unwrap();
    }
    embedded.commit(silver(0, 5_000)).await.unwrap();
    embedded.close().unwrap();
}

/// Cuts the file, or writes over some of it.
fn damage(file: &Path, seed: u64) {
    let mut draw = Draw::new(seed);
    let mut open = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    let len = open.metadata().unwrap().len() as usize;
    if draw.below(4) == 0 {
        return open.set_len(draw.below(len) as u64).unwrap();
    }
    // As often in the first page, which says where all else is.
    let within = if draw.below(2) == 0 { 4096 } else { len };
    let noise: Vec<u8> = (0..1 + draw.below(64)).map(|_| draw.below(256) as u8).collect();
    open.seek(SeekFrom::Start(draw.below(within) as u64)).unwrap();
    open.write_all(&noise).unwrap();
}

/// How many records can be read, or why it is refused.
async fn read_all(dir: &Path) -> Result<u64, String> {
    let embedded = Embedded::open(dir, None).map_err(|error| error.to_string())?;
    let mut position = 0;
    let read = loop {
        match embedded.read(BRONZE, position).await {
            Ok(Some(fetched)) => position = fetched.first + fetched.block.len(),
            Ok(None) => break Ok(position),
            Err(error) => break Err(error.to_string()),
        }
    };
    let shards = [ShardId::Gold(1), ShardId::Silver(CLAIMED)];
    let mut loaded = Ok(());
    for shard in shards {
        let image = embedded.load(shard, Part::Whole).await;
        loaded = loaded.and(image.map(drop).map_err(|error| error.to_string()));
    }
    // It writes over what is damaged, too.
    let appended = embedded.append(vec![(BRONZE, block(200))]).await;
    let closed = embedded.close();
    appended.map_err(|error| error.to_string())?;
    closed.and(loaded).and(read)
}

#[tokio::test]
async fn a_damaged_file_is_read_or_refused_and_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    healthy(dir.path()).await;
    let (mut read, mut refused) = (0, 0);
    for seed in 0..FILES {
        let copy = tempfile::tempdir().unwrap();
        let file = copy.path().join(super::super::FILE_NAME);
        std::fs::copy(dir.path().join(super::super::FILE_NAME), &file).unwrap();
        damage(&file, seed);
        let path = copy.path().to_owned();
        let outcome = tokio::spawn(async move { read_all(&path).await }).await;
        match outcome.unwrap_or_else(|panic| panic!("seed {seed}: {panic}")) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > 0);
}

/// Where redb has the number of its form, in the headers of its two transactions.
const FORMS: [u64; 2] = [64, 192];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_older_form_is_refused_with_what_is_to_be_done() {
    let dir = tempfile::tempdir().unwrap();
    healthy(dir.path()).await;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(dir.path().join(super::super::FILE_NAME))
        .unwrap();
    for place in FORMS {
        file.seek(SeekFrom::Start(place)).unwrap();
        file.write_all(&[2]).unwrap();
    }
    let refused = Embedded::open(dir.path(), Some(PARTITIONS)).unwrap_err().to_string();
    let way = "goldstream run FILES --data-dir DIR";
    assert!(refused.contains("form 2") && refused.contains(way), "{refused}");
}
