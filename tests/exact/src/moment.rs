//! A moment of the engine beside the judge's picture: what SQL reads.

use crate::histories::{people, venues};
use std::collections::BTreeSet;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::{Direction, Mode};
use vonglau_core::moment::{Moment, Parts, Registers, RowFilter, ScanColumns, VisitColumns, Wanted};
use vonglau_core::rows::{Class, PresentRow, VisitRow};
use vonglau_core::situation::Situation;
use vonglau_core::time::Time;
use vonglau_oracle::{Oracle, Picture};

/// A visit: person, venue, start, end, open.
type Visit = (String, String, i64, i64, bool);
/// A scan: person, venue, at, mode, direction.
type Scan = (String, String, i64, Mode, Option<Direction>);
/// A contact: case, person, class; first, last and the begin of the last meeting; direct and indirect seconds; score.
type Contact = (String, String, Class, [Time; 3], [i64; 2], i128);

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
            let class = if met.is_case { Class::F0 } else { Class::F1 };
            let times = [met.first, met.last, met.last_began];
            let seconds = [met.seconds, met.indirect_seconds];
            (person(moment, case), person(moment, met.person), class, times, seconds, met.score_sum)
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
    compare_contacts(&told, &picture)?;
    compare_cases(moment, &picture)?;
    for person in people() {
        if let Answer::Visits(rows) = picture.ask(&Question::Visits(person.clone(), None, None)) {
            compare_visits(moment, &told, &person, rows)?;
        }
    }
    for venue in venues() {
        if let Answer::Present(rows) = picture.ask(&Question::Present(venue.clone(), None, None)) {
            compare_present(moment, &told, &venue, rows)?;
        }
    }
    Ok(())
}

fn compare_visits(moment: &Moment, told: &Told, name: &str, rows: Vec<VisitRow>) -> Result<(), String> {
    let held: Vec<Visit> = told.visits.iter().filter(|visit| *visit.0 == *name).cloned().collect();
    let filter = RowFilter {
        persons: Some(moment.registers().person(name).into_iter().collect()),
        ..RowFilter::default()
    };
    let visit = |row: VisitRow| (name.to_owned(), row.venue.to_string(), row.from.0, row.to.0, row.open);
    let mut due: Vec<Visit> = rows.into_iter().map(visit).collect();
    due.sort();
    if held == due && visits(moment, &filter) == due {
        return Ok(());
    }
    Err(format!("visits of {name}: {held:?} and {due:?}"))
}

fn compare_present(moment: &Moment, told: &Told, name: &str, rows: Vec<PresentRow>) -> Result<(), String> {
    let chosen = moment.registers().venue_number(name).into_iter().collect();
    let filter = RowFilter { venues: Some(chosen), ..RowFilter::default() };
    let found = visits(moment, &filter);
    let there = |(person, _, from, to, _): &Visit| (person.clone(), *from, *to);
    let held: Vec<_> = found.iter().map(there).collect();
    let mut due: Vec<_> =
        rows.into_iter().map(|row| (row.person.to_string(), row.from.0, row.to.0)).collect();
    due.sort();
    if held == due && found.iter().eq(told.visits.iter().filter(|visit| *visit.1 == *name)) {
        return Ok(());
    }
    Err(format!("visits at {name}: {held:?} and {due:?}"))
}

/// Cases, what was told of them, who is followed, and chains.
fn compare_cases(moment: &Moment, picture: &Picture<'_>) -> Result<(), String> {
    if let Answer::Cases(due) = picture.ask(&Question::Cases)
        && moment.case_rows() != due
    {
        return Err(format!("cases {:?} and {due:?}", moment.case_rows()));
    }
    if let Answer::CaseHistory(due) = picture.ask(&Question::CaseHistory) {
        let mut held = moment.case_events().to_vec();
        held.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
        if held != due {
            return Err(format!("case events {held:?} and {due:?}"));
        }
    }
    if let Answer::Followed(rows) = picture.ask(&Question::Followed) {
        let due: BTreeSet<String> = rows.iter().map(|row| row.person.to_string()).collect();
        let all = 0..moment.registers().people();
        let held: BTreeSet<String> =
            all.filter(|number| moment.is_followed(*number)).map(|number| person(moment, number)).collect();
        if held != due {
            return Err(format!("followed {held:?} and {due:?}"));
        }
    }
    people().into_iter().try_for_each(|root| compare_chain(moment, picture, &root))
}

fn compare_chain(moment: &Moment, picture: &Picture<'_>, name: &str) -> Result<(), String> {
    for depth in [1, 4] {
        let Answer::Chain(chain) = picture.ask(&Question::Chain(name.into(), depth)) else { continue };
        let (mut due, mut nodes) = (Vec::new(), vec![(1, &chain.root)]);
        while let Some((depth, node)) = nodes.pop() {
            for child in &node.children {
                let met = child.contact.as_ref().map(|met| (met.first, met.last, met.score_sum));
                due.push((depth, node.person.to_string(), child.person.to_string(), met));
                nodes.push((depth + 1, child));
            }
        }
        let root = moment.registers().person(name).ok_or_else(|| format!("{name} is not known"))?;
        let (links, is_cut) = moment.chain_of(root, depth);
        let mut held: Vec<_> = links
            .iter()
            .map(|link| {
                let met = Some((link.met.first, link.met.last, link.met.score_sum));
                (link.depth, person(moment, link.parent), person(moment, link.person), met)
            })
            .collect();
        held.sort();
        due.sort();
        if held != due || is_cut != chain.truncated {
            return Err(format!("chain of {name} to {depth}: {held:?} and {due:?}"));
        }
    }
    Ok(())
}

fn compare_contacts(told: &Told, picture: &Picture<'_>) -> Result<(), String> {
    let mut due: Vec<Contact> = Vec::new();
    for case in people() {
        let Answer::Contacts(rows) = picture.ask(&Question::Contacts(case.clone())) else { continue };
        due.extend(rows.into_iter().map(|row| {
            let began = picture.last_meeting(&case, &row.person).unwrap();
            let (times, seconds) = ([row.first, row.last, began], [row.seconds, row.indirect_seconds]);
            (case.to_string(), row.person.to_string(), row.class, times, seconds, row.score_sum)
        }));
    }
    due.sort();
    if told.contacts == due { Ok(()) } else { Err(format!("contacts: {:?} and {due:?}", told.contacts)) }
}
