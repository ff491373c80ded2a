//! The comparison itself, pure: true infections on one side, contact lists on the other.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::{Person, VenueId};
use vonglau_core::rows::{ContactRow, Overlap};
use vonglau_core::time::Time;

/// An infection that really happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infection {
    pub infected: Person,
    /// By whom and where; none where it came from outside.
    pub source: Option<(Person, VenueId)>,
    pub at: Time,
}

/// What the tracing says.
#[derive(Debug, Default)]
pub(super) struct Traced {
    /// Infectious windows [from, to) of each case.
    pub(super) windows: BTreeMap<Person, Vec<(Time, Time)>>,
    /// Each case's contacts, of class f1 and f0.
    pub(super) contacts: BTreeMap<Person, Vec<ContactRow>>,
    /// Kind of each venue.
    pub(super) kinds: BTreeMap<VenueId, Box<str>>,
    /// Meetings that begin before are not counted.
    pub(super) from: Time,
}

/// The counts of one kind of venue, or of all. A contact here is a pair: one person on one case's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "KindFigures")]
pub struct KindCounts {
    /// True infections at venues of the kind.
    pub infections: u32,
    /// Those whose source is a reported case by the end.
    pub known: u32,
    /// Those of `known` where the infected person is on the source's contact list.
    pub found: u32,
    /// Pairs with a listed overlap of the time counted at a venue of the kind; in all, each pair once.
    pub contacts: u32,
    /// Pairs of `contacts` in which the one infected the other, in a kind's row: at a venue of the kind where they
    /// have a listed overlap.
    pub contacts_infected: u32,
}

/// The counts and what follows from them; none where nothing can be divided.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct KindFigures {
    infections: u32,
    known: u32,
    found: u32,
    contacts: u32,
    contacts_infected: u32,
    /// `found` in per cent of `known`, of `infections`.
    pub(super) recall_of_known_pct: Option<f64>,
    pub(super) recall_of_all_pct: Option<f64>,
    /// `contacts` to one of `contacts_infected`, and the inverse in per cent.
    pub(super) contacts_per_infection: Option<f64>,
    pub(super) precision_pct: Option<f64>,
}

impl From<KindCounts> for KindFigures {
    fn from(counts: KindCounts) -> Self {
        let KindCounts { infections, known, found, contacts, contacts_infected } = counts;
        Self {
            infections,
            known,
            found,
            contacts,
            contacts_infected,
            recall_of_known_pct: ratio(100.0, found, known),
            recall_of_all_pct: ratio(100.0, found, infections),
            contacts_per_infection: ratio(1.0, contacts, contacts_infected),
            precision_pct: ratio(100.0, contacts_infected, contacts),
        }
    }
}

/// To one decimal.
fn ratio(times: f64, part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| (times * 10.0 * f64::from(part) / f64::from(of)).round() / 10.0)
}

/// Why infections by known cases were not found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// They happened outside the infectious window that the case's dates give.
    pub outside_window: u32,
    /// They happened within it, but scans show the two together for less than a contact takes.
    pub too_short: u32,
}

/// Recall and precision of the tracing over one simulated story.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TruthReport {
    pub people: u32,
    pub seed: u64,
    /// Infections are counted in [from, until), local time, from the first midnight with scans on; everything else is
    /// as known at `until`.
    pub from: String,
    pub until: String,
    /// Lines that were refused, broken on purpose.
    pub refused: u64,
    /// People with at least one reported, standing episode.
    pub cases: u32,
    /// Infections from outside or from nobody knows where: at no venue, in none of the counts below.
    pub from_outside: u32,
    pub all: KindCounts,
    pub missed: Missed,
    /// By kind of venue.
    pub kinds: BTreeMap<Box<str>, KindCounts>,
}

/// Holds the lists against the truth.
pub(super) fn tally(infections: &[Infection], traced: &Traced) -> TruthReport {
    let mut report = TruthReport { cases: count(traced.windows.len()), ..TruthReport::default() };
    report.count_contacts(traced);
    for infection in infections {
        match &infection.source {
            None => report.from_outside += 1,
            Some((by, venue)) => report.count_infection(infection, by, venue, traced),
        }
    }
    report
}

impl TruthReport {
    fn count_contacts(&mut self, traced: &Traced) {
        for row in traced.contacts.values().flatten() {
            let kinds: BTreeSet<&str> =
                traced.counted(row).map(|overlap| traced.kind(&overlap.venue)).collect();
            self.all.contacts += u32::from(!kinds.is_empty());
            for kind in kinds {
                self.kinds.entry(kind.into()).or_default().contacts += 1;
            }
        }
    }

    fn count_infection(&mut self, infection: &Infection, by: &Person, venue: &VenueId, traced: &Traced) {
        let row = traced.row(by, &infection.infected);
        let windows = traced.windows.get(by);
        let kind = self.kinds.entry(traced.kind(venue).into()).or_default();
        for counts in [kind, &mut self.all] {
            counts.infections += 1;
            counts.known += u32::from(windows.is_some());
            counts.found += u32::from(row.is_some());
        }
        if let Some(row) = row {
            self.all.contacts_infected += u32::from(traced.counted(row).next().is_some());
            let is_there = traced.counted(row).any(|overlap| overlap.venue == *venue);
            self.kinds.entry(traced.kind(venue).into()).or_default().contacts_infected += u32::from(is_there);
        } else if let Some(windows) = windows {
            let is_within = windows.iter().any(|(from, to)| (*from..*to).contains(&infection.at));
            let missed = if is_within { &mut self.missed.too_short } else { &mut self.missed.outside_window };
            *missed += 1;
        }
    }
}

impl Traced {
    fn kind(&self, venue: &VenueId) -> &str {
        self.kinds.get(venue).map_or("other", |kind| kind)
    }

    /// The listed overlaps of a contact that are counted.
    fn counted<'row>(&self, row: &'row ContactRow) -> impl Iterator<Item = &'row Overlap> + use<'row> {
        let from = self.from;
        row.overlaps.iter().filter(move |overlap| overlap.from >= from)
    }

    /// The contact of that name on the case's list.
    fn row(&self, case: &Person, contact: &Person) -> Option<&ContactRow> {
        self.contacts.get(case)?.iter().find(|row| row.person == *contact)
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
