//! A moment of the engine beside the judge's picture: what SQL reads.

use crate::compare::questions;
use std::collections::BTreeSet;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::{Direction, Mode};
use vonglau_core::moment::{Moment, Parts, Registers, RowFilter, ScanColumns, VisitColumns, Wanted};
use vonglau_core::situation::Situation;
use vonglau_core::time::Time;
use vonglau_oracle::Oracle;

/// A visit: person, venue, start, end, open.
type Visit = (String, String, i64, i64, bool);
/// A scan: person, venue, at, mode, direction.
type Scan = (String, String, i64, Mode, Option<Direction>);
/// A contact: case, person, is it a case, first, last, direct and indirect seconds, score.
type Contact = (String, String, bool, Time, Time, i64, i64, i128);

/// All that a moment tells, in order.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub visits: Vec<Visit>,
    pub scans: Vec<Scan>,
    pub contacts: Vec<Contact>,
}

/// The situation's moment now.
pub fn moment(situation: &Situation, registers: &mut Registers) -> Moment {
    while !situation.refresh(registers) {}
    situation.moment(registers.clone(), Parts { cases: true, followed: true, events: true })
}

fn person(moment: &Moment, number: u32) -> String {
    let mut text = Vec::new();
    moment.registers().write_person(number, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn venue(moment: &Moment, number: u32) -> String {
    moment.registers().venue(number).map(|venue| venue.id.to_string()).unwrap_or_default()
}

/// The visits that a filter leaves, in order.
pub fn visits(moment: &Moment, filter: &RowFilter) -> Vec<Visit> {
    let mut columns = VisitColumns::default();
    for piece in moment.pieces(filter) {
        moment.visits(&piece, filter, Wanted::ALL, &mut columns);
    }
    let mut visits: Vec<Visit> = (0..columns.person.len())
        .map(|n| {
            let VisitColumns { start, seconds, open, .. } = &columns;
            let names = (person(moment, columns.person[n]), venue(moment, columns.venue[n]));
            (names.0, names.1, start[n], start[n] + seconds[n], open[n])
        })
        .collect();
    visits.sort();
    visits
}

/// All that a moment tells.
pub fn told(moment: &Moment) -> Told {
    let filter = RowFilter::default();
    let mut columns = ScanColumns::default();
    for piece in moment.pieces(&filter) {
        moment.scans(&piece, &filter, Wanted::ALL, &mut columns);
    }
    let mut scans: Vec<Scan> = (0..columns.person.len())
        .map(|n| {
            let ScanColumns { at, mode, direction, .. } = &columns;
            (person(moment, columns.person[n]), venue(moment, columns.venue[n]), at[n], mode[n], direction[n])
        })
        .collect();
    scans.sort();
    let mut contacts: Vec<Contact> = Vec::new();
    for case in moment.cases() {
        contacts.extend(moment.contacts_of(case).into_iter().map(|met| {
            let seconds = (met.seconds, met.indirect_seconds, met.score_sum);
            let names = (person(moment, case), person(moment, met.person));
            (names.0, names.1, met.is_case, met.first, met.last, seconds.0, seconds.1, seconds.2)
        }));
    }
    contacts.sort();
    Told { visits: visits(moment, &filter), scans, contacts }
}

/// Compares what a moment tells with the judge's answers, whole and by person and venue.
///
/// # Errors
/// The first difference, in words.
pub fn compare_moment(moment: &Moment, judge: &Oracle) -> Result<(), String> {
    let told = told(moment);
    let Some(picture) = judge.picture() else { return Ok(()) };
    let scans: BTreeSet<Scan> = picture
        .scans()
        .map(|scan| (scan.person.to_string(), scan.venue.to_string(), scan.at.0, scan.mode, scan.direction))
        .collect();
    if told.scans != scans.iter().cloned().collect::<Vec<_>>() {
        return Err(format!("scans {:?} and {scans:?}", told.scans));
    }
    if moment.visits_count() != told.visits.len() {
        return Err(format!("{} visits are counted of {}", moment.visits_count(), told.visits.len()));
    }
    let registers = moment.registers();
    for question in questions(moment.now().unwrap_or(Time::MIN)) {
        match (&question, judge.ask(&question)) {
            (Question::Visits(name, None, None), Answer::Visits(rows)) => {
                let of = |visit: &&Visit| *visit.0 == **name;
                let held: Vec<Visit> = told.visits.iter().filter(of).cloned().collect();
                let filter = RowFilter {
                    persons: Some(registers.person(name).into_iter().collect()),
                    ..RowFilter::default()
                };
                let mut due: Vec<Visit> = rows
                    .into_iter()
                    .map(|row| (name.to_string(), row.venue.to_string(), row.from.0, row.to.0, row.open))
                    .collect();
                due.sort();
                if held != due || visits(moment, &filter) != due {
                    return Err(format!("visits of {name}: {held:?} and {due:?}"));
                }
            }
            (Question::Present(name, None, None), Answer::Present(rows)) => {
                let chosen = registers.venue_number(name).into_iter().collect();
                let filter = RowFilter { venues: Some(chosen), ..RowFilter::default() };
                let held = visits(moment, &filter).len();
                if held != rows.len() {
                    return Err(format!("visits at {name}: {held} and {}", rows.len()));
                }
            }
            (Question::Contacts(name), Answer::Contacts(rows)) => {
                let due: BTreeSet<_> =
                    rows.iter().map(|row| (row.person.to_string(), row.score_sum)).collect();
                let of = told.contacts.iter().filter(|contact| *contact.0 == **name);
                let held: BTreeSet<_> = of.map(|contact| (contact.1.clone(), contact.7)).collect();
                if held != due {
                    return Err(format!("contacts of {name}: {held:?} and {due:?}"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
