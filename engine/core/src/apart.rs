//! The search for F2 apart from the situation, which goes on meanwhile: in a large city it takes a second or two.

use crate::by_person::SharedByPerson;
use crate::event::Resident;
use crate::rules::{Place, Rules};
use crate::settle::CHEAP_ROWS_MAX;
use crate::situation::Situation;
use crate::store::Store;
use crate::sweep::{Searched, Sweep};
use crate::time::Time;
use crate::view::Delta;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// F2 by area, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondOrder {
    pub as_of: Time,
    /// By slot of the area: the city, districts, wards.
    pub(crate) by_slot: Vec<i64>,
}

/// A search for F2 as of the moment at which it was put apart. It can be run on any thread.
#[derive(Debug)]
pub struct Search {
    as_of: Time,
    sweep: Sweep,
    city: Apart,
}

/// What of the city a search needs. The rows are shared, and copied as far as they change meanwhile.
#[derive(Debug)]
struct Apart {
    rules: Arc<Rules>,
    store: Store,
    /// By venue: the longest that a visit there can be, in seconds.
    visits_max: Vec<u32>,
    homes: Arc<FxHashMap<u32, Place>>,
    residents: SharedByPerson<Resident>,
}

impl Searched for Apart {
    fn store(&self) -> &Store {
        &self.store
    }
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn venues(&self) -> usize {
        self.visits_max.len()
    }
    fn visit_max(&self, venue: u32) -> i64 {
        self.visits_max.get(venue as usize).copied().map_or(0, i64::from)
    }
    fn home(&self, person: u32) -> Place {
        let record = || self.residents.get(person);
        self.homes.get(&person).copied().unwrap_or_else(|| self.rules.residence(record()))
    }
}

impl Search {
    /// Whom it finds.
    pub fn run(mut self) -> SecondOrder {
        let mut units = i64::MAX;
        while !self.sweep.search(&self.city, &mut units) {}
        SecondOrder { as_of: self.as_of, by_slot: self.sweep.finish() }
    }
}

impl Situation {
    /// Is the search so short that each picture makes its own?
    pub fn is_second_order_cheap(&self) -> bool {
        self.store.rows() <= CHEAP_ROWS_MAX
    }

    /// The search for all F2 of now; None before the first event. Everybody followed is looked at here and now, which
    /// takes some 25 ns a person; the rest can wait.
    pub fn search_second_order(&self) -> Option<Search> {
        let as_of = self.now?;
        let mut sweep = Sweep::new(as_of, &self.rules);
        sweep.take_all_followed(self);
        let venues = (0..).take(self.venues.venues.len());
        let city = Apart {
            rules: Arc::clone(&self.rules),
            store: self.store.at_this_moment(),
            visits_max: venues
                .map(|venue| u32::try_from(self.venues.visit_max(venue)).unwrap_or(u32::MAX))
                .collect(),
            homes: self.cases.homes(),
            residents: self.residents.shared_records(),
        };
        Some(Search { as_of, sweep, city })
    }

    /// Shows what a search has found from the next picture on, unless a later one is shown.
    pub fn take_second_order(&mut self, found: SecondOrder, deltas: &mut Vec<Delta>) {
        if self.picture.f2.as_ref().is_none_or(|held| held.as_of <= found.as_of) {
            deltas.push(Delta::F2AsOf(found.as_of));
            self.picture.f2 = Some(found);
        }
    }

    /// What is shown of F2, if anything is.
    pub fn second_order_shown(&self) -> Option<&SecondOrder> {
        self.picture.f2.as_ref()
    }
}
