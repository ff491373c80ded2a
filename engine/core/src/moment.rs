//! The city at one position of the stream, for readers on other threads: while they read, the situation goes on.
//!
//! A [`Moment`] shares what the situation holds and copies nothing that is large; what changes meanwhile is copied
//! then, page by page. What people and venues are called is in [`Registers`], which their keeper brings up to date in
//! portions before each moment, so that taking one never takes long.

use crate::by_person::SharedByPerson;
use crate::case_rows::{self, Case};
use crate::event::{Resident, Vaccination};
use crate::figure::Figures;
use crate::params::Params;
use crate::rows::{CaseEventRow, CaseRow};
use crate::rules::Rules;
use crate::shown::Packed;
use crate::situation::Situation;
use crate::store::Store;
use crate::store::row::Row;
use crate::time::{DAY, Day, Time};
use crate::trace::{Ground, Traced, Tracing};
use std::collections::BTreeMap;
use std::sync::Arc;

mod columns;
mod registers;

pub use crate::event::{Direction, Mode};
pub use crate::store::moment::{Piece, RowFilter};
pub use columns::{ScanColumns, VisitColumns, Wanted};
pub use registers::{Registers, VenueFacts};

/// What a moment holds of cases, beyond rows, names and records, which every moment has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Cases, which can be traced.
    pub cases: bool,
    /// Who is followed.
    pub followed: bool,
    /// Case events.
    pub events: bool,
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
    /// By person; these three are empty where they were not asked for.
    cases: Vec<Case>,
    /// The F1 that are open, in order.
    followed: Vec<u32>,
    events: Vec<CaseEventRow>,
}

impl Situation {
    /// The city now, with registers that are up to date.
    pub fn moment(&self, registers: Registers, parts: Parts) -> Moment {
        Moment {
            now: self.now,
            edge: self.edge,
            rules: Arc::clone(&self.rules),
            store: self.store.at_this_moment(),
            registers,
            residents: self.residents.shared_records(),
            doses: self.residents.shared_doses(),
            hours: self.shown.shared(),
            cases: if parts.cases { self.standing_cases() } else { Vec::new() },
            followed: if parts.followed { self.open_f1() } else { Vec::new() },
            events: if parts.events { self.cases.events() } else { Vec::new() },
        }
    }

    fn open_f1(&self) -> Vec<u32> {
        let Some(now) = self.now else { return Vec::new() };
        let today = self.rules.day(now);
        let followed = self.contacts.followed_from(0);
        followed.filter(|(_, follow)| follow.is_open(today, &self.rules)).map(|(person, _)| person).collect()
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
            followed: self.followed.clone(),
            events: self.events.clone(),
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

    /// All episodes, as [`crate::ask::Question::Cases`] gives them.
    pub fn case_rows(&self) -> Vec<CaseRow> {
        case_rows::rows(&self.cases, &self.rules, |person| self.registers.pseudonym(person))
    }

    /// All case events held, by id.
    pub fn case_events(&self) -> &[CaseEventRow] {
        &self.events
    }

    /// Is that person an F1 who is open?
    pub fn is_followed(&self, person: u32) -> bool {
        self.followed.binary_search(&person).is_ok()
    }

    /// When the latest episode of a case was reported.
    pub fn reported(&self, person: u32) -> Option<Time> {
        let n = self.cases.binary_search_by_key(&person, |case| case.person).ok()?;
        self.cases[n].episodes.last().map(|episode| episode.reported)
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
