//! The city at one position of the stream, for readers on other threads: while they read, the situation goes on.
//!
//! A [`Moment`] shares what the situation holds and copies nothing that is large; what changes meanwhile is copied
//! then, page by page. What people and venues are called is in [`Registers`], which their keeper brings up to date in
//! portions before each moment, so that taking one never takes long.

use crate::by_person::SharedByPerson;
use crate::cases::{Episode, History};
use crate::contacts::Cut;
use crate::event::{Resident, Vaccination};
use crate::figure::Figures;
use crate::params::Params;
use crate::people::{BlockIndex, NameBlock, PEOPLE_OF_BLOCK};
use crate::rules::Rules;
use crate::shown::Packed;
use crate::situation::Situation;
use crate::store::Store;
use crate::store::row::Row;
use crate::store::stretch::Stretch;
use crate::time::{DAY, Day, Time};
use crate::trace::{Ground, Traced, Tracing};
use crate::venues::VENUES_OF_BLOCK;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub use crate::event::{Direction, Mode};
pub use crate::store::moment::{Piece, RowFilter};

/// Blocks of names brought up to date in one portion: some milliseconds.
const PORTION_BLOCKS: usize = 16;

/// A venue as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct VenueFacts {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    /// Place in [`Params::kinds`].
    pub kind: u16,
    /// Places in the lists of districts and wards.
    pub district: Option<u16>,
    pub ward: Option<u16>,
    /// Degrees, where it is on the city's map.
    pub point: Option<(f64, f64)>,
    pub capacity: Option<u32>,
    /// H3 index of resolution 10, where it is on the city's map.
    pub cell: Option<u64>,
    /// Has a record or a scan that is held.
    pub is_heard_of: bool,
}

/// What people and venues are called, by their numbers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    people: Vec<Arc<NameBlock>>,
    /// Shared by all clones; brought up to date when a name is looked for.
    by_name: Arc<Mutex<BlockIndex>>,
    by_id: Arc<Mutex<FxHashMap<Box<str>, u32>>>,
    /// With the version of each block.
    venues: Vec<(u32, Arc<Vec<VenueFacts>>)>,
}

/// Which columns are to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a column each")]
pub struct Wanted {
    pub person: bool,
    pub venue: bool,
    /// When a visit starts, or a scan was.
    pub start: bool,
    /// How long a visit lasts.
    pub seconds: bool,
    /// Mode and direction of scans; whether a visit is open.
    pub how: bool,
}

impl Wanted {
    /// All of them.
    pub const ALL: Self = Self { person: true, venue: true, start: true, seconds: true, how: true };
}

/// Columns of visits: those that have begun, cut at now.
#[derive(Clone, Debug, Default)]
pub struct VisitColumns {
    /// How many there are, whichever columns are filled.
    pub rows: usize,
    pub person: Vec<u32>,
    pub venue: Vec<u32>,
    /// Seconds since 1970.
    pub start: Vec<i64>,
    pub seconds: Vec<i64>,
    pub open: Vec<bool>,
}

/// Columns of distinct scans.
#[derive(Clone, Debug, Default)]
pub struct ScanColumns {
    /// How many there are, whichever columns are filled.
    pub rows: usize,
    pub person: Vec<u32>,
    pub venue: Vec<u32>,
    /// Seconds since 1970.
    pub at: Vec<i64>,
    pub mode: Vec<Mode>,
    pub direction: Vec<Option<Direction>>,
}

impl VisitColumns {
    /// When each ends, in seconds since 1970. Both columns of times must be filled.
    pub fn ends(&self) -> impl Iterator<Item = i64> + '_ {
        self.start.iter().zip(&self.seconds).map(|(start, seconds)| start + seconds)
    }

    /// Leaves the visits that begin in [from, to), cut at `end`. All columns that are not of names must be filled.
    pub fn cut(&mut self, from: Time, to: Time, end: Time) {
        let kept: Vec<bool> = self.start.iter().map(|start| (from.0..to.0).contains(start)).collect();
        self.rows = kept.iter().filter(|kept| **kept).count();
        retain(&mut self.person, &kept);
        retain(&mut self.venue, &kept);
        retain(&mut self.start, &kept);
        retain(&mut self.seconds, &kept);
        retain(&mut self.open, &kept);
        for ((start, seconds), open) in self.start.iter().zip(&mut self.seconds).zip(&mut self.open) {
            let left = end.0 - start;
            *open &= *seconds < left;
            *seconds = (*seconds).min(left);
        }
    }

    fn add_stretch(&mut self, stretch: &Stretch<'_>, wanted: Wanted, now: Time) {
        let picked = stretch.pick(now, |code, len| code.is_visit() && len > 0);
        self.rows += picked.len();
        let start = |row: u32| stretch.begin.0 + i64::from(stretch.start[row as usize]);
        let len = |row: u32| i64::from(stretch.len[row as usize]);
        let picked = picked.iter().copied();
        if wanted.person {
            self.person.extend(picked.clone().map(|row| stretch.person(row)));
        }
        if wanted.venue {
            let venues = stretch.venues();
            self.venue.extend(picked.clone().map(|row| venues[row as usize]));
        }
        if wanted.start {
            self.start.extend(picked.clone().map(start));
        }
        if wanted.seconds {
            self.seconds.extend(picked.clone().map(|row| len(row).min(now.0 - start(row))));
        }
        if wanted.how {
            self.open.extend(picked.map(|row| start(row) + len(row) > now.0));
        }
    }
}

