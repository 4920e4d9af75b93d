//! The model is the world: the same drawn operations on the simulated log and store and on the real ones
//! have the same answers. What the simulator shows is then true of Kafka, Redis and the embedded file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod script;
mod worlds;

use goldstream_platform::conformance::{World, check};
use script::{Discards, told};
use worlds::{File, Model, Servers};

async fn must_agree<W: World>(world: &mut W, seed: u64, discards: Discards) {
    let model = told(&mut Model::new(), seed, discards).await;
    let world = told(world, seed, discards).await;
    for (place, (ours, theirs)) in model.iter().zip(&world).enumerate() {
        assert_eq!(ours, theirs, "seed {seed}, answer {place}: model and world");
    }
    assert_eq!(model.len(), world.len(), "seed {seed}");
}

#[tokio::test]
async fn the_model_passes_the_suite_of_logs_and_stores() {
    check(|| async { Model::new() }).await;
}

#[tokio::test]
async fn the_embedded_file_answers_as_the_model_does() {
    for seed in 0..60 {
        must_agree(&mut File::new(), seed, Discards::Impossible).await;
    }
}

#[tokio::test]
async fn kafka_and_redis_answer_as_the_model_does() {
    for seed in 0..12 {
        must_agree(&mut Servers::new().await, seed, Discards::Possible).await;
    }
}
