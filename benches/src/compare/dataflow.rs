//! The same job as a differential-dataflow program: scans in, visits by person, contacts with cases, retractions.
//!
//! It is spared much: integers ready in memory, a person and day as one key, no retention, no figures, no clock. The
//! core is up to date after every message of the journal, so the program is measured with an epoch a message; as larger
//! epochs suit it better, also with one for as many scans as the core shows one picture.

use super::visits::{Rules, Scanned};
use crate::city::{self, Row, Size, Way};
use crate::core::{Load, Loads, ONSET_DAYS_AGO, drawn, timed};
use crate::report::{Report, median};
use differential_dataflow::input::InputSession;
use differential_dataflow::trace::implementations::{ValBuilder, ValSpine};
use rustc_hash::FxHashSet;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use timely::dataflow::operators::probe::Handle;
use timely::worker::Worker;
use vonglau_core::params::Params;
use vonglau_core::time::HOUR;

const DAY_S: u32 = 86_400;
/// What one message of the journal may hold.
const MESSAGE_SCANS: usize = 500;

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

/// Who or where a key is.
#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
fn who(key: u64) -> u32 {
    key as u32
}

/// (venue or person, start, end).
type Stay = (u32, u32, u32);

/// Seconds that two people's stays share; none with oneself.
fn shared(a: Stay, b: Stay) -> i32 {
    let seconds = if a.0 == b.0 { 0 } else { a.2.min(b.2).saturating_sub(a.1.max(b.1)) };
    i32::try_from(seconds).unwrap_or_default()
}

/// A running program.
struct Program {
    scans: InputSession<u32, (u64, u64), i32>,
    /// (day, person) and the window.
    cases: InputSession<u32, (u64, (u32, u32)), i32>,
    /// How many people cases have met.
    met: Rc<Cell<i32>>,
    done: Handle<u32>,
    epoch: u32,
}

