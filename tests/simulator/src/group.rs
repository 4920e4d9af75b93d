//! The consumer groups, one a generation: who may work on which partition. It knows processes by their lives and is told of
//! deaths late, as any group is.

use crate::draw::Draw;
use crate::scope::Scope;
use crate::shared::Owner;
use goldstream_platform::log::TopicPartition;
use std::collections::BTreeMap;

/// Ticks after which a partition that is not handed back goes to another process all the same.
const REVOKE_TICKS: u64 = 20;

/// Who has what.
#[derive(Debug, Default)]
pub struct Group {
    places: BTreeMap<TopicPartition, Place>,
}

#[derive(Debug, Default)]
struct Place {
    owner: Option<Owner>,
    /// It has no owner before this tick.
    free_at: u64,
    /// It is taken away at this tick, handed back or not.
    leaves_at: Option<u64>,
}

impl Group {
    /// These partitions are to be worked on, and no others. Nobody has one that is new.
    pub fn work_on(&mut self, partitions: Vec<TopicPartition>) {
        let mut before = std::mem::take(&mut self.places);
        let place = |at| (at, before.remove(&at).unwrap_or_default());
        self.places = partitions.into_iter().map(place).collect();
    }

    /// A process hands a partition back.
    pub fn released(&mut self, owner: Owner, at: TopicPartition) {
        if let Some(place) = self.places.get_mut(&at)
            && place.owner == Some(owner)
        {
            *place = Place::default();
        }
    }

    /// A process is given up; its partitions are free after that many ticks.
    pub fn given_up(&mut self, owner: Owner, free_at: u64) {
        for place in self.places.values_mut().filter(|place| place.owner == Some(owner)) {
            *place = Place { free_at, ..Place::default() };
        }
    }

    /// A partition that somebody has, and who.
    pub fn one_that_is_held(&self, draw: &mut Draw) -> Option<(TopicPartition, Owner)> {
        let held = self.places.iter().filter(|(_, place)| place.leaves_at.is_none());
        let held: Vec<_> = held.filter_map(|(at, place)| Some((*at, place.owner?))).collect();
        (!held.is_empty()).then(|| *draw.one_of(&held))
    }

    /// A partition is asked back.
    pub fn revoke(&mut self, at: TopicPartition, tick: u64) {
        if let Some(place) = self.places.get_mut(&at) {
            place.leaves_at = Some(tick + REVOKE_TICKS);
        }
    }

    /// A partition goes to another process though its owner knows nothing of it.
    pub fn hand_over(&mut self, at: TopicPartition, to: Owner) {
        if let Some(place) = self.places.get_mut(&at) {
            *place = Place { owner: Some(to), ..Place::default() };
        }
    }

    /// Who has a partition.
    #[must_use]
    pub fn owner(&self, at: TopicPartition) -> Option<Owner> {
        self.places.get(&at)?.owner
    }

    /// Gives free partitions to members of their generation; tells to whom which.
    pub fn assign(
        &mut self,
        members: &BTreeMap<u32, Vec<Owner>>,
        tick: u64,
        draw: &mut Draw,
    ) -> Vec<(Owner, TopicPartition)> {
        let mut given = Vec::new();
        for (at, place) in &mut self.places {
            if place.leaves_at.is_some_and(|leaves_at| leaves_at <= tick) {
                *place = Place::default();
            }
            let Some(members) = members.get(&Scope::of(*at).0) else { continue };
            if place.owner.is_none() && place.free_at <= tick {
                let owner = *draw.one_of(members);
                *place = Place { owner: Some(owner), ..Place::default() };
                given.push((owner, *at));
            }
        }
        given
    }

    /// Whether every partition has its owner.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.places.values().all(|place| place.owner.is_some() && place.leaves_at.is_none())
    }
}
