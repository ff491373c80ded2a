//! What is on record before the first day: venues, residents, doses given until then.

use super::{
    doses,
    identity::write_number,
    lines::{Lines, Object, write_hex},
    town::Town,
};
use vonglau_core::time::Day;

/// How far the registry has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryCursor {
    venue: u32,
    resident: u32,
    vaccinated: u32,
}

impl RegistryCursor {
    /// Share of the venues and people that were gone through, 0-1.
    pub(super) fn done(&self, town: &Town) -> f64 {
        let all = f64::from(town.venues.len()) + 2.0 * f64::from(town.len());
        (f64::from(self.venue) + f64::from(self.resident) + f64::from(self.vaccinated)) / all
    }
}

/// Writes the next lines of the registry, about so many; none at its end. `until` is the first day whose doses are
/// not on record yet.
pub(super) fn write(
    town: &Town,
    cursor: &mut RegistryCursor,
    lines_max: usize,
    at: i64,
    until: Day,
) -> Lines {
    let mut lines = Lines::default();
    while lines.len() < lines_max {
        if cursor.venue < town.venues.len() {
            town.venues.write(lines.writer(), &town.land, town.seed, cursor.venue, at);
            lines.finish();
            cursor.venue += 1;
        } else if cursor.resident < town.len() {
            write_resident(lines.writer(), town, cursor.resident, at);
            lines.finish();
            cursor.resident += 1;
        } else if cursor.vaccinated < town.len() {
            let person = cursor.vaccinated;
            for (dose, given) in doses::of(town, person).given.into_iter().enumerate() {
                if let Some(given) = given.filter(|given| *given < until) {
                    doses::write(lines.writer(), town, person, dose as u8, given, at);
                    lines.finish();
                }
            }
            cursor.vaccinated += 1;
        } else {
            break;
        }
    }
    lines
}

fn write_resident(out: &mut Vec<u8>, town: &Town, person: u32, at: i64) {
    let ward = &town.land.wards[usize::from(town.ward(person))];
    Object::event(out, "resident")
        .made("id", |out| {
            out.push(b'r');
            write_hex(out, u64::from(person));
        })
        .time("at", at)
        .made("person", |out| write_number(out, town, person))
        .date("born_on", town.birth(person).on)
        .word("district", ward.district.as_bytes())
        .word("ward", ward.code.as_bytes())
        .end();
}