impl Program {
    fn new(worker: &mut Worker, rules: &Rules) -> Self {
        let (mut scans, mut cases) = (InputSession::new(), InputSession::new());
        let (rules, contact_s) = (rules.clone(), rules.contact_s);
        let met = Rc::new(Cell::new(0));
        let seen = Rc::clone(&met);
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
                            .extend(changed.drain(..).map(|(stay, time, diff)| ((*key, stay), time, diff)));
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
                .join_map(at_venues, |place, case, other| {
                    ((case.0, other.0, *place >> 32), shared(*case, *other))
                })
                .explode(|(pair, together)| Some((pair, together)))
                .threshold(move |_, together| i32::from(*together >= contact_s))
                .map(|(_case, other, _day)| other)
                .distinct_core::<i32>()
                .inspect(move |(_, _, more)| seen.set(seen.get() + more))
                .probe()
                .0
        });
        Self { scans, cases, met, done, epoch: 0 }
    }

    /// Takes scans, so many an epoch, and waits until all that follows from them is known: scans per second.
    fn chunk(&mut self, worker: &mut Worker, rows: &[Row], epoch_scans: usize) -> f64 {
        let (spent, ()) = timed(|| {
            for rows in rows.chunks(epoch_scans) {
                for row in rows {
                    self.scans.update((key(row.at, row.person), pack(row)), 1);
                }
                self.work_out(worker);
            }
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

    /// A day of scans in large epochs, without those of people at home.
    fn day(&mut self, worker: &mut Worker, size: Size, day: u32, at_home: &[u32]) -> Vec<f64> {
        let mut rows = city::day(size, day, size.visits_a_day);
        let home: FxHashSet<u32> = at_home.iter().copied().collect();
        rows.retain(|row| !home.contains(&row.person));
        rows.chunks(size.chunk_scans).map(|rows| self.chunk(worker, rows, rows.len())).collect()
    }

    /// A day of scans, a chunk by messages and a chunk at once by turns.
    fn day_by_turns(&mut self, worker: &mut Worker, size: Size, day: u32) -> Speeds {
        let mut speeds = Speeds::default();
        for (turn, rows) in city::day(size, day, size.visits_a_day).chunks(size.chunk_scans).enumerate() {
            if turn % 2 == 0 {
                speeds.by_message.push(self.chunk(worker, rows, MESSAGE_SCANS));
            } else {
                speeds.at_once.push(self.chunk(worker, rows, rows.len()));
            }
        }
        speeds.met = self.met.get();
        let (by_message, at_once) = (median(&speeds.by_message), median(&speeds.at_once));
        super::progress(&format!(
            "{by_message:.0} scans/s by messages, {at_once:.0} in large epochs, {} people met",
            speeds.met
        ));
        speeds
    }
}

/// Scans per second by the size of epochs.
#[derive(Default)]
struct Speeds {
    by_message: Vec<f64>,
    at_once: Vec<f64>,
    /// People whom cases have met by the end.
    met: i32,
}

/// Fills the window, then a day with few cases, one between, and one with many, as the core had them: the speeds
/// with few and with many.
fn run(worker: &mut Worker, params: &Params, rules: &Rules, size: Size) -> [Speeds; 2] {
    let mut program = Program::new(worker, rules);
    for day in 0..size.days {
        let speeds = program.day(worker, size, day, &[]);
        super::progress(&format!("differential-dataflow, day {day}: {:.0} scans/s", median(&speeds)));
    }
    let people = drawn(size, size.days, size.cases);
    let seconds = |hours: i64| u32::try_from(hours * HOUR).unwrap_or_default();
    let before_s = seconds(params.contacts.infectious_before_h);
    let after_s = seconds(params.contacts.infectious_after_h);
    let window = |told_day: u32| {
        let onset = (told_day - ONSET_DAYS_AGO) * DAY_S;
        (onset.saturating_sub(before_s), onset + after_s)
    };
    let few_people = &people[..size.cases_few as usize];
    program.tell(worker, few_people, window(size.days), 1);
    let few = program.day_by_turns(worker, size, size.days);
    program.tell(worker, few_people, window(size.days), -1);
    program.day(worker, size, size.days + 1, &people);
    program.tell(worker, &people, window(size.days + 2), 1);
    let many = program.day_by_turns(worker, size, size.days + 2);
    [few, many]
}

/// `dd_ratio` with few cases, `dd_20k_ratio` with many, all of them moving about.
///
/// # Errors
/// When it finds other contacts.
pub fn compare(
    params: &Arc<Params>,
    rules: &Rules,
    size: Size,
    ours: Loads,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (params, rules) = (Arc::clone(params), rules.clone());
    let [few, many] = timely::execute_directly(move |worker| run(worker, &params, &rules, size));
    same_contacts(&few, ours.few, size.cases_few)?;
    same_contacts(&many, ours.many, size.cases)?;
    let ratios =
        |ours: Load, theirs: &[f64]| theirs.iter().map(|theirs| ours.scans_s / theirs).collect::<Vec<_>>();
    report.add("dd_scans_s", "scans/s", &few.by_message);
    report.add("dd_20k_scans_s", "scans/s", &many.by_message);
    report.add("dd_ratio", "of its speed", ratios(ours.few, &few.by_message));
    report.add("dd_20k_ratio", "of its speed", ratios(ours.many, &many.by_message));
    report.add("dd_large_epochs_ratio", "of its speed", ratios(ours.few, &few.at_once));
    report.add("dd_20k_large_epochs_ratio", "of its speed", ratios(ours.many, &many.at_once));
    Ok(())
}

/// It counts cases that were met, too, and what ends only after `now`: some more than the F1 at most.
fn same_contacts(theirs: &Speeds, ours: Load, cases: u32) -> anyhow::Result<()> {
    let (met, f1) = (i64::from(theirs.met), ours.f1_open);
    let most = f1 + i64::from(cases) + f1 / 100;
    anyhow::ensure!(
        (f1..=most).contains(&met),
        "differential-dataflow met {met} people, where we know {f1} F1"
    );
    Ok(())
}
