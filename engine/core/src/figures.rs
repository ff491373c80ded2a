//! The figures of all areas at one moment: plain sums over what the stages hold.

use crate::breaches::BreachBook;
use crate::cases::{CaseBook, Episode, History};
use crate::counts::Counts;
use crate::event::Status;
use crate::figure::{FIGURES, Figure, Figures, ratio};
use crate::follow::FollowBook;
use crate::levels::{self, Grounds};
use crate::links::ContactBook;
use crate::residents::Residents;
use crate::rules::{Place, Rules};
use crate::time::{DAY, HOUR, MINUTE, Time};
use crate::venues::VenueBook;

/// Everything that figures read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounded<'a> {
    pub rules: &'a Rules,
    pub now: Time,
    pub venues: &'a VenueBook,
    pub counts: &'a Counts,
    pub cases: &'a CaseBook,
    pub contacts: &'a ContactBook,
    pub follow: &'a FollowBook,
    pub breaches: &'a BreachBook,
    pub residents: &'a Residents,
    /// Conflicting ids of cases and commands.
    pub conflicts: usize,
}

/// Sums of one area that become figures by a division.
#[derive(Clone, Debug, Default)]
struct Sums {
    community_7d: i64,
    /// Episodes with F1 of the days before the last: all, and those whose F1 were all found in time.
    traced: (i64, i64),
    /// Episodes of seven days: all, and those known before.
    known: (i64, i64),
    delays: Vec<i64>,
}

struct Table<'a> {
    from: Grounded<'a>,
    figures: Vec<Figures>,
    sums: Vec<Sums>,
}

/// The figures of every area by slot. `f2_open` is left unknown: it is worked out apart.
pub(crate) fn figures(from: Grounded<'_>, home: impl Fn(u32, &History) -> Place) -> Vec<Figures> {
    let areas = from.rules.areas();
    let mut table =
        Table { from, figures: vec![[Some(0); FIGURES]; areas], sums: vec![Sums::default(); areas] };
    table.count_scans();
    table.count_venues();
    table.count_cases(&home);
    table.count_followed();
    table.count_breaches();
    for slot in 0..areas {
        table.divide(slot);
    }
    table.figures
}

