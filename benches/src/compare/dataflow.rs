//! The same job as a differential-dataflow program: scans in, visits by person, contacts with cases, retractions.
//!
//! It is spared much: integers ready in memory, a person and day as one key, no retention, no figures, no clock, and
//! one epoch for as many scans as we show one picture.

use super::visits::{Rules, Scanned};
use crate::city::{self, Row, Size, Way};
use crate::core::{Loads, ONSET_DAYS_AGO, drawn, timed};
use crate::report::{Report, median, rss_bytes};
use differential_dataflow::input::InputSession;
use differential_dataflow::trace::implementations::{ValBuilder, ValSpine};
use timely::dataflow::operators::probe::Handle;
use timely::worker::Worker;

const DAY_S: u32 = 86_400;

/// (day, person or venue) in one number.
fn key(at: u32, who: u32) -> u64 {
    u64::from(at / DAY_S) << 32 | u64::from(who)
}

/// A scan in one number that sorts by (at, way, venue).
fn pack(row: &Row) -> u64 {
    u64::from(row.at) << 32 | (row.way as u64) << 30 | u64::from(row.venue)
}

#[expect(clippy::cast_possible_truncation, reason = "the parts that were packed")]
fn unpack(scan: u64) -> Scanned {
    let way = [Way::Out, Way::OrphanOut, Way::Checkpoint, Way::In][(scan >> 30 & 3) as usize];
    Scanned { at: (scan >> 32) as u32, way, venue: scan as u32 & 0x3fff_ffff }
}

/// Seconds that two spans share.
fn shared(a: (u32, u32), b: (u32, u32)) -> i32 {
    i32::try_from(a.1.min(b.1).saturating_sub(a.0.max(b.0))).unwrap_or_default()
}

/// Who or where a key is.
#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
fn who(key: u64) -> u32 {
    key as u32
}

/// (venue or person, start, end).
type Stay = (u32, u32, u32);

/// A running program.
struct Program {
    scans: InputSession<u32, (u64, u64), i32>,
    /// (day, person) and the window.
    cases: InputSession<u32, (u64, (u32, u32)), i32>,
    done: Handle<u32>,
    epoch: u32,
}

impl Program {
    fn new(worker: &mut Worker, rules: &Rules) -> Self {
        let (mut scans, mut cases) = (InputSession::new(), InputSession::new());
        let (rules, contact_s) = (rules.clone(), rules.contact_s);
        let done = worker.dataflow::<u32, _, _>(|scope| {
            let cases = cases.to_collection(scope);
            let visits = scans
                .to_collection(scope)
                .arrange_by_key()
                .reduce_abelian::<_, ValBuilder<_, _, _, _>, ValSpine<u64, Stay, u32, i32>, _, _>(
                    "visits by person",
                    move |_: &u64, scans: &[(&u64, i32)], visits: &mut Vec<(Stay, i32)>| {
                        let scans = scans.iter().map(|(scan, _)| unpack(**scan));
                        rules.visits(scans, |visit| visits.push(((visit.venue, visit.start, visit.end), 1)));
                    },
                    |updates, key, changed| {
                        updates.clear();
                        updates
                            .extend(changed.drain(..).map(|(visit, time, diff)| ((*key, visit), time, diff)));
                    },
                );
            let of_cases =
                cases.arrange_by_key().join_core(visits.clone(), |person, window: &(u32, u32), visit| {
                    let (start, end) = (visit.1.max(window.0), visit.2.min(window.1));
                    (start < end).then_some((key(visit.1, visit.0), (who(*person), start, end)))
                });
            let at_venues = visits
                .as_collection(|person, visit| (key(visit.1, visit.0), (who(*person), visit.1, visit.2)));
            of_cases
                .join_map(at_venues, |venue, case, other| {
                    let together =
                        if case.0 == other.0 { 0 } else { shared((case.1, case.2), (other.1, other.2)) };
                    ((case.0, other.0, *venue >> 32), together)
                })
                .explode(|(pair, together)| Some((pair, together)))
                .threshold(move |_, together| i32::from(*together >= contact_s))
                .map(|(_case, other, _day)| other)
                .distinct_core::<i32>()
                .probe()
                .0
        });
        Self { scans, cases, done, epoch: 0 }
    }

