//! What the health service writes: case events and declarations, as lines.

use super::{
    identity::write_number,
    lines::{Object, write_hex, write_int},
    town::Town,
};

/// What a day brought besides scans.
#[derive(Debug, Default)]
pub(super) struct DayBook {
    /// (when it arrives, in the order written; the line).
    pub(super) lines: Vec<(i64, Vec<u8>)>,
    pub(super) truth: Vec<u8>,
    /// Nothing before this moment is told to anybody.
    pub(super) from: i64,
    /// Case events written so far, all days.
    pub(super) events: u64,
}

/// What a case event says beside who and when.
#[derive(Default)]
pub(super) struct Told<'a> {
    pub(super) status: Option<&'a str>,
    pub(super) supersedes: Option<u64>,
    pub(super) retracts: Option<u64>,
    pub(super) onset: Option<i64>,
    pub(super) sampled: Option<i64>,
    pub(super) isolated: Option<i64>,
    pub(super) found: Option<&'a str>,
}

impl DayBook {
    /// Writes a case event and gives its number, none where it is not told.
    pub(super) fn case(&mut self, town: &Town, at: i64, person: u32, told: &Told) -> Option<u64> {
        if at < self.from {
            return None;
        }
        let number = self.events;
        self.events += 1;
        let id = |out: &mut Vec<u8>, number| {
            out.push(b'c');
            write_hex(out, town.seed);
            out.push(b'-');
            write_int(out, number);
        };
        let mut out = Vec::new();
        let mut line = Object::event(&mut out, "case").made("id", |out| id(out, number)).time("at", at);
        if let Some(retracted) = told.retracts {
            line = line.made("retracts", |out| id(out, retracted));
        }
        if let Some(status) = told.status {
            let ward = &town.land.wards[usize::from(town.ward(person))];
            line =
                line.made("person", |out| write_number(out, town, person)).word("status", status.as_bytes());
            if let Some(old) = told.supersedes {
                line = line.made("supersedes", |out| id(out, old));
            }
            line = line
                .time_if("onset", told.onset)
                .time_if("sampled", told.sampled)
                .time_if("isolated_at", told.isolated);
            if let Some(found) = told.found {
                line = line.word("found", found.as_bytes());
            }
            line = line.word("district", ward.district.as_bytes()).word("ward", ward.code.as_bytes());
        }
        line.end();
        self.lines.push((at, out));
        Some(number)
    }

    /// Writes a health declaration.
    pub(super) fn declare(&mut self, town: &Town, at: i64, person: u32, symptoms: &[&str]) {
        if at < self.from {
            return;
        }
        let mut out = Vec::new();
        Object::event(&mut out, "declaration")
            .made("id", |out| {
                out.push(b'd');
                write_hex(out, at as u64);
                out.push(b'-');
                write_hex(out, u64::from(person));
            })
            .time("at", at)
            .made("person", |out| write_number(out, town, person))
            .word("about", b"health")
            .words("symptoms", symptoms)
            .end();
        self.lines.push((at, out));
    }
}