impl ScanColumns {
    /// Leaves the scans in [from, to). The times must be filled.
    pub fn cut(&mut self, from: Time, to: Time) {
        let kept: Vec<bool> = self.at.iter().map(|at| (from.0..to.0).contains(at)).collect();
        self.rows = kept.iter().filter(|kept| **kept).count();
        retain(&mut self.person, &kept);
        retain(&mut self.venue, &kept);
        retain(&mut self.at, &kept);
        retain(&mut self.mode, &kept);
        retain(&mut self.direction, &kept);
    }

    fn add_stretch(&mut self, stretch: &Stretch<'_>, wanted: Wanted) {
        let picked = stretch.pick(Time(i64::MAX), |_, _| true);
        let closed = |row: &u32| stretch.code(*row).closed_by().is_some();
        let outs: Vec<u32> = picked.iter().copied().filter(closed).collect();
        self.rows += picked.len() + outs.len();
        let both = || picked.iter().chain(&outs).copied();
        let start = |row: u32| stretch.begin.0 + i64::from(stretch.start[row as usize]);
        if wanted.person {
            self.person.extend(both().map(|row| stretch.person(row)));
        }
        if wanted.venue {
            let venues = stretch.venues();
            self.venue.extend(both().map(|row| venues[row as usize]));
        }
        if wanted.start {
            self.at.extend(picked.iter().map(|row| start(*row)));
            self.at.extend(outs.iter().map(|row| start(*row) + i64::from(stretch.len[*row as usize])));
        }
        if wanted.how {
            let first = |row: &u32| stretch.code(*row).first();
            self.mode.extend(picked.iter().map(|row| first(row).0));
            self.direction.extend(picked.iter().map(|row| first(row).1.direction()));
            self.mode.extend(outs.iter().filter_map(|row| stretch.code(*row).closed_by()));
            self.direction.extend(outs.iter().map(|_| Some(Direction::Out)));
        }
    }
}

fn retain<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    values.retain(|_| kept.next().is_some_and(|kept| *kept));
}

/// A case that can be traced.
#[derive(Clone, Debug)]
struct Case {
    person: u32,
    cuts: Arc<Vec<Cut>>,
    episodes: Vec<Episode>,
}

/// The city at one position of the stream.
#[derive(Debug)]
pub struct Moment {
    now: Option<Time>,
    edge: Time,
    rules: Arc<Rules>,
    store: Store,
    registers: Registers,
    residents: SharedByPerson<Resident>,
    doses: SharedByPerson<BTreeMap<u8, Vaccination>>,
    /// What was shown of city and districts at full hours.
    hours: Vec<(Time, Arc<Packed>)>,
    /// By person; empty where they were not asked for.
    cases: Vec<Case>,
}

impl Situation {
    /// Brings registers up to date, a portion at a time; true once they are.
    pub fn refresh(&self, registers: &mut Registers) -> bool {
        let mut portion = PORTION_BLOCKS;
        let people = self.people.len().div_ceil(PEOPLE_OF_BLOCK) as usize;
        while registers.people.len() < people || registers.people_known() < self.people.len() {
            if portion == 0 {
                return false;
            }
            portion -= 1;
            registers.people.pop_if(|last| last.len() < PEOPLE_OF_BLOCK);
            let block = u32::try_from(registers.people.len()).unwrap_or(u32::MAX);
            registers.people.push(Arc::new(self.people.block(block)));
        }
        for (n, version) in self.venues.versions().iter().enumerate() {
            if registers.venues.get(n).is_some_and(|(held, _)| held == version) {
                continue;
            }
            if portion == 0 {
                return false;
            }
            portion -= 1;
            let block = (*version, Arc::new(self.venues.facts(n)));
            match registers.venues.get_mut(n) {
                Some(held) => *held = block,
                None => registers.venues.push(block),
            }
        }
        true
    }

    /// The city now, with registers that are up to date; `with_cases`: also what tracing needs.
    pub fn moment(&self, registers: Registers, with_cases: bool) -> Moment {
        let cases = if with_cases { self.traceable() } else { Vec::new() };
        Moment {
            now: self.now,
            edge: self.edge,
            rules: Arc::clone(&self.rules),
            store: self.store.at_this_moment(),
            registers,
            residents: self.residents.shared_records(),
            doses: self.residents.shared_doses(),
            hours: self.shown.shared(),
            cases,
        }
    }

