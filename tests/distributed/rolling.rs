//! Every role is ended and started again in turn, under load: nobody has to wait long, and gold stays the batch.

use super::scene::{LINES, Scene};
use super::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::home::Home;
use crate::harness::http;
use goldstream_domain::gold::report::Accounting;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Restarts of a test: each role but the server and the producer twice. `make chaos` makes more of them.
const RESTARTS: usize = 8;

/// What keeps the stages at work over one, and over the pace of `make chaos`.
const ROWS_A_RESTART: usize = 16_000;
const ROWS_A_PACE: usize = 80_000;

/// From one restart to the next in `make chaos`, as a careful operator makes them. A test does not wait.
const PACE: Duration = Duration::from_secs(20);

/// How often it is looked whether rows are counted.
const LOOK_PACE: Duration = Duration::from_millis(10);

#[test]
fn each_role_is_ended_and_started_again_under_load_and_nothing_is_lost_or_doubled() {
    let restarts = chaos::times(RESTARTS);
    let (pace, rows) = match restarts > RESTARTS {
        true => (PACE, ROWS_A_PACE),
        false => (Duration::ZERO, ROWS_A_RESTART),
    };
    let scene = Scene::of(Home::on_servers("rolling"), 2000, rows * restarts, 11);
    let mut team = Team::start(&scene.home, &LINES);
    scene.goes_on(&mut team, 4000);
    let mut consumers = Toll::of(
        "rolling restarts of consumers (recovery: the longest time in which nothing was counted)",
    );
    let mut others = Toll::of("rolling restarts of server and producer");
    for restart in 0..restarts {
        let began = Instant::now();
        let place = restart % team.len();
        let line = team.line(place).to_owned();
        let looks = line
            .starts_with("consume")
            .then(|| Looks::begin(format!("http://{}/api/v1/accounting", team.server().address())));
        team.end_and_restart(place);
        // As long as it takes the newcomer to have its share.
        scene.goes_on(&mut team, 6000);
        match looks {
            Some(looks) => consumers.paused(looks.longest_pause()),
            None => others.struck(),
        }
        std::thread::sleep(pace.saturating_sub(began.elapsed()));
    }
    scene.ends_equal(team);
}

/// Looks again and again how many rows are counted.
struct Looks {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Duration>,
}

impl Looks {
    fn begin(url: String) -> Self {
        let is_over = Arc::<AtomicBool>::default();
        let told = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let (mut counted, mut since, mut longest) = (0, Instant::now(), Duration::ZERO);
            while !told.load(Ordering::Relaxed) {
                let told = http::get(&url).ok();
                let told =
                    told.and_then(|(_, text)| serde_json::from_str::<Accounting>(&text).ok());
                let rows = told.map_or(counted, |accounting| accounting.rows());
                if rows > counted {
                    longest = longest.max(since.elapsed());
                    (counted, since) = (rows, Instant::now());
                }
                std::thread::sleep(LOOK_PACE);
            }
            longest
        });
        Self { is_over, thread }
    }

    fn longest_pause(self) -> Duration {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