impl Table<'_> {
    fn add(&mut self, place: Place, figure: Figure, count: i64) {
        for slot in self.from.rules.slots(place) {
            if let Some(value) = &mut self.figures[slot][figure as usize] {
                *value += count;
            }
        }
    }

    fn set(&mut self, slot: usize, figure: Figure, value: Option<i64>) {
        self.figures[slot][figure as usize] = value;
    }

    fn count_scans(&mut self) {
        let Grounded { counts, now, .. } = self.from;
        let last_minute = now.0.div_euclid(MINUTE) - 1;
        for slot in 0..self.figures.len() {
            self.set(slot, Figure::ScansToday, Some(counts.scans_today(slot)));
            self.set(slot, Figure::PeopleToday, Some(counts.people_today(slot)));
            self.set(slot, Figure::ScansPerMin, Some(counts.minute(slot, last_minute)));
        }
    }

    fn count_venues(&mut self) {
        for slot in 0..self.figures.len() {
            let area = self.from.venues.area(slot);
            self.set(slot, Figure::PresentNow, Some(area.present));
            self.set(slot, Figure::VenuesActive, Some(area.active));
            self.set(slot, Figure::VenuesSilent, Some(area.silent));
        }
        let city = self.from.venues.area(0);
        self.set(0, Figure::VenuesUnknown, Some(city.unknown));
        self.set(0, Figure::VenuesOffMap, Some(city.off_map));
        self.set(0, Figure::IdConflicts, Some(whole(self.from.conflicts)));
    }

    fn count_cases(&mut self, home: &impl Fn(u32, &History) -> Place) {
        let cases = self.from.cases;
        for (person, history) in cases.cases() {
            let place = home(person, history);
            let active = history.episodes.iter().any(|episode| episode.ended.is_none());
            self.add(place, Figure::F0Active, i64::from(active));
            for (n, episode) in history.episodes.iter().enumerate() {
                let recovered = episode.ended.is_some_and(|(_, end)| end == Status::Recovered);
                self.add(place, Figure::F0Recovered, i64::from(recovered));
                self.count_new(place, person, history, episode);
                self.count_traced(place, person, n, episode);
            }
        }
    }

    fn count_new(&mut self, place: Place, person: u32, history: &History, episode: &Episode) {
        let now = self.from.now;
        self.add(place, Figure::F0New24h, i64::from(episode.reported > now.plus(-DAY)));
        if episode.reported <= now.plus(-7 * DAY) {
            return;
        }
        self.add(place, Figure::F0New7d, 1);
        let known = i64::from(was_known(person, history, episode, self.from.contacts));
        let delay = episode.sampled.map(|sampled| episode.reported.0 - sampled.0).filter(|delay| *delay >= 0);
        for slot in self.from.rules.slots(place) {
            let sums = &mut self.sums[slot];
            sums.community_7d += i64::from(episode.is_community());
            sums.known.0 += 1;
            sums.known.1 += known;
            sums.delays.extend(delay);
        }
    }

    fn count_traced(&mut self, place: Place, person: u32, number: usize, episode: &Episode) {
        let Grounded { now, contacts, .. } = self.from;
        if episode.reported > now.plus(-DAY) || episode.reported <= now.plus(-8 * DAY) {
            return;
        }
        let tally = contacts.tallied(person, number);
        if tally.f1 == 0 {
            return;
        }
        for slot in self.from.rules.slots(place) {
            self.sums[slot].traced.0 += 1;
            self.sums[slot].traced.1 += i64::from(tally.late == 0);
        }
    }

    fn count_followed(&mut self) {
        for (slot, area) in self.from.follow.open(self.from.rules).into_iter().enumerate() {
            self.set(slot, Figure::F1Open, Some(area.open));
            self.set(slot, Figure::F1Overdue24h, Some(area.overdue));
        }
    }

    fn count_breaches(&mut self) {
        let Grounded { breaches, venues, now, .. } = self.from;
        for (_, rows) in breaches.all() {
            for row in rows.iter().filter(|row| row.is_recent(now)) {
                self.add(venues.get(row.venue).place, Figure::Breaches24h, 1);
            }
        }
    }

    fn divide(&mut self, slot: usize) {
        let Grounded { rules, now, residents, .. } = self.from;
        let coverage = residents.coverage(slot);
        let pct = |part: i64, whole: i64| ratio(i128::from(part) * 100, i128::from(whole), 1);
        self.set(slot, Figure::Vaccine1Pct, pct(coverage.adults_one, coverage.adults));
        self.set(slot, Figure::VaccineFullPct, pct(coverage.elders_two, coverage.elders));
        self.set(slot, Figure::VaccineFull50Pct, pct(coverage.seniors_two, coverage.seniors));
        let sums = std::mem::take(&mut self.sums[slot]);
        self.set(slot, Figure::ContactsFound24hPct, pct(sums.traced.1, sums.traced.0));
        self.set(slot, Figure::KnownContactsPct, pct(sums.known.1, sums.known.0));
        self.set(slot, Figure::ReportDelayH, median_hours(sums.delays));
        let population = population(rules, slot);
        let incidence = ratio(i128::from(sums.community_7d) * 100_000, i128::from(population), 2);
        self.set(slot, Figure::Incidence7d100k, incidence);
        let grounds = Grounds { community_7d: sums.community_7d, population, coverage };
        let table = levels::in_force(&rules.params.levels, rules.day(now));
        let level = table.and_then(|table| levels::level(table, &grounds)).map(i64::from);
        self.set(slot, Figure::Level, level);
        self.set(slot, Figure::F2Open, None);
        if slot > 0 {
            Figure::ALL
                .iter()
                .filter(|figure| figure.city_only())
                .for_each(|figure| self.set(slot, *figure, None));
        }
    }
}

/// Residents of an area: wards have none stated, the city has those of its districts.
pub(crate) fn population(rules: &Rules, slot: usize) -> u64 {
    let districts = &rules.params.districts;
    match slot {
        0 => districts.iter().map(|district| district.population).sum(),
        n if n < rules.main_areas() => districts[n - 1].population,
        _ => 0,
    }
}

/// Told to be an F1 before the report, or met by another's case that was reported earlier.
fn was_known(person: u32, history: &History, episode: &Episode, contacts: &ContactBook) -> bool {
    let told = history.told.iter().any(|told| told.at < episode.reported);
    let met = contacts.follow(person).and_then(|follow| follow.earliest_report);
    told || met.is_some_and(|earliest| earliest < episode.reported)
}

/// The median of seconds in hours, one decimal, half up; of an even number the mean of the middle two.
fn median_hours(mut seconds: Vec<i64>) -> Option<i64> {
    seconds.sort_unstable();
    let upper = *seconds.get(seconds.len() / 2)?;
    let lower = seconds[(seconds.len() - 1) / 2];
    ratio(i128::from(lower) + i128::from(upper), 2 * i128::from(HOUR), 1)
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(median_hours(vec![]), None);
        assert_eq!(median_hours(vec![3_600]), Some(10));
        assert_eq!(median_hours(vec![7_200, 0, 3_600, 10_800]), Some(15));
    }
}
