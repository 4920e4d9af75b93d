//! The oracle: the gold that is stored, and the batch over the rows that it counts.

use crate::scope::Scope;
use crate::shared::Shared;
use goldstream_domain::batch::{Batch, Cut};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::clean::Rules;
use goldstream_domain::gold::compare::Differences;
use goldstream_domain::gold::merge::MergedTables;
use goldstream_domain::gold::report::{Accounting, Gold};
use goldstream_domain::gold::rows::{PlacedRow, Row};
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use goldstream_platform::generations::Generation;
use goldstream_platform::store::{Content, Part, ShardId};

/// The stages' heads, with the positions of the silver ones.
struct Heads {
    silver: Vec<(BronzePartition, u64, SilverHead)>,
    gold: Vec<GoldHead>,
}

/// That a gold is the batch at its cut, by these rules.
pub(crate) fn same(
    what: &str,
    (shared, rules): (&Shared, Rules),
    gold: &Gold,
    cut: Cut,
) -> Result<(), String> {
    let batch = batch((shared, rules), cut, |_, _| true);
    match Differences::between(gold, &batch).first.first() {
        Some(difference) => Err(format!("{what} is not the batch's: {difference}")),
        None => Ok(()),
    }
}

/// The batch over the rows of bronze in their order.
pub(crate) fn batch(
    (shared, rules): (&Shared, Rules),
    cut: Cut,
    takes: impl Fn(BronzePartition, u64) -> bool,
) -> Gold {
    let partitions = shared.log.count();
    let mut batch = Batch::new(partitions, rules, cut);
    for at in BronzePartition::all(partitions) {
        shared.log.each(at.into(), |offset, headers, payload| {
            if let Ok(row) = BronzeRow::decode(payload)
                && takes(at, offset)
            {
                batch.add(at, offset, headers, &row);
            }
        });
    }
    batch.finish()
}

fn heads(shared: &Shared, scope: Scope) -> Result<(Heads, MergedTables), String> {
    let partitions = shared.log.count();
    let mut tables = MergedTables::new(partitions);
    let mut heads = Heads { silver: Vec::new(), gold: Vec::new() };
    let load = |shard| {
        let image = shared.shards.load(&scope.shard(shard), Part::Whole);
        image.map_err(|error| error.to_string())
    };
    for at in BronzePartition::all(partitions) {
        let image = load(ShardId::Silver(at))?;
        let head = match image.content {
            Content::Silver { head, .. } => head,
            _ => SilverHead::default(),
        };
        heads.silver.push((at, image.position, head));
    }
    for shard in 0..partitions {
        let head = match load(ShardId::Gold(shard))?.content {
            Content::Gold { head, rows } => {
                let is_zero =
                    |it: &PlacedRow| matches!(&it.row, Row::Country(row) if row.orders == 0);
                if let Some(zero) = rows.iter().find(|it| is_zero(it)) {
                    return Err(format!("a row that counts nothing is stored: {zero:?}"));
                }
                tables.load(shard, rows);
                head
            }
            _ => GoldHead::default(),
        };
        heads.gold.push(head);
    }
    Ok((heads, tables))
}

/// The gold of a generation as it is stored, and the cut that it stands for.
pub(crate) fn stored(shared: &Shared, of: &Generation) -> Result<(Gold, Cut), String> {
    let (Heads { silver, gold }, tables) = heads(shared, Scope(of.number))?;
    let kinds = silver.iter().map(|(at, _, head)| (at.kind, head));
    let accounting = Accounting::of_heads(kinds, &gold);
    let known = gold.iter().map(|head| head.counts.known_customers).sum();
    let cut = Cut::of_shards(silver.iter().map(|(at, position, _)| (*at, *position)), &gold);
    Ok((Gold::new(&tables, accounting, known), cut))
}
