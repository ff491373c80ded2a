//! From visits to scans: who reads whose code, what arrives late, twice or broken.

use super::{
    calendar::write_time,
    dice::{Dice, Topic, key},
    identity::{write_card, write_number},
    lines::{Lines, Object, write_hex, write_int},
    plan::{Today, Visit},
    town::Town,
    venues::{Kind, write_venue},
};
use vonglau_core::time::{HOUR, MINUTE};

/// Scans of a million that a phone sends again under a new id.
const REPEAT_PER_MILLION: u32 = 8_000;
/// Scans of a million of which a broken copy arrives too.
const BROKEN_PER_MILLION: u32 = 500;
/// Scans of a million that come late, by minutes; of these one in four by hours.
const LATE_PER_MILLION: u32 = 20_000;
/// Visits of a million in which a patrol comes by.
const PATROL_PER_MILLION: u32 = 3_000;
/// The latest that a scan comes after it was made.
const LATE_MAX_S: i64 = 20 * HOUR;

const MODES: [&str; 4] = ["person_qr", "venue_qr", "checkpoint", "patrol"];
const PERSON_QR: u8 = 0;
const VENUE_QR: u8 = 1;
const CHECKPOINT: u8 = 2;
const PATROL: u8 = 3;

/// Bits of a scan's marks above the mode's two.
const IN: u8 = 1 << 2;
const OUT: u8 = 1 << 3;
const REPEATED: u8 = 1 << 4;
const BROKEN: u8 = 1 << 5;
const CARD: u8 = 1 << 6;

/// A scan on its way: 16 bytes, for a day of a large city is tens of millions. Times are seconds since 1970, which
/// fit 32 bits until 2106.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scan {
    arrives: u32,
    at: u32,
    /// Person in the low 24 bits, marks above.
    who: u32,
    venue: u32,
}

impl Scan {
    pub(super) const fn arrives(&self) -> i64 {
        self.arrives as i64
    }

    pub(super) const fn at(&self) -> i64 {
        self.at as i64
    }

    pub(super) const fn person(&self) -> u32 {
        self.who & 0x00FF_FFFF
    }

    const fn marks(&self) -> u8 {
        (self.who >> 24) as u8
    }
}

/// Adds the scans of a visit.
pub(super) fn push(scans: &mut Vec<Scan>, town: &Town, today: &Today, person: u32, visit: &Visit) {
    let (start, end) = (today.start + visit.start, today.start + visit.end);
    let subject = key(town.seed, Topic::Scan, start as u64);
    let mut dice = Dice::of(subject, u64::from(person));
    let mut add = |at, marks, dice: &mut Dice| push_one(scans, person, visit.venue, at, marks, dice);
    let kind = town.venues.kind(visit.venue);
    if kind == Kind::Checkpoint {
        let way = if dice.permille(700) { 0 } else { IN };
        let card = if town.people[person as usize].age >= 14 && dice.permille(400) { CARD } else { 0 };
        add(start, CHECKPOINT | way | card, &mut dice);
        return;
    }
    let gated =
        matches!(kind, Kind::Office | Kind::Factory | Kind::School | Kind::Hospital | Kind::Government);
    let mode = if dice.permille(if gated { 600 } else { 150 }) { PERSON_QR } else { VENUE_QR };
    let grown = town.people[person as usize].age >= 14;
    let card = if mode == PERSON_QR && grown && dice.permille(280) { CARD } else { 0 };
    // Some codes know no direction; an out is always told.
    let way = if dice.permille(60) { 0 } else { IN };
    add(start, mode | way | card, &mut dice);
    if dice.per_million(PATROL_PER_MILLION) && end - start > 4 * MINUTE {
        add(start + (end - start) / 2, PATROL, &mut dice);
    }
    if visit.has_out {
        add(end, mode | OUT | card, &mut dice);
    }
}

/// Adds the out of somebody who leaves before the time.
pub(super) fn push_out(scans: &mut Vec<Scan>, town: &Town, person: u32, venue: u32, at: i64) {
    let mut dice = Dice::of(key(town.seed, Topic::Scan, at as u64), u64::from(person));
    push_one(scans, person, venue, at, PERSON_QR | OUT, &mut dice);
}