    fn traceable(&self) -> Vec<Case> {
        let case = |(person, history): (u32, &History)| Case {
            person,
            cuts: self.contacts.cuts.shared(person),
            episodes: history.episodes.clone(),
        };
        self.cases.cases().map(case).collect()
    }
}

impl Registers {
    fn people_known(&self) -> u32 {
        let before = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        before * PEOPLE_OF_BLOCK + self.people.last().map_or(0, |last| last.len())
    }

    /// Numbers of people are below this one.
    pub fn people(&self) -> u32 {
        self.people_known()
    }

    /// Appends a person's pseudonym.
    pub fn write_person(&self, person: u32, text: &mut Vec<u8>) {
        if let Some(block) = self.people.get((person / PEOPLE_OF_BLOCK) as usize) {
            block.write(person % PEOPLE_OF_BLOCK, text);
        }
    }

    /// The number of a pseudonym.
    pub fn person(&self, name: &str) -> Option<u32> {
        self.each_person(std::iter::once(name)).pop().flatten()
    }

    /// The number of each of some pseudonyms.
    pub fn each_person<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Option<u32>> {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        by_name.take_in(&self.people);
        names.map(|name| by_name.find(&self.people, name)).collect()
    }

    /// The numbers of those pseudonyms that are known, in order, each once.
    pub fn people_of(&self, names: &[String]) -> Vec<u32> {
        let found = self.each_person(names.iter().map(String::as_str));
        found.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The number of each of some venues' ids.
    pub fn each_venue<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Vec<Option<u32>> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        // A number keeps its id, so that this serves every later register too.
        let (from, known) = (by_id.len(), self.venues_known());
        let new =
            (from..known).filter_map(|n| u32::try_from(n).ok()).filter_map(|n| Some((n, self.venue(n)?)));
        by_id.extend(new.map(|(n, venue)| (venue.id.clone(), n)));
        ids.map(|id| by_id.get(id).copied().filter(|n| (*n as usize) < known)).collect()
    }

    /// The numbers of those venues' ids that are known, in order, each once.
    pub fn venues_of(&self, ids: &[String]) -> Vec<u32> {
        let found = self.each_venue(ids.iter().map(String::as_str));
        found.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The number of a venue's id.
    pub fn venue_number(&self, id: &str) -> Option<u32> {
        self.each_venue(std::iter::once(id)).pop().flatten()
    }

    fn venues_known(&self) -> usize {
        let before = self.venues.len().saturating_sub(1) * VENUES_OF_BLOCK;
        before + self.venues.last().map_or(0, |(_, block)| block.len())
    }

    /// A venue by its number.
    pub fn venue(&self, venue: u32) -> Option<&VenueFacts> {
        let (_, block) = self.venues.get(venue as usize / VENUES_OF_BLOCK)?;
        block.get(venue as usize % VENUES_OF_BLOCK)
    }

    /// All venues in order of their numbers.
    pub fn venues(&self) -> impl Iterator<Item = &VenueFacts> {
        self.venues.iter().flat_map(|(_, block)| block.iter())
    }
}

impl Moment {
    /// Event time; None before the first event.
    pub fn now(&self) -> Option<Time> {
        self.now
    }

    /// What began before is forgotten.
    pub fn edge(&self) -> Time {
        self.edge
    }

    pub fn params(&self) -> &Params {
        &self.rules.params
    }

    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// The local date of an instant.
    pub fn day(&self, at: Time) -> Day {
        self.rules.day(at)
    }

    /// Pieces that together hold each row asked for once.
    pub fn pieces(&self, filter: &RowFilter) -> Vec<Piece> {
        self.store.pieces(filter)
    }

    /// How many visits there are.
    pub fn visits_count(&self) -> usize {
        self.now.map_or(0, |now| self.store.visits_begun(now))
    }

    /// About how many scans there are.
    pub fn scans_about(&self) -> usize {
        self.store.rows() + self.visits_count()
    }

    /// Is looking up so many people or venues quicker than looking at all rows?
    pub fn is_worth_looking_up(&self, names: usize) -> bool {
        self.store.is_worth_looking_up(names)
    }

    /// Rows held.
    pub fn rows(&self) -> usize {
        self.store.rows()
    }

