//! A small shop: events in, the commits that the stages would make out.

use crate::view::state::{Loaded, Placed};
use goldstream_domain::clean::{Customer, Purchase};
use goldstream_domain::column::Kind;
use goldstream_domain::gold::shard::GoldShard;
use goldstream_domain::moment::{Day, Moment};
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::store::{AcceptedPurchase, Changes, Commit, ShardId};
use serde_json::Value;

/// Partitions of the shop.
pub(crate) const PARTITIONS: u32 = 2;

/// One purchases partition, whose silver shard the shop moves.
pub(crate) const BRONZE: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 0 };

/// Rows of gold's countries as lists and the feed have them: with the codes of those that tests know.
pub(crate) fn with_codes(rows: &Value) -> Value {
    let known = [
        ("France", "FR"),
        ("Spain", "ES"),
        ("Espagne", "ES"),
        ("Italie", "IT"),
        ("Germany", "DE"),
        ("Côte d'Ivoire", "CI"),
    ];
    let coded = |row: &Value| {
        let mut row = row.clone();
        let code = known.iter().find(|(name, _)| row["country"] == *name).map(|(_, code)| code);
        row["code"] = code.map_or(Value::Null, |code| (*code).into());
        row
    };
    rows.as_array().unwrap().iter().map(coded).collect()
}

#[derive(Default)]
pub(crate) struct Shop {
    shards: [(GoldShard, u64); PARTITIONS as usize],
    silver: (SilverHead, u64),
    rows: u64,
}

/// Shards in which nothing was ever committed.
pub(crate) fn empty_store() -> Loaded {
    let gold = (0..PARTITIONS).map(|_| (Placed::default(), Vec::new()));
    let silver = BronzePartition::all(PARTITIONS).map(|at| (at, Placed::default()));
    Loaded { silver: silver.collect(), gold: gold.collect(), last_purchases: None }
}

impl Shop {
    /// A customer buys. His shard follows from the last digit of his id.
    pub(crate) fn buys(&mut self, customer_id: &str, amount_cents: i64) -> Commit {
        self.buys_product(customer_id, amount_cents, "Souris")
    }

    /// A customer buys this.
    pub(crate) fn buys_product(
        &mut self,
        customer_id: &str,
        amount_cents: i64,
        product: &str,
    ) -> Commit {
        self.rows += 1;
        let purchase_id = format!("{customer_id}-{}", self.rows);
        let purchase = Purchase {
            purchase_id: &purchase_id,
            customer_id,
            purchased_at: Moment(1_700_000_000 + 40_000 * (self.rows as i64 - 1)),
            amount_cents,
            product,
        };
        let accepted = AcceptedPurchase {
            purchase_id: purchase_id.as_str().into(),
            customer_id: customer_id.into(),
            purchased_at: purchase.purchased_at,
            amount_cents,
            product: product.into(),
            country: None,
            ingested_at_ms: 5,
        };
        let mut commit = self.gold(customer_id, &SilverEvent::Purchase(purchase));
        if let Changes::Gold { accepted: list, .. } = &mut commit.changes {
            list.push(accepted);
        }
        commit
    }

    /// A customer says where he lives.
    pub(crate) fn lives_in(&mut self, customer_id: &str, country: &str) -> Commit {
        self.is(customer_id, "Anne", "anne@shop.example", country)
    }

    /// A customer says who he is.
    pub(crate) fn is(
        &mut self,
        customer_id: &str,
        name: &str,
        email: &str,
        country: &str,
    ) -> Commit {
        let [name, email, country] =
            [name, email, country].map(|text| (!text.is_empty()).then_some(text));
        let customer = Customer {
            customer_id,
            name,
            email: email.map(Into::into),
            signup_date: Day::from_civil(2024, 2, 29),
            country,
        };
        self.gold(customer_id, &SilverEvent::Customer(customer))
    }

    /// A purchase comes a second time.
    pub(crate) fn repeats(&mut self) -> Commit {
        self.silver.0.duplicate_purchases += 1;
        self.silver()
    }

    /// The silver stage goes on without anything to count.
    pub(crate) fn silver(&mut self) -> Commit {
        let (head, position) = &mut self.silver;
        *position += 1;
        Commit {
            shard: ShardId::Silver(BRONZE),
            from: *position - 1,
            to: *position,
            ingested_at_ms: Some(5),
            traces: Vec::new(),
            changes: Changes::Silver { head: head.clone(), claims: Vec::new() },
        }
    }

    fn gold(&mut self, customer_id: &str, event: &SilverEvent<'_>) -> Commit {
        let last = customer_id.bytes().last().unwrap_or(0);
        let number = u32::from(last) % PARTITIONS;
        let (shard, position) = &mut self.shards[number as usize];
        shard.apply(event).unwrap();
        *position += 1;
        let head = GoldHead { counts: shard.counts(), ..GoldHead::default() };
        Commit {
            shard: ShardId::Gold(number),
            from: *position - 1,
            to: *position,
            ingested_at_ms: Some(1_000 + *position as i64),
            traces: Vec::new(),
            changes: Changes::Gold { head, rows: shard.take_changes(), accepted: Vec::new() },
        }
    }
}
