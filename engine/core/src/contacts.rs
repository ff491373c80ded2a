//! Contacts: who met a case in its infectious window, and from which second on that counts.
//!
//! A *cut* is a case's visit cut to a window of infectiousness; a *meeting* is one pair of a cut and another's visit.
//! Meetings are kept with their expected ends; what of them is listed is a function of them and of `now`, worked out
//! anew when either side's visits change, and at the second in which a bound can be reached.

use crate::cases::Episode;
use crate::params::ContactSum;
use crate::rules::Rules;
use crate::time::{Day, MINUTE, Time};
use crate::track::Visit;
use crate::venues::Stay;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A case's visit cut to the window of one of its episodes, with the stretch after it in which others still meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Place in the person's episodes.
    pub episode: usize,
    pub venue: u32,
    pub start: Time,
    pub end: Time,
    /// End of the stretch; `end` where nothing lingers.
    pub reach: Time,
}

/// A span of time that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub from: Time,
    pub to: Time,
}

impl Span {
    /// What two half-open spans share.
    pub fn shared(a: (Time, Time), b: (Time, Time)) -> Option<Self> {
        let (from, to) = (a.0.max(b.0), a.1.min(b.1));
        (from < to).then_some(Self { from, to })
    }

    /// What of it lies before `now`.
    pub fn until(self, now: Time) -> Option<Self> {
        Self::shared((self.from, self.to), (self.from, now))
    }

    pub fn seconds(self) -> i64 {
        self.to.0 - self.from.0
    }
}

/// One pair of a cut and another's visit, with expected ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    pub episode: usize,
    pub venue: u32,
    pub direct: Option<Span>,
    pub indirect: Option<Span>,
    /// Its first second.
    pub first: Time,
    /// The local date of its first second.
    pub day: Day,
}

impl Meeting {
    pub fn of(cut: &Cut, stay: &Stay, rules: &Rules) -> Option<Self> {
        let other = (stay.start, stay.end);
        let direct = Span::shared((cut.start, cut.end), other);
        let indirect = Span::shared((cut.end, cut.reach), other);
        let first = direct.or(indirect)?.from;
        Some(Self { episode: cut.episode, venue: cut.venue, direct, indirect, first, day: rules.day(first) })
    }

    /// Direct and indirect part, each as far as it lies before `now`.
    pub fn parts(&self, now: Time) -> impl Iterator<Item = (Span, bool)> {
        let direct = self.direct.and_then(|span| span.until(now)).map(|span| (span, false));
        let indirect = self.indirect.and_then(|span| span.until(now)).map(|span| (span, true));
        direct.into_iter().chain(indirect)
    }

    pub fn seconds(&self, now: Time) -> i64 {
        self.parts(now).map(|(span, _)| span.seconds()).sum()
    }

    fn last(&self) -> Time {
        self.indirect.or(self.direct).map_or(self.first, |span| span.to)
    }
}

/// A listed part of a meeting, as far as counts need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub episode: usize,
    pub venue: u32,
    /// First second of the part.
    pub from: Time,
    /// Local date of the first second of its meeting.
    pub day: Day,
}

/// A case and somebody who met it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair {
    pub meetings: Vec<Meeting>,
    /// What is listed now.
    pub entries: Vec<Entry>,
    timer: Option<Time>,
}

/// Meetings that count together towards the bound.
fn together(sum: ContactSum, meetings: &[Meeting], n: usize) -> impl Iterator<Item = &Meeting> {
    let day = meetings[n].day;
    meetings
        .iter()
        .enumerate()
        .filter(move |(other, meeting)| match sum {
            ContactSum::Day => meeting.day == day,
            ContactSum::Visit => *other == n,
        })
        .map(|(_, meeting)| meeting)
}

