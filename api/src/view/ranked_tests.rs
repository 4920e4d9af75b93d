//! The kept order over random commits: always the one that sorting from scratch gives.

use super::ranked::{Order, Ranking, Ranks, together};
use super::state::{Continuity, State, Step};
use crate::fold::fold;
use crate::testing::shop::{PARTITIONS, Shop, empty_store};
use goldstream_domain::gold::merge::MergedTables;
use goldstream_domain::gold::rows::CustomerRow;
use goldstream_platform::conformance::draw::Draw;
use goldstream_platform::store::Commit;
use std::collections::BTreeSet;
use std::fmt::Debug;

const COUNTRIES: [&str; 4] = ["", "France", "FRANCE", "España"];
const PRODUCTS: [&str; 4] = ["Clavier", "Écran", "Souris", "Tapis"];

fn draw_commit(draw: &mut Draw, shop: &mut Shop) -> Commit {
    let customer_id = draw.below(40).to_string();
    if draw.below(3) == 0 {
        let country = COUNTRIES[draw.below(4)];
        return shop.lives_in(&customer_id, country);
    }
    let product = PRODUCTS[draw.below(4)];
    // Few different amounts, so that ties are common.
    shop.buys_product(&customer_id, 100 * draw.below(5) as i64, product)
}

fn is_sorted<K: Ord + Clone + Debug, R: Ranks>(order: &Order<K, R>) {
    let places: Vec<_> = order.rows().map(|(key, row)| (-row.revenue_cents(), key)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(places.len(), order.len());
}

fn lives_in(row: &CustomerRow, countries: &[&str]) -> bool {
    row.country.as_deref().is_some_and(|country| countries.contains(&country))
}

fn is_as_from_scratch(ranking: &Ranking, tables: &MergedTables) {
    let mut ids: Vec<_> = tables.customers().map(|row| (row.customer_id.clone(), row)).collect();
    ids.sort_by(|a, b| a.0.cmp(&b.0));
    let by_key: Vec<_> = ranking.customers().by_key().map(|(id, row)| (id.clone(), row)).collect();
    assert_eq!(by_key, ids);
    is_sorted(ranking.customers().order());
    assert_eq!(ranking.customers().order().len(), ids.len());
    let countries: BTreeSet<_> = ids.iter().map(|(_, row)| row.country.clone()).collect();
    let mut of_countries = 0;
    for country in &countries {
        let order = ranking.customers_of(country).unwrap();
        is_sorted(order);
        assert!(order.rows().all(|(_, row)| row.country == *country));
        of_countries += order.len();
    }
    assert_eq!((of_countries, ranking.of_country.len()), (ids.len(), countries.len()));
    for (asked, spelt) in [("france", &["France", "FRANCE"][..]), ("ESPANA", &["España"])] {
        let mut expected: Vec<_> = ids.iter().filter(|(_, row)| lives_in(row, spelt)).collect();
        expected.sort_by_key(|(id, row)| (-row.revenue_cents(), id.clone()));
        let orders = ranking.customers_like(Some(asked));
        let all = together(orders.iter().map(|order| order.rows()), usize::MAX);
        assert!(all.iter().map(|(id, _)| id).eq(expected.iter().map(|(id, _)| id)), "{asked}");
        let first = together(orders.iter().map(|order| order.rows()), 3);
        assert_eq!(first[..], all[..all.len().min(3)]);
        assert_eq!(ranking.spelt.contains_key(&fold(asked)), !expected.is_empty(), "{asked}");
    }
    let products: Vec<_> = ranking.products().by_key().collect();
    assert_eq!(products, tables.products.iter().collect::<Vec<_>>());
    is_sorted(ranking.products().order());
}

#[test]
fn after_any_commits_the_order_is_the_one_that_sorting_gives() {
    for seed in 0..20 {
        let (mut draw, mut shop) = (Draw::new(seed), Shop::default());
        let mut state = State::new(PARTITIONS, 0);
        state.install(empty_store(), Continuity::Same, 0);
        let asked_first_at = draw.below(60);
        for n in 0..120 {
            if n == asked_first_at {
                state.rank();
            }
            assert_eq!(state.apply(&draw_commit(&mut draw, &mut shop), 0), Step::Applied);
            assert_eq!(state.ranking().is_some(), n >= asked_first_at);
            if let Some(ranking) = state.ranking() {
                is_as_from_scratch(ranking, state.tables());
            }
        }
    }
}

#[test]
fn rows_behind_a_place_begin_with_the_next_one_whoever_has_left_it() {
    let (mut state, mut shop) = (State::new(PARTITIONS, 0), Shop::default());
    state.install(empty_store(), Continuity::Same, 0);
    for (id, cents) in [("1", 500), ("2", 300), ("3", 300), ("4", 100)] {
        state.apply(&shop.buys(id, cents), 0);
    }
    state.rank();
    let ranking = state.ranking().unwrap();
    let after = |cents, id: &str| -> Vec<_> {
        let place = (std::cmp::Reverse(cents), id.into());
        ranking.customers().order().after(&place).map(|(id, _)| id.to_string()).collect()
    };
    assert_eq!(after(300, "2"), ["3", "4"]);
    assert_eq!(after(400, "9"), ["2", "3", "4"], "nobody stands at the place itself");
    let top: Vec<_> = ranking.customers().order().top(2).map(|(id, _)| id.as_str()).collect();
    assert_eq!(top, ["1", "2"]);
}

#[test]
fn loaded_shards_are_ranked_anew_when_asked() {
    let (mut state, mut shop) = (State::new(PARTITIONS, 0), Shop::default());
    state.install(empty_store(), Continuity::Same, 0);
    state.apply(&shop.buys("1", 500), 0);
    state.rank();
    state.install(empty_store(), Continuity::Another, 0);
    assert!(state.ranking().is_none());
    state.rank();
    assert!(state.ranking().unwrap().customers().order().is_empty());
}
