//! The table of figures: facts counted by area.

use crate::facts::{EpisodeFact, Facts, ResidentFact};
use crate::levels::{Criteria, Share, level, table_in_force};
use crate::places::Place;
use std::collections::BTreeSet;
use vonglau_core::figure::{FIGURES, Figure, Figures, ratio};
use vonglau_core::params::Params;
use vonglau_core::time::{HOUR, Time};
use vonglau_core::view::Area;

/// Every area's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaFigures {
    city: Figures,
    districts: Vec<Figures>,
    wards: Vec<Figures>,
}

impl AreaFigures {
    /// Unknown for an area that the city does not have.
    pub fn of(&self, area: Area) -> Figures {
        let figures = match area {
            Area::City => Some(&self.city),
            Area::District(n) => self.districts.get(usize::from(n)),
            Area::Ward(n) => self.wards.get(usize::from(n)),
        };
        figures.copied().unwrap_or([None; FIGURES])
    }
}

pub fn area_figures(params: &Params, facts: &Facts<'_>, now: Time) -> AreaFigures {
    let of = |area| figures(params, facts, now, area);
    AreaFigures {
        city: of(Area::City),
        districts: districts(params).map(of).collect(),
        wards: (0..params.wards.len())
            .filter_map(|n| u16::try_from(n).ok())
            .map(Area::Ward)
            .map(of)
            .collect(),
    }
}

/// The city's districts.
pub fn districts(params: &Params) -> impl Iterator<Item = Area> + use<> {
    (0..params.districts.len()).filter_map(|n| u16::try_from(n).ok()).map(Area::District)
}

fn figures(params: &Params, facts: &Facts<'_>, now: Time, area: Area) -> Figures {
    let mut figures = [None; FIGURES];
    let mut set = |figure: Figure, value: Option<i64>| figures[figure as usize] = value;
    let here = |places: &[Place]| whole(places.iter().filter(|place| place.lies_in(area)).count());
    let scans = || facts.scans_today.iter().filter(|(place, _)| place.lies_in(area)).map(|(_, who)| who);
    let episodes = |keep: fn(&EpisodeFact) -> bool| whole(of_area(facts, area).filter(|e| keep(e)).count());
    let criteria = criteria(params, facts, area);

    set(Figure::ScansToday, whole(scans().count()));
    set(Figure::PeopleToday, whole(scans().collect::<BTreeSet<_>>().len()));
    set(Figure::PresentNow, here(&facts.present));
    set(Figure::VenuesActive, here(&facts.active_venues));
    set(Figure::VenuesSilent, here(&facts.silent_venues));
    set(Figure::F0New24h, episodes(|e| e.new_24h));
    set(Figure::F0New7d, episodes(|e| e.new_7d));
    set(Figure::F0Active, here(&facts.f0_active));
    set(Figure::F0Recovered, episodes(|e| e.recovered));
    set(Figure::F1Open, here(&facts.f1_open));
    set(Figure::F2Open, here(&facts.f2_open));
    set(
        Figure::Incidence7d100k,
        criteria.incidence.and_then(|(cases, people)| ratio(cases * 100_000, people, 2)),
    );
    set(Figure::Vaccine1Pct, percent(criteria.dose_18));
    set(Figure::VaccineFullPct, percent(criteria.full_65));
    set(Figure::VaccineFull50Pct, percent(criteria.full_50));
    set(Figure::Breaches24h, here(&facts.breaches));
    set(Figure::ScansPerMin, here(&facts.last_minute));
    set(Figure::F1Overdue24h, here(&facts.f1_overdue));
    set(Figure::ContactsFound24hPct, percent(share(of_area(facts, area).filter_map(|e| e.found_in_24h))));
    set(Figure::KnownContactsPct, percent(share(of_area(facts, area).filter(|e| e.new_7d).map(|e| e.known))));
    set(
        Figure::ReportDelayH,
        median_hours(of_area(facts, area).filter(|e| e.new_7d).filter_map(|e| e.delay).collect()),
    );
    let table = table_in_force(&params.levels, params.zone.day(now));
    set(Figure::Level, table.and_then(|table| level(table, &criteria)));
    if area == Area::City {
        set(Figure::IdConflicts, whole(facts.id_conflicts));
        set(Figure::VenuesUnknown, whole(facts.venues_unknown));
        set(Figure::VenuesOffMap, whole(facts.venues_off_map));
    }
    figures
}

/// The shares by which a level is found.
fn criteria(params: &Params, facts: &Facts<'_>, area: Area) -> Criteria {
    let residents = |age: i32, has: fn(&ResidentFact) -> bool| {
        share(facts.residents.iter().filter(|r| r.place.lies_in(area) && r.age >= age).map(has))
    };
    Criteria {
        incidence: incidence(params, facts, area),
        // Residents of 18+ with a dose; of 65+ with two; of 50+ with two.
        dose_18: residents(18, |r| r.has_dose),
        full_65: residents(65, |r| r.has_two),
        full_50: residents(50, |r| r.has_two),
    }
}

/// `f0_new_7d` found in the community (or not said), and the population; the city's is the sum of the districts';
/// wards have none.
pub fn incidence(params: &Params, facts: &Facts<'_>, area: Area) -> Option<Share> {
    let cases = of_area(facts, area).filter(|e| e.new_7d && e.community).count();
    let population = match area {
        Area::City => params.districts.iter().map(|district| i128::from(district.population)).sum(),
        Area::District(n) => i128::from(params.districts[usize::from(n)].population),
        Area::Ward(_) => 0,
    };
    (population > 0).then_some((cases as i128, population))
}

pub fn of_area<'f>(facts: &'f Facts<'_>, area: Area) -> impl Iterator<Item = &'f EpisodeFact> {
    facts.episodes.iter().filter(move |e| e.place.lies_in(area))
}

/// How many are so, of how many.
fn share(answers: impl Iterator<Item = bool>) -> Share {
    answers.fold((0, 0), |(part, whole), yes| (part + i128::from(yes), whole + 1))
}

/// In per cent, half up to 1 decimal; null without any.
fn percent((part, whole): Share) -> Option<i64> {
    ratio(part * 100, whole, 1)
}

/// The median (even number: mean of the middle two) in hours, half up to 1 decimal; null without any.
fn median_hours(mut seconds: Vec<i64>) -> Option<i64> {
    seconds.sort_unstable();
    let middle_two = seconds.get(seconds.len().checked_sub(1)? / 2)? + seconds.get(seconds.len() / 2)?;
    ratio(middle_two.into(), i128::from(2 * HOUR), 1)
}

fn whole(count: usize) -> Option<i64> {
    i64::try_from(count).ok()
}
