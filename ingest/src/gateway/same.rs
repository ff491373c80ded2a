//! Which event is the same event, within one request.

use crate::wire::Decoded;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use vonglau_core::event::Event;

/// Compares events by what makes them the same: a scan or a declaration is its content whatever its id, of the
/// others only the very same event is.
struct Same<'e>(&'e Event);

impl PartialEq for Same<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Event::Scan(a), Event::Scan(b)) => {
                (a.at, &a.person, &a.venue, a.mode, a.direction)
                    == (b.at, &b.person, &b.venue, b.mode, b.direction)
            }
            (Event::Declaration(a), Event::Declaration(b)) => {
                (a.at, &a.person, a.about) == (b.at, &b.person, b.about)
                    && (&a.symptoms, &a.from, &a.to) == (&b.symptoms, &b.from, &b.to)
            }
            (a, b) => a == b,
        }
    }
}

impl Eq for Same<'_> {}

// All that makes it different goes in, so that nobody can send many of one hash.
impl Hash for Same<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Event::Scan(e) => (e.at, &e.person, &e.venue, e.mode, e.direction).hash(state),
            Event::Declaration(e) => (e.at, &e.person, &e.symptoms, &e.from, &e.to).hash(state),
            other => other.journaled().hash(state),
        }
    }
}

/// For each event of a request the place of the earlier one that it repeats.
pub fn repeats(events: &[Decoded]) -> Vec<Option<usize>> {
    if events.len() < 2 {
        return vec![None; events.len()];
    }
    let mut seen = HashMap::with_capacity(events.len());
    let places = events.iter().enumerate();
    places
        .map(|(place, decoded)| {
            let first = *seen.entry(Same(&decoded.as_ref().ok()?.event)).or_insert(place);
            (first < place).then_some(first)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Checked, Refusal};

    fn checked(journaled: &str) -> Checked {
        let event = Event::from_journaled(journaled.as_bytes()).unwrap();
        Checked { event, unknown_fields: 0, identity: None }
    }

    #[test]
    fn a_scan_is_its_content_and_a_case_is_all_of_it() {
        let scan = |id: &str, second: u8| {
            checked(&format!(
                r#"{{"at":"2021-10-15T01:31:0{second}Z","id":"{id}","kind":"scan","mode":"patrol","person":"P000001","venue":"V"}}"#
            ))
        };
        let case = |id: &str| {
            checked(&format!(
                r#"{{"at":"2021-10-15T01:31:07Z","id":"{id}","kind":"case","person":"P000001","status":"f0"}}"#
            ))
        };
        let events = [
            Ok(scan("a", 1)),
            Ok(scan("b", 1)),
            Ok(scan("a", 2)),
            Ok(case("a")),
            Ok(case("b")),
            Ok(case("a")),
            Err(Refusal::whole("")),
            Err(Refusal::whole("")),
        ];
        assert_eq!(repeats(&events), [None, Some(0), None, None, None, Some(3), None, None]);
        assert_eq!(repeats(&events[..1]), [None]);
    }
}
