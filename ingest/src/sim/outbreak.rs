//! The epidemic: who carries it, who meets whom, who catches it.
//!
//! It spreads only along meetings of at least a quarter of an hour at venues, as scans show them.

use super::{
    calendar::{day_of, start_of},
    carrier::{Carrier, Met, Origin},
    daybook::DayBook,
    desk::{Agenda, Task},
    dice::{Dice, Topic, key},
    identity::write_number,
    lines::Object,
    plan::Today,
    spread::Pressure,
    town::Town,
    venues::write_venue,
};
use std::collections::{BTreeMap, VecDeque};
use vonglau_core::time::{DAY, HOUR};

/// Seconds together that can infect, and that make a contact.
pub(super) const CONTACT_S: i64 = 15 * 60;

/// Bits of what is known of a person.
const WATCHED: u8 = 1;
const IMMUNE: u8 = 2;

/// Somebody who is to stay at home or in hospital.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confined {
    pub(super) from: i64,
    /// Days of a million on which somebody goes out all the same.
    pub(super) breach_per_million: u32,
}

/// All that the epidemic keeps; what it keeps of everybody is one byte.
#[derive(Debug)]
pub(super) struct Outbreak {
    marks: Vec<u8>,
    pub(super) carriers: BTreeMap<u32, Carrier>,
    pub(super) confined: BTreeMap<u32, Confined>,
    /// Contacts under observation, and when that ends.
    pub(super) followed: BTreeMap<u32, i64>,
    pub(super) agenda: Agenda,
    pub(super) table: [i64; 14],
    /// The last days, today's last.
    pub(super) week: VecDeque<Pressure>,
    /// Infections that were wished for and did not come, by district; negative where more came.
    pub(super) behind: Vec<f64>,
}

/// Somebody's stay at a venue, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stay {
    pub(super) venue: u32,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) person: u32,
}

impl Outbreak {
    pub(super) fn new(town: &Town, table: [i64; 14]) -> Self {
        Self {
            marks: vec![0; town.people.len()],
            carriers: BTreeMap::new(),
            confined: BTreeMap::new(),
            followed: BTreeMap::new(),
            agenda: Agenda::default(),
            table,
            week: VecDeque::new(),
            behind: vec![0.0; town.heat.len()],
        }
    }

    /// True where somebody needs a closer look.
    pub(super) fn is_watched(&self, person: u32) -> bool {
        self.marks[person as usize] & WATCHED != 0
    }

    /// True for whoever has or had it.
    pub(super) fn is_immune(&self, person: u32) -> bool {
        self.marks[person as usize] & IMMUNE != 0
    }

    pub(super) fn watch(&mut self, person: u32) {
        self.marks[person as usize] |= WATCHED;
    }

    /// Stops looking at somebody who is neither carrier nor confined any more.
    pub(super) fn unwatch(&mut self, person: u32) {
        if !self.carriers.contains_key(&person) && !self.confined.contains_key(&person) {
            self.marks[person as usize] &= !WATCHED;
        }
    }

    /// When somebody has to stop moving on a day: the future where not, the day's start where it was so before.
    fn stops(&self, town: &Town, today: &Today, person: u32) -> i64 {
        let Some(confined) = self.is_watched(person).then(|| self.confined.get(&person)).flatten() else {
            return i64::MAX;
        };
        let breach = key(town.seed, Topic::Breach, u64::from(today.day.0 as u32));
        if confined.from >= today.start {
            confined.from
        } else if Dice::of(breach, u64::from(person)).per_million(confined.breach_per_million) {
            i64::MAX
        } else {
            today.start
        }
    }

    /// False for somebody who stays in all day.
    pub(super) fn moves(&self, town: &Town, today: &Today, person: u32) -> bool {
        self.stops(town, today, person) > today.start
    }

    /// False for a scan that isolation prevented.
    pub(super) fn allows(&self, town: &Town, person: u32, at: i64) -> bool {
        !self.is_watched(person) || at < self.stops(town, &Today::at(town.seed, at), person)
    }

