//! The whole picture of a set of events at a moment.

use crate::alerts::{Raised, raised};
use crate::answers;
use crate::cases::{Dossiers, dossiers};
use crate::contacts::{Meeting, listed};
use crate::facts::facts;
use crate::figures::{AreaFigures, area_figures};
use crate::follow::{F1, f1s};
use crate::held::{Held, held};
use crate::levels::table_in_force;
use crate::places::{Place, Spot, WardOfCell, spots};
use crate::risk;
use crate::series::{minute_start, scans_by};
use crate::visits::{Visits, visits};
use std::collections::BTreeMap;
use std::fmt;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::cells::Cells;
use vonglau_core::event::{Event, Scan};
use vonglau_core::figure::Figures;
use vonglau_core::params::{LevelTable, Params};
use vonglau_core::rows::Layer;
use vonglau_core::time::Time;
use vonglau_core::view::Area;

/// What the rules make of a set of events at `now`.
pub struct Picture<'a> {
    pub(crate) params: &'a Params,
    pub(crate) ward_of_cell: &'a WardOfCell,
    pub(crate) now: Time,
    pub(crate) held: Held<'a>,
    pub(crate) spots: BTreeMap<&'a str, Spot<'a>>,
    pub(crate) visits: Visits<'a>,
    pub(crate) dossiers: Dossiers<'a>,
    /// Meetings that reached the bound.
    pub(crate) listed: Vec<Meeting<'a>>,
    pub(crate) f1s: BTreeMap<&'a str, F1<'a>>,
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("now", &self.now).field("held", &self.held).finish_non_exhaustive()
    }
}

/// The picture of a set of events at `now`: neither order nor repetition of the events matters.
pub fn picture<'a>(
    params: &'a Params,
    ward_of_cell: &'a WardOfCell,
    events: &'a [Event],
    now: Time,
) -> Picture<'a> {
    let held = held(params, events, now);
    let spots = spots(params, ward_of_cell, &held);
    let visits = visits(&held.scans, |venue| spots[venue].kind, now);
    let dossiers = dossiers(params, &held);
    let listed = listed(params, &visits.all, &dossiers);
    let f1s = f1s(params, &listed, &dossiers, now);
    Picture { params, ward_of_cell, now, held, spots, visits, dossiers, listed, f1s }
}

impl<'a> Picture<'a> {
    /// The figures of one area now.
    pub fn figures(&self, area: Area) -> Figures {
        self.all_figures().of(area)
    }

    pub(crate) fn all_figures(&self) -> AreaFigures {
        area_figures(self.params, &facts(self), self.now)
    }

    /// The table of epidemic levels in force.
    pub fn level_table(&self) -> Option<&'a LevelTable> {
        table_in_force(&self.params.levels, self.params.zone.day(self.now))
    }

    /// The cells of one layer at a resolution of 7-10.
    pub fn cells(&self, layer: Layer, res: u8) -> Cells {
        risk::cells(self, layer, res)
    }

    /// Today's scans of the city by local minute.
    pub fn minutes(&self) -> BTreeMap<Time, u64> {
        let zone = &self.params.zone;
        let today = |at: &Time| zone.day(*at) == zone.day(self.now);
        scans_by(self, Area::City, |at| Some(minute_start(zone, at)).filter(|_| today(&at)))
    }

    /// The distinct scans that count.
    pub fn scans(&self) -> impl Iterator<Item = &'a Scan> + '_ {
        self.held.scans.iter().copied()
    }

    /// The answer to a question; series of figures as shown need an [`crate::Oracle`].
    pub fn ask(&self, question: &Question) -> Answer {
        answers::answer(self, question)
    }

    /// When the last listed meeting of somebody with a case began.
    pub fn last_meeting(&self, case: &str, other: &str) -> Option<Time> {
        let met = self.listed.iter().filter(|meeting| meeting.f0 == case && meeting.other == other);
        met.map(Meeting::start).max()
    }

    /// The alerts that the rules raise now.
    pub(crate) fn raised(&self) -> Vec<Raised<'a>> {
        raised(self)
    }

    /// Where a person lives.
    pub(crate) fn residence(&self, person: &str) -> Place {
        self.dossiers.residence(self.params, &self.held, person)
    }

    /// Where a venue is.
    pub(crate) fn place(&self, venue: &str) -> Place {
        self.spots.get(venue).map(|spot| spot.place).unwrap_or_default()
    }

    /// The name in a venue's record.
    pub(crate) fn venue_name(&self, venue: &str) -> Option<Box<str>> {
        self.held.venues.get(venue)?.name.clone()
    }

    /// Of a kind that expects scans, with a record, without a scan in (now − 24 h, now].
    pub(crate) fn is_silent(&self, venue: &str, spot: &Spot<'_>) -> bool {
        spot.record.is_some() && spot.kind.expects_scans && !self.is_active(venue)
    }

    /// With a scan in (now − 24 h, now].
    pub(crate) fn is_active(&self, venue: &str) -> bool {
        self.held.scans.iter().any(|scan| *scan.venue == *venue && self.is_within(scan.at, 24))
    }

    /// In (now − so many hours, now].
    pub(crate) fn is_within(&self, at: Time, hours: i64) -> bool {
        at > self.now.plus(-hours * vonglau_core::time::HOUR) && at <= self.now
    }
}
