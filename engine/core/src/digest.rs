//! One canonical number of the whole state: equal for equal histories, whatever the order in memory.

use crate::event::journaled;
use crate::situation::Situation;
use crate::time::Time;

/// FNV-1a, 64 bits (Fowler, Noll, Vo): not against an adversary, only to compare two of our own states.
#[derive(Debug)]
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn line(&mut self, text: &str) {
        self.add(text.as_bytes());
        self.add(b"\n");
    }
}

impl Situation {
    /// The digest of the state: people by pseudonym with scans and visits, venues, cases, records, commands, alerts,
    /// and what was shown.
    pub fn digest(&self) -> u64 {
        let mut digest = Fnv(0xcbf2_9ce4_8422_2325);
        digest.line(&format!("{:?}", self.now));
        for person in self.people.sorted() {
            digest.line(&self.people.name(person));
            for scan in self.scans(person) {
                let venue = self.venues.names.name(scan.venue);
                digest.line(&format!("{} {:?} {:?} {venue}", scan.at, scan.way, scan.mode));
            }
            for visit in self.visits(person) {
                digest.line(&format!(
                    "{} {} {}",
                    visit.start,
                    visit.end,
                    self.venues.names.name(visit.venue)
                ));
            }
            self.residents.record(person).into_iter().for_each(|record| digest.line(&journaled(record)));
            self.residents.doses(person).for_each(|dose| digest.line(&journaled(dose)));
            let mut cases: Vec<(Box<str>, Time)> = self
                .contacts
                .links(person)
                .iter()
                .map(|link| (self.people.name(link.case), link.from()))
                .collect();
            cases.sort();
            for (case, from) in cases {
                digest.line(&format!("{case} {from}"));
            }
        }
        for venue in self.venues.names.sorted() {
            let held = self.venues.get(venue);
            let record = self.venues.record(venue).as_ref().map(journaled).unwrap_or_default();
            digest.line(&format!(
                "{} {} {} {record}",
                self.venues.names.name(venue),
                held.scans,
                held.present
            ));
        }
        self.cases.held().for_each(|event| digest.line(&journaled(event)));
        self.alerts.commands.held().for_each(|command| digest.line(&journaled(command)));
        self.alerts.rows.values().for_each(|row| digest.line(&format!("{row:?}")));
        for (hour, figures) in self.shown.all() {
            digest.line(&format!("{hour} {figures:?}"));
        }
        digest.0
    }
}
