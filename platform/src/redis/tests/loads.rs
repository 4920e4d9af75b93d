//! Loading while others write: an image is that of one position, or there is none.

use super::*;
use std::collections::BTreeMap;

const CUSTOMERS: u32 = 5_000;
const STEPS: u64 = 300;

/// The rows that a shard has at each position.
struct Model {
    commits: Vec<Arc<Commit>>,
    images: Vec<Vec<PlacedRow>>,
}

/// Steps that change rows, delete one and make it again in another place.
fn model() -> Model {
    let mut rows = BTreeMap::new();
    let mut model = Model { commits: Vec::new(), images: vec![Vec::new()] };
    for position in 0..STEPS {
        let mut changes: Vec<_> = match position {
            0 => (0..CUSTOMERS).map(|slot| customer(slot, 0)).collect(),
            _ => (0..50)
                .map(|n| customer((n * 97 + position as u32) % CUSTOMERS, position))
                .collect(),
        };
        if position > 0 {
            changes.push(country(position as u32 - 1, Some("France"), RowFate::Deleted));
        }
        changes.push(country(position as u32, Some("France"), RowFate::Stands));
        for RowChange { slot, row, fate } in &changes {
            let place = (row.table(), *slot);
            match fate {
                RowFate::Stands => rows.insert(place, row.clone()),
                RowFate::Deleted => rows.remove(&place),
            };
        }
        model.commits.push(gold(position, position + 1, changes));
        let placed =
            |((_, slot), row): (&(_, u32), &Row)| PlacedRow { slot: *slot, row: row.clone() };
        model.images.push(rows.iter().map(placed).collect());
    }
    model
}

/// Loads again and again while another process writes; gives the results.
async fn load_under_way(
    reader: &RedisStore,
    writer: RedisStore,
    commits: Vec<Arc<Commit>>,
) -> Vec<Result<Image, StoreError>> {
    let writing = tokio::spawn(async move {
        for commit in commits {
            writer.commit(commit).await.unwrap();
        }
    });
    let mut results = Vec::new();
    while !writing.is_finished() {
        results.push(reader.load(GOLD, Part::Whole).await);
    }
    writing.await.unwrap();
    results
}

fn check(model: &Model, image: Image) {
    match image.content {
        Content::Empty => assert_eq!(image.position, 0),
        Content::Gold { head, rows } => {
            assert_eq!(head.counts.accepted_purchases, image.position);
            assert!(rows == model.images[image.position as usize], "at {}", image.position);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_load_under_commits_is_exactly_the_image_of_one_position() {
    let place = Place::fresh("concurrent");
    let (reader, writer) = (place.store().await, place.store().await);
    let model = model();
    let results = load_under_way(&reader, writer, model.commits.clone()).await;
    assert!(!results.is_empty());
    results.into_iter().for_each(|result| check(&model, result.unwrap()));
    let last = load(&reader, GOLD).await;
    assert_eq!(last.position, STEPS);
    check(&model, last);
}

#[tokio::test]
async fn a_load_that_cannot_catch_up_fails_and_never_mixes_positions() {
    let place = Place::fresh("too-fast");
    // The feed keeps one entry, so whoever is behind by two cannot catch up.
    let (reader, writer) = (place.store().await, place.store_with_feed_of(1).await);
    let model = model();
    for result in load_under_way(&reader, writer, model.commits.clone()).await {
        match result {
            Ok(image) => check(&model, image),
            Err(StoreError::Unavailable(sentence)) => assert!(sentence.contains("too fast")),
            Err(damaged) => panic!("{damaged}"),
        }
    }
    check(&model, load(&reader, GOLD).await);
}

#[tokio::test]
async fn claims_loaded_under_commits_are_those_of_their_position() {
    let place = Place::fresh("claims");
    let (reader, writer) = (place.store().await, place.store().await);
    let writing = tokio::spawn(async move {
        for step in 0..200 {
            writer.commit(silver(step * 37, (step + 1) * 37)).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let image = load(&reader, SILVER).await;
        let Content::Silver { claims: loaded, .. } = image.content else { continue };
        assert_eq!(loaded, claims(0, image.position));
    }
    writing.await.unwrap();
    assert_eq!(stored_claims(&reader).await, (7_400, claims(0, 7_400)));
}
