//! What is stored: incidents, and what is to be sent of them. One step takes what the rules say of a moment and
//! leaves the book as it follows; whoever steps the same facts on the same book gets the same.

use crate::facts::{Facts, Now};
use crate::incident::{About, Check, Figures, Incident, IncidentState, Rule};
use crate::judge::{HourMark, Verdict, judge};
use crate::outbox::{Item, Outbox, Turn};
use crate::rules::Rules;
use serde::{Deserialize, Serialize};

/// Incidents that are kept, those that hold included.
pub const INCIDENTS_MAX: usize = 200;

/// The book of one shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    /// Which shop: part of the ids of messages, for two shops may write to one receiver.
    pub shop: String,
    /// In the order in which they were noticed.
    pub incidents: Vec<Incident>,
    /// What is to be sent.
    pub outbox: Outbox,
    /// Where the hour's rows are counted from.
    pub mark: Option<HourMark>,
}

/// What became of the wish to acknowledge an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is acknowledged now, or was before.
    Is,
    /// It is over.
    Over,
    /// There is none.
    Unknown,
}

/// What a step is made with.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// How the rules are set.
    pub rules: &'a Rules,
    /// What is known.
    pub facts: &'a Facts,
    /// The version of the view that it is known from.
    pub version: &'a str,
    /// Names of those who are told.
    pub receivers: &'a [String],
}

impl Book {
    /// An empty one.
    #[must_use]
    pub fn new(shop: &str) -> Self {
        Self { shop: shop.to_owned(), ..Self::default() }
    }

    /// Takes what the rules say of this moment.
    pub fn step(&mut self, step: Step<'_>) {
        let Some(now) = step.facts.now else { return };
        self.begin_count(step.facts, now);
        for check in Check::ALL {
            let verdict = judge(check, step.rules, step.facts, self.mark);
            self.take(check, verdict, step, now);
        }
        self.roll(step.facts, now);
        self.forget();
    }

    /// The incident of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Incident> {
        self.incidents.iter().find(|incident| incident.id == id)
    }

    /// Somebody knows of it.
    pub fn acknowledge(&mut self, id: &str) -> Acknowledged {
        let Some(incident) = self.incidents.iter_mut().find(|incident| incident.id == id) else {
            return Acknowledged::Unknown;
        };
        if !incident.holds() {
            return Acknowledged::Over;
        }
        incident.state = IncidentState::Acknowledged;
        Acknowledged::Is
    }

    fn take(&mut self, check: Check, verdict: Verdict, step: Step<'_>, now: Now) {
        let rule = check.rule();
        let holding = |it: &Incident| it.figures.check() == check && it.holds();
        let holding = self.incidents.iter().position(holding);
        match (verdict, holding) {
            (Verdict::Wrong(about, figures), None) => {
                self.open(rule, about.id(rule), figures, step, now);
            }
            // Another month has its goal; anything else that goes on is one incident.
            (Verdict::Wrong(about, figures), Some(place)) => {
                let id = about.id(rule);
                if rule == Rule::Goal && self.incidents[place].id != id {
                    self.resolve(place, step, now);
                    self.open(rule, id, figures, step, now);
                }
            }
            (Verdict::Right, Some(place)) => self.resolve(place, step, now),
            (Verdict::Right, None) | (Verdict::Unknown, _) => {}
        }
    }

    fn open(&mut self, rule: Rule, id: String, figures: Figures, step: Step<'_>, now: Now) {
        // It was told already, and is over: what comes and goes within an hour is told once. Another silence that
        // began in the same hour is not over with it.
        let id = match self.find(&id) {
            Some(_) if rule == Rule::Silence => About::Hour(now.local.hour()).id(rule),
            _ => id,
        };
        if self.find(&id).is_some() {
            return;
        }
        self.tell(&id, Turn::Opened, step, now);
        self.incidents.push(Incident {
            id,
            rule,
            state: IncidentState::Open,
            opened_at_ms: now.utc_ms,
            resolved_at_ms: None,
            version: step.version.to_owned(),
            figures,
        });
    }

    fn resolve(&mut self, place: usize, step: Step<'_>, now: Now) {
        let incident = &mut self.incidents[place];
        incident.state = IncidentState::Resolved;
        incident.resolved_at_ms = Some(now.utc_ms);
        if incident.rule.tells_its_end() {
            let id = incident.id.clone();
            self.tell(&id, Turn::Resolved, step, now);
        }
    }

    fn tell(&mut self, id: &str, turn: Turn, step: Step<'_>, now: Now) {
        for to in step.receivers {
            self.outbox.tell(to, Item { incident: id.to_owned(), turn }, now.utc_ms);
        }
    }

    /// Rows are counted from where they stand: what was refused before anybody was to be told is no news. So it is
    /// where a store was emptied, and its rows are counted again.
    fn begin_count(&mut self, facts: &Facts, now: Now) {
        let Some(counted) = facts.counted else { return };
        let is_behind = |mark: HourMark| {
            counted.rows < mark.counted.rows || counted.refused_rows < mark.counted.refused_rows
        };
        if self.mark.is_none_or(is_behind) {
            self.mark = Some(HourMark { hour: now.local.hour(), counted });
        }
    }

    fn roll(&mut self, facts: &Facts, now: Now) {
        let hour = now.local.hour();
        if let (Some(mark), Some(counted)) = (&mut self.mark, facts.counted)
            && hour > mark.hour
        {
            *mark = HourMark { hour, counted };
        }
    }

    /// The oldest that are over and that nobody is still to be told of.
    fn forget(&mut self) {
        while self.incidents.len() > INCIDENTS_MAX {
            let is_waiting = |id: &str| {
                let items = self.outbox.messages().iter().flat_map(|message| &message.items);
                items.into_iter().any(|item| item.incident == id)
            };
            let oldest = self.incidents.iter().position(|it| !it.holds() && !is_waiting(&it.id));
            match oldest {
                Some(place) => drop(self.incidents.remove(place)),
                None => return,
            }
        }
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
