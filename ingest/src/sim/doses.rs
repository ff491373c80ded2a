//! Vaccination as Hanoi had it in autumn 2021: nearly all adults with a first dose, the second under way, the
//! elderly unevenly covered from district to district.

use super::{
    calendar::start_of,
    dice::{Dice, Topic, key},
    identity::{write_address, write_name, write_number},
    lines::{Object, write_hex, write_int},
    town::Town,
};
use vonglau_core::time::{Day, HOUR};

/// What a person was or will be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doses {
    /// The days of the first and the second dose.
    pub(super) given: [Option<Day>; 2],
}

const VACCINES: [(&str, u32); 5] =
    [("AstraZeneca", 480), ("Vero Cell", 260), ("Pfizer-BioNTech", 170), ("Moderna", 80), ("Sputnik V", 10)];

/// The doses of a person, those to come included.
pub(super) fn of(town: &Town, person: u32) -> Doses {
    let who = town.people[person as usize];
    if who.age < 18 {
        return Doses::default();
    }
    let (first, full) = coverage(town, town.district(person), who.age);
    let mut dice = Dice::of(key(town.seed, Topic::Dose, 0), u64::from(person));
    let rank = dice.below(1_000);
    // Whoever is fully vaccinated has a first dose: one rank decides both.
    let second_ago = if rank < full {
        dice.between(1, 75)
    } else if rank < first && dice.permille(700) {
        -dice.between(1, 60)
    } else {
        i64::MIN
    };
    let day = |ago: i64| town.live_day.plus(-(ago as i32));
    if rank >= first {
        return Doses::default();
    }
    if second_ago == i64::MIN {
        return Doses { given: [Some(day(dice.between(25, 110))), None] };
    }
    let gap = dice.between(28, 63);
    Doses { given: [Some(day((second_ago + gap).max(1))), Some(day(second_ago))] }
}

/// Residents of a thousand with one and with two doses at the story's present.
fn coverage(town: &Town, district: u16, age: u8) -> (u32, u32) {
    let mut dice = Dice::of(key(town.seed, Topic::District, 1), u64::from(district));
    let first = 905 + dice.below(70);
    // Where the epidemic finds most people it finds fewer of them protected.
    let elder =
        if town.heat[usize::from(district)] > 1 { 730 + dice.below(90) } else { 770 + dice.below(105) };
    match age {
        65.. => (first, elder),
        50..=64 => (first, (elder + 25).min(first)),
        _ => (first, elder - 90),
    }
}

/// When a dose is reported: on the evening of its day.
pub(super) fn reported(town: &Town, person: u32, given: Day) -> i64 {
    let mut dice = Dice::of(key(town.seed, Topic::Dose, 2), u64::from(person));
    start_of(given) + dice.between(9 * HOUR, 20 * HOUR)
}

/// The register's entry of a dose (0 the first).
pub(super) fn write(out: &mut Vec<u8>, town: &Town, person: u32, dose: u8, given: Day, at: i64) {
    let mut dice = Dice::of(key(town.seed, Topic::Dose, 1), u64::from(person));
    let vaccine = VACCINES[dice.weighted(&VACCINES.map(|(_, share)| share))].0;
    let poor = dice.permille(12);
    let birth = town.birth(person);
    let district = &town.land.districts[usize::from(town.district(person))];
    let line = Object::event(out, "vaccination")
        .made("id", |out| {
            out.push(b'x');
            write_hex(out, u64::from(person));
            out.push(b'-');
            write_int(out, u64::from(dose) + 1);
        })
        .time("at", at)
        .made("person", |out| write_number(out, town, person))
        .int("dose", u32::from(dose) + 1)
        .word("vaccine", vaccine.as_bytes())
        .date("given_on", given)
        .text("facility", &format!("TTYT {}", district.name_vi))
        .made("full_name", |out| write_name(out, town, person))
        .date("born_on", birth.on)
        .word("sex", if birth.female { b"f" } else { b"m" });
    // Some entries come without addresses, and are to be reported as such.
    if poor {
        return line.end();
    }
    line.made("permanent_residence", |out| write_address(out, town, person))
        .made("temporary_residence", |out| write_address(out, town, person))
        .end();
}