/// The meetings that have reached the bound by `now`.
pub(crate) fn listed<'a>(
    meetings: &'a [Meeting],
    now: Time,
    rules: &Rules,
) -> impl Iterator<Item = &'a Meeting> {
    let (sum, bound) = (rules.params.contacts.contact_sum, rules.bound());
    meetings
        .iter()
        .enumerate()
        .filter(move |(n, meeting)| {
            meeting.seconds(now) > 0
                && together(sum, meetings, *n).map(|other| other.seconds(now)).sum::<i64>() >= bound
        })
        .map(|(_, meeting)| meeting)
}

/// The next second after `now` in which what is listed can change by time alone.
fn next_change(meetings: &[Meeting], now: Time, rules: &Rules) -> Option<Time> {
    let (sum, bound) = (rules.params.contacts.contact_sum, rules.bound());
    let begins = meetings
        .iter()
        .flat_map(|meeting| [meeting.direct, meeting.indirect])
        .flatten()
        .map(|span| span.from.plus(1));
    let reached = (0..meetings.len()).filter_map(|n| {
        let seconds = |at: Time| together(sum, meetings, n).map(|m| m.seconds(at)).sum::<i64>();
        let end = together(sum, meetings, n).map(Meeting::last).max()?;
        if end <= now || seconds(now) >= bound || seconds(end) < bound {
            return None;
        }
        // Seconds never fall as time goes on: halve until the first moment that is enough.
        let (mut short, mut enough) = (now, end);
        while enough.0 - short.0 > 1 {
            let middle = Time(i64::midpoint(short.0, enough.0));
            if seconds(middle) >= bound { enough = middle } else { short = middle }
        }
        Some(enough)
    });
    begins.chain(reached).filter(|at| *at > now).min()
}

/// Cuts of all cases, pairs, and what has yet to be worked out.
#[derive(Debug, Default)]
pub(crate) struct ContactBook {
    cuts: BTreeMap<u32, Vec<Cut>>,
    cuts_at: FxHashMap<u32, Vec<(u32, Cut)>>,
    pairs: BTreeMap<u32, BTreeMap<u32, Pair>>,
    met_by: FxHashMap<u32, BTreeSet<u32>>,
    timers: BTreeSet<(Time, u32, u32)>,
    /// Pairs to work out anew.
    pub dirty: BTreeSet<(u32, u32)>,
    /// Grows when a cut comes or goes: the layers of cells are made of them.
    pub version: u64,
}

impl ContactBook {
    /// Somebody's visit at a venue came, went or changed: pairs with cases there are to be worked out anew.
    pub fn touch(&mut self, person: u32, visit: Visit) {
        for (case, cut) in self.cuts_at.get(&visit.venue).into_iter().flatten() {
            if *case != person && cut.start < visit.end && cut.reach > visit.start {
                self.dirty.insert((*case, person));
            }
        }
    }

    /// The cuts of a case as its visits and episodes now make them. Gives those that came or went.
    pub fn recut(&mut self, person: u32, cuts: Vec<Cut>) -> Vec<Cut> {
        let old = self.cuts.get(&person).map_or(&[][..], Vec::as_slice);
        let mut changed: Vec<Cut> = old.iter().filter(|cut| !cuts.contains(cut)).copied().collect();
        for cut in &changed {
            if let Some(there) = self.cuts_at.get_mut(&cut.venue) {
                there.retain(|(case, held)| *case != person || held != cut);
                if there.is_empty() {
                    self.cuts_at.remove(&cut.venue);
                }
            }
        }
        for cut in cuts.iter().filter(|cut| !old.contains(cut)) {
            self.cuts_at.entry(cut.venue).or_default().push((person, *cut));
            changed.push(*cut);
        }
        self.version += u64::from(!changed.is_empty());
        if cuts.is_empty() {
            self.cuts.remove(&person);
        } else {
            self.cuts.insert(person, cuts);
        }
        changed
    }

    pub fn cuts(&self, person: u32) -> &[Cut] {
        self.cuts.get(&person).map_or(&[], Vec::as_slice)
    }

    /// All cuts, by case.
    pub fn all_cuts(&self) -> impl Iterator<Item = (u32, &[Cut])> {
        self.cuts.iter().map(|(person, cuts)| (*person, cuts.as_slice()))
    }

