//! A shop that is being counted on servers, while something is done to them.

use super::team::Team;
use crate::harness::chaos;
use crate::harness::home::Home;
use crate::harness::shop::rows;
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::{Accounting, Gold};

/// Two of each stage, a server and a producer.
pub(crate) const LINES: [&str; 6] = [
    "consume silver",
    "consume silver",
    "consume gold",
    "consume gold",
    "serve",
    "produce shop --follow --rate 4000",
];

/// The shop, and the gold that it must give.
pub(crate) struct Scene {
    pub(crate) home: Home,
    pub(crate) all_rows: u64,
    undisturbed: String,
}

impl Scene {
    pub(crate) fn new(home: Home) -> Self {
        Self::of(home, 2000, chaos::times(40_000), 7)
    }

    pub(crate) fn of(home: Home, customers: usize, purchases: usize, seed: u64) -> Self {
        home.ok(&format!(
            "generate --out shop --customer-count {customers} --purchase-count {purchases} --dirt 5 --seed {seed}"
        ));
        let embedded = Home::new();
        embedded.ok(&format!("run {} --once", home.path("shop").display()));
        let undisturbed = embedded.gold_text();
        let all_rows = rows(&home.path("shop/clients.csv")) + rows(&home.path("shop/achats.csv"));
        Self { home, all_rows, undisturbed }
    }

    /// Waits until so many more rows than now are counted, or all.
    pub(crate) fn goes_on(&self, team: &mut Team<'_>, more: u64) {
        let wanted = (team.server().accounting().rows() + more).min(self.all_rows);
        eventually("counting goes on", || {
            let counted = team.server().accounting().rows();
            if counted >= wanted { Ok(()) } else { Err(format!("{counted} of {wanted}")) }
        });
    }

    /// What an undisturbed run counts.
    pub(crate) fn accounting(&self) -> Accounting {
        serde_json::from_str::<Gold>(&self.undisturbed).unwrap().accounting
    }

    pub(crate) fn ends_equal(&self, mut team: Team<'_>) {
        while team.server().accounting().rows() < self.all_rows {
            self.goes_on(&mut team, 10_000);
        }
        team.server().counts(self.all_rows);
        // What serves keeps its view while an emptied store is filled again: the store itself is asked.
        eventually("the store has all rows again", || {
            // A moment after it was emptied there is no store to ask.
            let answer = self.home.ask("export gold");
            let gold = serde_json::from_str::<Gold>(&answer.stdout);
            let Ok(stored) = gold.map(|gold| gold.accounting.rows()) else {
                return Err(answer.stderr);
            };
            if stored == self.all_rows { Ok(()) } else { Err(format!("{stored} rows")) }
        });
        self.home.verify_equal();
        assert!(self.home.gold_text() == self.undisturbed, "gold is another one");
        team.end();
    }
}