    /// Those whose isolation begins today, and when.
    pub(super) fn leavers(&self, today: &Today) -> Vec<(u32, i64)> {
        let begins = |(person, confined): (&u32, &Confined)| (*person, confined.from);
        let span = today.start..end_of(today);
        self.confined.iter().map(begins).filter(|(_, from)| span.contains(from)).collect()
    }

    /// Where those go today who carry it, by venue.
    pub(super) fn stays(&self, town: &Town, today: &Today) -> Vec<Stay> {
        let mut stays = Vec::new();
        for person in self.carriers.keys().filter(|person| self.moves(town, today, **person)) {
            stays.extend(town.plan(*person, today).visits().iter().map(|visit| Stay {
                venue: visit.venue,
                start: today.start + visit.start,
                end: today.start + visit.end,
                person: *person,
            }));
        }
        stays.sort_unstable();
        stays
    }

    /// Ends a day: the desk works through its agenda, then the day's meetings infect. `met` is sorted.
    pub(super) fn close_day(&mut self, town: &Town, today: &Today, mut met: Vec<Met>, book: &mut DayBook) {
        self.work_agenda(town, today, &met, book);
        for meeting in &mut met {
            let stop = |person| self.stops(town, today, person);
            meeting.end = meeting.end.min(stop(meeting.carrier) - 1).min(stop(meeting.who) - 1);
        }
        met.retain(|meeting| meeting.end > meeting.start);
        self.spread(town, today, &met, book);
        for meeting in met {
            if let Some(carrier) = self.carriers.get_mut(&meeting.carrier).filter(|c| c.told.is_none()) {
                carrier.met.push(meeting);
            }
        }
        let over: Vec<u32> =
            self.carriers.iter().filter(|(_, c)| c.is_over(today.start)).map(|(person, _)| *person).collect();
        for person in over {
            self.carriers.remove(&person);
            self.unwatch(person);
        }
    }

    pub(super) fn infect(
        &mut self,
        town: &Town,
        person: u32,
        origin: Origin,
        by: Option<&Met>,
        at: i64,
        book: &mut DayBook,
    ) {
        let mut dice = Dice::of(key(town.seed, Topic::Illness, at as u64), u64::from(person));
        let carrier = Carrier::new(origin, at, &mut dice);
        self.watch(person);
        if origin != Origin::FalseAlarm {
            self.marks[person as usize] |= IMMUNE;
            self.behind[usize::from(town.district(person))] -= 1.0;
            write_truth(&mut book.truth, town, person, by, at);
            if carrier.symptoms && dice.permille(150) {
                self.agenda.add(carrier.onset + dice.between(7 * HOUR, 20 * HOUR), Task::Declare(person));
            }
        }
        self.agenda.plan(person, &carrier);
        self.carriers.insert(person, carrier);
    }

    /// A case was withdrawn: the person can still catch it.
    pub(super) fn absolve(&mut self, person: u32) {
        self.carriers.remove(&person);
        self.confined.remove(&person);
        self.unwatch(person);
    }
}

/// All meetings of carriers with others at their venues. Both lists are sorted.
pub(super) fn meetings(carriers: &[Stay], others: &[Stay]) -> Vec<Met> {
    let mut met = Vec::new();
    for stay in carriers {
        let from = others.partition_point(|other| other.venue < stay.venue);
        for other in &others[from..] {
            if other.venue != stay.venue || other.start >= stay.end {
                break;
            }
            let (start, end) = (stay.start.max(other.start), stay.end.min(other.end));
            if other.person != stay.person && start < end {
                met.push(Met { carrier: stay.person, who: other.person, start, end, venue: stay.venue });
            }
        }
    }
    met.sort_unstable();
    met
}

fn write_truth(out: &mut Vec<u8>, town: &Town, person: u32, by: Option<&Met>, at: i64) {
    let line = Object::plain(out, "infected", |out| write_number(out, town, person));
    let line = match by {
        Some(met) => line
            .made("by", |out| write_number(out, town, met.carrier))
            .made("venue", |out| write_venue(out, met.venue)),
        None => line.null("by").null("venue"),
    };
    line.time("at", at).end();
    out.push(b'\n');
}

/// The local day's end.
pub(super) fn end_of(today: &Today) -> i64 {
    start_of(day_of(today.start).plus(1)).max(today.start + DAY)
}