fn push_one(scans: &mut Vec<Scan>, person: u32, venue: u32, at: i64, marks: u8, dice: &mut Dice) {
    let late = if dice.per_million(LATE_PER_MILLION) {
        if dice.permille(250) { dice.between(HOUR, LATE_MAX_S) } else { dice.between(2 * MINUTE, HOUR) }
    } else {
        dice.between(0, 2)
    };
    let mut add = |arrives: i64, marks: u8| {
        let who = person | u32::from(marks) << 24;
        scans.push(Scan { arrives: arrives as u32, at: at as u32, who, venue });
    };
    add(at + late, marks);
    if dice.per_million(REPEAT_PER_MILLION) {
        add(at + late + dice.between(1, 90), marks | REPEATED);
    }
    if dice.per_million(BROKEN_PER_MILLION) {
        add(at + late, marks | BROKEN);
    }
}

/// Writes one line.
pub(super) fn write(lines: &mut Lines, town: &Town, scan: &Scan) {
    let out = lines.writer();
    if scan.marks() & BROKEN == 0 {
        write_scan(out, town, scan, "");
    } else {
        write_broken(out, town, scan);
    }
    lines.finish();
}

/// Writes a scan without the field of that name, which a caller may put in spoilt.
fn write_scan(out: &mut Vec<u8>, town: &Town, scan: &Scan, without: &str) {
    let marks = scan.marks();
    let person = scan.person();
    let mut line = Object::event(out, "scan").made("id", |out| write_id(out, scan));
    if without != "at" {
        line = line.time("at", scan.at());
    }
    line = line.made("person", |out| {
        if marks & CARD == 0 { write_number(out, town, person) } else { write_card(out, town, person) }
    });
    if without != "venue" {
        line = line.made("venue", |out| write_venue(out, scan.venue));
    }
    if without != "mode" {
        line = line.word("mode", MODES[usize::from(marks & 3)].as_bytes());
    }
    if marks & IN != 0 {
        line = line.word("direction", b"in");
    } else if marks & OUT != 0 {
        line = line.word("direction", b"out");
    }
    line.made("device", |out| write_device(out, scan)).end();
}

/// A scan's content and whether it is sent again make its id.
fn write_id(out: &mut Vec<u8>, scan: &Scan) {
    out.push(b's');
    write_hex(out, u64::from(scan.at));
    out.push(b'-');
    write_hex(out, u64::from(scan.who & 0x0FFF_FFFF));
    if scan.marks() & REPEATED != 0 {
        out.push(b'r');
    }
}

/// A gate, an officer's reader or a phone.
fn write_device(out: &mut Vec<u8>, scan: &Scan) {
    match scan.marks() & 3 {
        PERSON_QR => {
            out.extend_from_slice(b"gate-");
            write_int(out, u64::from(scan.venue));
            out.push(b'-');
            write_int(out, u64::from(scan.at % 2 + 1));
        }
        VENUE_QR => {
            out.extend_from_slice(b"app-");
            write_hex(out, u64::from(scan.person() ^ 0x005A_5A5A));
        }
        _ => {
            out.extend_from_slice(b"officer-");
            write_int(out, u64::from(scan.venue % 97 + 1));
        }
    }
}

/// A line that no gateway may take: one of several kinds of damage.
fn write_broken(out: &mut Vec<u8>, town: &Town, scan: &Scan) {
    let spoil = |out: &mut Vec<u8>, without: &str, more: &str| {
        write_scan(out, town, scan, without);
        if !more.is_empty() {
            out.pop();
            out.extend_from_slice(more.as_bytes());
        }
    };
    match (scan.at ^ scan.who) % 7 {
        0 => spoil(out, "at", ",\"at\":\"2021-13-45T25:61:00+07:00\"}"),
        1 => spoil(out, "venue", ""),
        2 => spoil(out, "mode", ",\"mode\":\"nfc\"}"),
        3 => spoil(out, "at", ""),
        4 => spoil(out, "mode", ",\"mode\":7}"),
        5 => {
            out.extend_from_slice(b"[\"scan\",\"");
            write_time(out, scan.at());
            out.extend_from_slice(b"\"]");
        }
        // Cut off while being sent.
        _ => {
            let from = out.len();
            write_scan(out, town, scan, "");
            out.truncate(from + 60);
        }
    }
}