    /// Takes scans and waits until all that follows from them is known: scans per second.
    fn chunk(&mut self, worker: &mut Worker, rows: &[Row]) -> f64 {
        let (spent, ()) = timed(|| {
            for row in rows {
                self.scans.update((key(row.at, row.person), pack(row)), 1);
            }
            self.work_out(worker);
        });
        f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) / spent.as_secs_f64()
    }

    /// Cases come (1) or are taken back (-1), for all days of their windows.
    fn tell(&mut self, worker: &mut Worker, people: &[u32], window: (u32, u32), diff: i32) {
        for person in people {
            for day in window.0 / DAY_S..=window.1 / DAY_S {
                self.cases.update((key(day * DAY_S, *person), window), diff);
            }
        }
        self.work_out(worker);
    }

    fn work_out(&mut self, worker: &mut Worker) {
        self.epoch += 1;
        self.scans.advance_to(self.epoch);
        self.cases.advance_to(self.epoch);
        self.scans.flush();
        self.cases.flush();
        worker.step_while(|| self.done.less_than(&self.epoch));
    }

    fn day(&mut self, worker: &mut Worker, size: Size, day: u32) -> Vec<f64> {
        let rows = city::day(size, day, size.visits_a_day);
        rows.chunks(size.chunk_scans).map(|rows| self.chunk(worker, rows)).collect()
    }
}

/// What the program has shown, in scans per second.
struct Speeds {
    few: Vec<f64>,
    many: Vec<f64>,
    bytes_per_visit: f64,
}

/// Fills the window, then a day with few cases, one between, and one with many, as the core had them.
fn run(worker: &mut Worker, rules: &Rules, size: Size) -> Speeds {
    let empty_bytes = rss_bytes();
    let mut program = Program::new(worker, rules);
    for day in 0..size.days {
        let speeds = program.day(worker, size, day);
        super::progress(&format!("differential-dataflow, day {day}: {:.0} scans/s", median(&speeds)));
    }
    let visits = f64::from(size.days) * f64::from(size.visits_a_day);
    let bytes_per_visit = (rss_bytes() - empty_bytes) / visits;
    let people = drawn(size, size.days, size.cases);
    let window = |told_day: u32| {
        let onset = (told_day - ONSET_DAYS_AGO) * DAY_S;
        (onset.saturating_sub(rules.infectious_before_s), onset + rules.infectious_after_s)
    };
    let few_people = &people[..size.cases_few as usize];
    program.tell(worker, few_people, window(size.days), 1);
    let few = program.day(worker, size, size.days);
    program.tell(worker, few_people, window(size.days), -1);
    program.day(worker, size, size.days + 1);
    program.tell(worker, &people, window(size.days + 2), 1);
    let many = program.day(worker, size, size.days + 2);
    Speeds { few, many, bytes_per_visit }
}

/// `dd_ratio` with few cases, `dd_20k_ratio` with many, all of them moving about.
pub fn compare(rules: &Rules, size: Size, ours: Loads, report: &mut Report) {
    let rules = rules.clone();
    let theirs = timely::execute_directly(move |worker| run(worker, &rules, size));
    let ratios = |ours: f64, theirs: &[f64]| theirs.iter().map(|theirs| ours / theirs).collect::<Vec<_>>();
    report.add("dd_scans_s", "scans/s", &theirs.few);
    report.add("dd_20k_scans_s", "scans/s", &theirs.many);
    report.add("dd_bytes_per_visit", "B", &[theirs.bytes_per_visit]);
    report.add("dd_ratio", "of its speed", &ratios(ours.few, &theirs.few));
    report.add("dd_20k_ratio", "of its speed", &ratios(ours.many, &theirs.many));
}