    /// The cuts at a venue, with their case.
    pub fn cuts_at(&self, venue: u32) -> &[(u32, Cut)] {
        self.cuts_at.get(&venue).map_or(&[], Vec::as_slice)
    }

    /// Puts a pair's meetings down as worked out anew. True if what is listed changed; the entries before are given.
    pub fn set(
        &mut self,
        case: u32,
        other: u32,
        meetings: Vec<Meeting>,
        now: Time,
        rules: &Rules,
    ) -> Option<Vec<Entry>> {
        let of_case = self.pairs.entry(case).or_default();
        let mut pair = of_case.remove(&other).unwrap_or_default();
        if let Some(timer) = pair.timer.take() {
            self.timers.remove(&(timer, case, other));
        }
        let before = std::mem::take(&mut pair.entries);
        pair.meetings = meetings;
        pair.entries = entries(&pair.meetings, now, rules);
        pair.timer = next_change(&pair.meetings, now, rules);
        if let Some(timer) = pair.timer {
            self.timers.insert((timer, case, other));
        }
        let changed = before != pair.entries;
        if pair.meetings.is_empty() {
            if of_case.is_empty() {
                self.pairs.remove(&case);
            }
            if let Some(cases) = self.met_by.get_mut(&other) {
                cases.remove(&case);
                if cases.is_empty() {
                    self.met_by.remove(&other);
                }
            }
        } else {
            of_case.insert(other, pair);
            self.met_by.entry(other).or_default().insert(case);
        }
        changed.then_some(before)
    }

    /// The pairs whose listing can have changed by `now`; each is given once.
    pub fn due(&mut self, now: Time) -> Vec<(u32, u32)> {
        let mut due = Vec::new();
        while let Some(first) = self.timers.first().copied().filter(|(at, ..)| *at <= now) {
            self.timers.remove(&first);
            due.push((first.1, first.2));
        }
        due
    }

    pub fn pair(&self, case: u32, other: u32) -> Option<&Pair> {
        self.pairs.get(&case)?.get(&other)
    }

    /// Everybody who met a case, listed or not.
    pub fn pairs_of(&self, case: u32) -> impl Iterator<Item = (u32, &Pair)> {
        self.pairs.get(&case).into_iter().flatten().map(|(other, pair)| (*other, pair))
    }

    /// The cases somebody met, with what is listed.
    pub fn cases_of(&self, other: u32) -> impl Iterator<Item = (u32, &Pair)> {
        let cases = self.met_by.get(&other).into_iter().flatten();
        cases.filter_map(move |case| self.pair(*case, other).map(|pair| (*case, pair)))
    }
}

fn entries(meetings: &[Meeting], now: Time, rules: &Rules) -> Vec<Entry> {
    listed(meetings, now, rules)
        .flat_map(|meeting| {
            meeting.parts(now).map(|(span, _)| Entry {
                episode: meeting.episode,
                venue: meeting.venue,
                from: span.from,
                day: meeting.day,
            })
        })
        .collect()
}

/// The cuts that a case's visits make with its episodes' windows.
pub(crate) fn cuts(visits: &[Visit], episodes: &[Episode], rules: &Rules) -> Vec<Cut> {
    let linger = rules.params.contacts.linger_min * MINUTE;
    let mut cuts = Vec::new();
    for (n, visit) in visits.iter().enumerate() {
        let next = visits[n + 1..].iter().find(|later| later.venue == visit.venue).map(|later| later.start);
        for (episode, window) in episodes.iter().enumerate() {
            let Some(span) = Span::shared((visit.start, visit.end), (window.from, window.to)) else {
                continue;
            };
            let reach = span.to.plus(linger);
            let reach = next.map_or(reach, |next| reach.min(next));
            cuts.push(Cut { episode, venue: visit.venue, start: span.from, end: span.to, reach });
        }
    }
    cuts
}
