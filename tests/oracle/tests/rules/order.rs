//! The picture is a function of the set of events: thousands of random histories, shuffled and repeated.

use crate::fixture::{CITY, EAST, EAST_1, Told, WEST, nowhere, t, told};
use std::time::Instant;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::cells::Cells;
use vonglau_core::event::{Deed, Event, Status};
use vonglau_core::figure::Figures;
use vonglau_core::params::{Clock, ContactSum};
use vonglau_core::rows::Layer;
use vonglau_core::time::Time;
use vonglau_oracle::{Oracle, picture};

/// A small generator of numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    fn time(&mut self) -> String {
        // Few days and round minutes, so that much happens at once.
        let (day, hour, minute) = (14 + self.roll(4), 6 + self.roll(8), 5 * self.roll(12));
        format!("{day}T{hour:02}:{minute:02}")
    }
}

const PEOPLE: [&str; 5] = ["an", "binh", "chi", "dung", "em"];
const STATUSES: [Status; 7] =
    [Status::F0, Status::F0, Status::F1, Status::F2, Status::Recovered, Status::Cleared, Status::Deceased];

fn history(dice: &mut Dice, events: usize) -> Told {
    let mut told = told();
    for n in 0..events {
        let (person, at) = (dice.pick(&PEOPLE), dice.time());
        match dice.roll(20) {
            0..12 => {
                let what = dice.pick(&["in", "in", "in", "out", "out", "-", "in checkpoint", "out venue_qr"]);
                told.scan(person, dice.pick(&["m", "m", "n", "o", "x", "g", "h"]), &at, what);
            }
            12..17 => {
                let id = format!("c{}", dice.roll(8));
                let status = STATUSES[usize::try_from(dice.roll(7)).unwrap()];
                let (isolated, named) = (dice.time(), format!("c{}", dice.roll(8)));
                let change = dice.roll(6);
                told.case_with(&id, person, status, &at, |c| match change {
                    0 => c.supersedes = Some(named.into()),
                    1 => c.retracts = Some(named.into()),
                    2 => c.isolated_at = Some(t(&isolated)),
                    3 => c.onset = Some(t(&isolated)),
                    4 => c.district = Some("001".into()),
                    _ => {}
                });
            }
            17 => told.venue("m", dice.pick(&["market", "other", "hospital"]), |v| v.at = t(&at)),
            18 => told.resident(person, Some((1950, 1)), dice.pick(&["001", "002"]), "00001"),
            _ => {
                let alert = dice.pick(&["isolation_breach:an:2021-10-15", "cluster:m:2021-10-16"]);
                told.command(&format!("k{n}"), Deed::Acknowledge, alert, &at, |_| {});
            }
        }
    }
    told.params.contacts.linger_min = i64::try_from(dice.roll(2)).unwrap() * 20;
    if dice.roll(2) == 0 {
        told.params.contacts.contact_sum = ContactSum::Visit;
    }
    told
}

/// All that is a function of the set.
fn whole(told: &Told, events: &[Event], now: Time) -> (Vec<Figures>, Vec<Cells>, Vec<Answer>) {
    let picture = picture(&told.params, &nowhere, events, now);
    let figures = [CITY, EAST, WEST, EAST_1].map(|area| picture.figures(area)).to_vec();
    let cells = Layer::ALL.map(|layer| picture.cells(layer, 9)).to_vec();
    let of_all = [Question::Cases, Question::Followed, Question::Venues];
    let of_each = PEOPLE.iter().flat_map(|p| {
        let p = || (*p).into();
        [
            Question::Contacts(p()),
            Question::SecondOrder(p()),
            Question::Chain(p(), 3),
            Question::Backward(p()),
        ]
    });
    (figures, cells, of_all.into_iter().chain(of_each).map(|question| picture.ask(&question)).collect())
}

#[test]
fn the_picture_is_a_function_of_the_set_of_events() {
    let mut dice = Dice(7);
    for _ in 0..300 {
        let told = history(&mut dice, 40);
        let mut shuffled = told.events.clone();
        shuffled.extend_from_slice(&told.events[told.events.len() / 2..]);
        for n in (1..shuffled.len()).rev() {
            shuffled.swap(n, usize::try_from(dice.roll(n as u64 + 1)).unwrap());
        }
        let now = t(&dice.time());
        assert_eq!(whole(&told, &told.events, now), whole(&told, &shuffled, now));
    }
}

#[test]
fn a_taken_back_case_leaves_nothing_behind() {
    let mut dice = Dice(11);
    for _ in 0..200 {
        let mut told = history(&mut dice, 30);
        let before = whole(&told, &told.events, t("18T00:00"));
        told.case_with("z1", "an", Status::F0, "16T10:00", |c| c.onset = Some(t("15T00:00")));
        told.retract("z2", "z1", "16T11:00");
        assert_eq!(whole(&told, &told.events, t("18T00:00")), before);
    }
}

#[test]
fn under_each_clock_the_same_events_end_in_the_same_open_alerts() {
    let mut dice = Dice(13);
    for _ in 0..100 {
        let mut told = history(&mut dice, 30);
        let open = |told: &Told| -> Vec<_> {
            let rows = told.oracle().alerts().into_iter().filter(|row| row.ended.is_none());
            let mut open: Vec<_> = rows.map(|row| (row.rule, row.person, row.venue, row.value)).collect();
            open.sort_by_key(|row| format!("{row:?}"));
            open
        };
        told.scan("an", "m", "18T12:00", "in");
        let by_events = open(&told);
        told.events.reverse();
        assert_eq!(open(&told), by_events);
        told.params.clock = Clock::Simulated;
        told.tick("18T12:00");
        assert_eq!(open(&told), by_events);
    }
}

#[test]
fn a_history_of_thirty_events_is_judged_in_little_time() {
    let mut dice = Dice(17);
    let histories: Vec<Told> = (0..100).map(|_| history(&mut dice, 30)).collect();
    let begin = Instant::now();
    let mut known = 0;
    for told in &histories {
        let mut oracle = Oracle::new(&told.params, nowhere);
        for event in &told.events {
            oracle.push(event);
            known += oracle.figures(CITY).now.iter().flatten().count();
        }
    }
    let evaluations: usize = histories.iter().map(|told| told.events.len()).sum();
    let each = begin.elapsed() / u32::try_from(evaluations).unwrap();
    assert!(known > 0);
    // Far more than it takes: this finds a slip into the quadratic, not a busy machine.
    assert!(each.as_millis() < 20, "{each:?} an event");
}