    /// Adds the visits of a piece. The filter is of their starts.
    pub fn visits(&self, piece: &Piece, filter: &RowFilter, wanted: Wanted, columns: &mut VisitColumns) {
        let Some(now) = self.now else { return };
        if let Some(stretch) = self.store.stretch(piece, filter) {
            columns.add_stretch(&stretch, wanted, now);
            return;
        }
        self.store.each_row_of(piece, filter, |row| {
            let end = row.end().min(now);
            if row.code.is_visit() && row.at < end {
                columns.rows += 1;
                if wanted.person {
                    columns.person.push(row.person);
                }
                if wanted.venue {
                    columns.venue.push(row.venue);
                }
                if wanted.start {
                    columns.start.push(row.at.0);
                }
                if wanted.seconds {
                    columns.seconds.push(end.0 - row.at.0);
                }
                if wanted.how {
                    columns.open.push(row.end() > now);
                }
            }
        });
    }

    /// Adds the scans of a piece. The filter is of the rows they are in: an `out` can be some hours later.
    pub fn scans(&self, piece: &Piece, filter: &RowFilter, wanted: Wanted, columns: &mut ScanColumns) {
        if let Some(stretch) = self.store.stretch(piece, filter) {
            columns.add_stretch(&stretch, wanted);
            return;
        }
        self.store.each_row_of(piece, filter, |row: Row| {
            for scan in row.scans() {
                columns.rows += 1;
                if wanted.person {
                    columns.person.push(row.person);
                }
                if wanted.venue {
                    columns.venue.push(row.venue);
                }
                if wanted.start {
                    columns.at.push(scan.at.0);
                }
                if wanted.how {
                    columns.mode.push(scan.mode);
                    columns.direction.push(scan.way.direction());
                }
            }
        });
    }

    /// Everybody with an episode, by number.
    pub fn cases(&self) -> impl Iterator<Item = u32> + '_ {
        self.cases.iter().map(|case| case.person)
    }

    /// The same moment, with names for its numbers.
    #[must_use]
    pub fn named(self, registers: Registers) -> Self {
        Self { registers, ..self }
    }

    /// The same moment once more: nothing that is large is copied.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
            store: self.store.at_this_moment(),
            registers: self.registers.clone(),
            residents: self.residents.clone(),
            doses: self.doses.clone(),
            hours: self.hours.clone(),
            cases: self.cases.clone(),
            ..*self
        }
    }

    /// When the oldest half-day with rows begins; None without any.
    pub fn first_begin(&self) -> Option<Time> {
        self.store.first_begin()
    }

    /// What the contacts of a case had met before that time, in no order: of the meetings that are listed now, also
    /// those listed for what the pair met later on the same date.
    pub fn contacts_until(&self, person: u32, until: Time) -> Vec<Traced> {
        let (Some(now), Ok(n)) = (self.now, self.cases.binary_search_by_key(&person, |case| case.person))
        else {
            return Vec::new();
        };
        let case = &self.cases[n];
        let cuts = case.cuts.iter().filter(|cut| cut.start < until.plus(DAY)).copied().collect::<Vec<_>>();
        Tracing::new(self, person, &cuts, &case.episodes, now).until(until).contacts()
    }

    /// All contacts of a case, in no order; none if the person is no case.
    pub fn contacts_of(&self, person: u32) -> Vec<Traced> {
        let (Some(now), Ok(n)) = (self.now, self.cases.binary_search_by_key(&person, |case| case.person))
        else {
            return Vec::new();
        };
        let case = &self.cases[n];
        Tracing::new(self, person, &case.cuts, &case.episodes, now).contacts()
    }

    /// Records of residents, in no order.
    pub fn residents(&self) -> impl Iterator<Item = (u32, &Resident)> {
        self.residents.iter()
    }

    /// Doses by person, in no order; those of one person by number.
    pub fn doses(&self) -> impl Iterator<Item = (u32, &Vaccination)> {
        self.doses.iter().flat_map(|(person, doses)| doses.values().map(move |dose| (person, dose)))
    }

    /// What was shown at full hours, oldest first: the figures of the city, then of each district.
    pub fn hours(&self) -> impl Iterator<Item = (Time, Vec<Figures>)> {
        self.hours.iter().map(|(hour, figures)| (*hour, figures.all()))
    }

    /// Districts and wards as a record says them, by place in their lists.
    pub fn place(&self, district: Option<&str>, ward: Option<&str>) -> (Option<u16>, Option<u16>) {
        let place = self.rules.place(district, ward);
        (place.district, place.ward)
    }
}

impl Ground for Moment {
    fn store(&self) -> &Store {
        &self.store
    }
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn people(&self) -> u32 {
        self.registers.people()
    }
    fn kind(&self, venue: u32) -> u16 {
        self.registers.venue(venue).map_or_else(|| self.rules.kind(None), |venue| venue.kind)
    }
    fn visit_max(&self, venue: u32) -> i64 {
        let dwell = self.rules.dwell(self.kind(venue));
        dwell.typical + dwell.max
    }
    fn is_case(&self, person: u32) -> bool {
        self.cases.binary_search_by_key(&person, |case| case.person).is_ok()
    }
}
