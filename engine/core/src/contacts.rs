//! Contacts: who met a case in its infectious window, and from which second on that counts.
//!
//! A *cut* is a case's visit cut to a window of infectiousness; a *meeting* is one pair of a cut and another's visit,
//! with expected ends. What of a pair's meetings is listed is a function of them and of `now`: the *links* (see
//! [`crate::links`]), worked out anew from scratch when either side's visits change, and at the second in which a bound
//! can be reached. Nothing here is kept.

use crate::cases::Episode;
use crate::links::Link;
use crate::params::ContactSum;
use crate::rules::Rules;
use crate::store::Stay;
use crate::time::{Day, MINUTE, Time};
use crate::track::Visit;

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
    /// When the episode was reported, in seconds since 1970.
    pub reported: u32,
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

    pub fn seconds(self) -> i64 {
        self.to.0 - self.from.0
    }
}

/// One pair of a cut and another's visit, with expected ends: direct until `split`, indirect from there on. Times are in
/// seconds since 1970, so that a long list of meetings is sorted soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// The local date of its first second.
    pub day: Day,
    from: u32,
    split: u32,
    to: u32,
    pub venue: u32,
    episode: u16,
    /// When the case's episode was reported.
    reported: u32,
}

impl Meeting {
    pub fn of(cut: &Cut, stay: &Stay, rules: &Rules) -> Option<Self> {
        let from = cut.start.max(stay.start);
        let to = cut.reach.min(stay.end);
        (from < to).then(|| Self {
            day: rules.day(from),
            from: short(from),
            split: short(cut.end.clamp(from, to)),
            to: short(to),
            venue: cut.venue,
            episode: u16::try_from(cut.episode).unwrap_or(u16::MAX),
            reported: cut.reported,
        })
    }

    /// Its first second.
    pub fn first(&self) -> Time {
        long(self.from)
    }

    /// The end of its last second.
    pub fn last(&self) -> Time {
        long(self.to)
    }

    /// Place in the case's episodes.
    pub fn episode(&self) -> usize {
        usize::from(self.episode)
    }

    /// With whom, then when: what a list of meetings with one case, or of one person, is sorted by.
    pub fn order(&self, other: u32) -> u64 {
        u64::from(other) << 32 | u64::from(self.from)
    }

    /// Direct and indirect part, each as far as it lies before `now`.
    pub fn parts(&self, now: Time) -> impl Iterator<Item = (Span, bool)> + use<> {
        let part = |from: u32, to: u32| Span::shared((long(from), long(to)), (long(from), now));
        let direct = part(self.from, self.split).map(|span| (span, false));
        direct.into_iter().chain(part(self.split, self.to).map(|span| (span, true)))
    }

    pub fn seconds(&self, now: Time) -> i64 {
        (self.last().min(now).0 - i64::from(self.from)).max(0)
    }

    /// The seconds of its direct part.
    pub fn direct_seconds(&self, now: Time) -> i64 {
        (long(self.split).min(now).0 - i64::from(self.from)).max(0)
    }

    /// When its parts begin.
    fn begins(&self) -> impl Iterator<Item = Time> + use<> {
        let direct = (self.from < self.split).then_some(self.from);
        let indirect = (self.split < self.to).then_some(self.split);
        direct.into_iter().chain(indirect).map(long)
    }
}

/// Times of events fit: they end in 2100.
pub(crate) fn short(at: Time) -> u32 {
    u32::try_from(at.0).unwrap_or(u32::MAX)
}

pub(crate) fn long(seconds: u32) -> Time {
    Time(i64::from(seconds))
}

/// Meetings that count together towards the bound.
fn together(sum: ContactSum, meetings: &[(u32, Meeting)], n: usize) -> impl Iterator<Item = &Meeting> {
    let day = meetings[n].1.day;
    let all = meetings.iter().enumerate();
    all.filter(move |(other, (_, meeting))| match sum {
        ContactSum::Day => meeting.day == day,
        ContactSum::Visit => *other == n,
    })
    .map(|(_, (_, meeting))| meeting)
}

/// The meetings of a pair that have reached the bound by `now`.
pub(crate) fn listed<'a>(
    meetings: &'a [(u32, Meeting)],
    now: Time,
    rules: &Rules,
) -> impl Iterator<Item = &'a Meeting> {
    let (sum, bound) = (rules.params.contacts.contact_sum, rules.bound());
    meetings
        .iter()
        .enumerate()
        .filter(move |(n, (_, meeting))| {
            let seconds = meeting.seconds(now);
            let all = || together(sum, meetings, *n).map(|other| other.seconds(now)).sum::<i64>();
            seconds > 0 && (seconds >= bound || meetings.len() > 1 && all() >= bound)
        })
        .map(|(_, (_, meeting))| meeting)
}

/// The next second after `now` in which what is listed of a pair's meetings can change by time alone.
pub(crate) fn next_change(meetings: &[(u32, Meeting)], now: Time, rules: &Rules) -> Option<Time> {
    let (sum, bound) = (rules.params.contacts.contact_sum, rules.bound());
    if meetings.iter().all(|(_, meeting)| meeting.last() <= now) {
        return None;
    }
    if let [(_, meeting)] = meetings
        && bound > 1
    {
        let reached = meeting.first().plus(bound);
        let parts = meeting.begins().map(|from| from.plus(1)).filter(|at| *at > reached);
        return parts.chain([reached]).filter(|at| *at > now && reached <= meeting.last()).min();
    }
    let mut next: Option<Time> = None;
    let mut found = |at: Time| next = Some(next.map_or(at, |next| next.min(at)));
    for (n, (_, meeting)) in meetings.iter().enumerate() {
        let end = together(sum, meetings, n).map(Meeting::last).max().unwrap_or(now);
        let seconds = |at: Time| together(sum, meetings, n).map(|m| m.seconds(at)).sum::<i64>();
        if end <= now || seconds(end) < bound {
            continue;
        }
        // A part that begins where the bound is reached already is listed from its first second on.
        let begins = meeting.begins().map(|from| from.plus(1));
        begins.filter(|at| *at > now && seconds(*at) >= bound).for_each(&mut found);
        if seconds(now) >= bound {
            continue;
        }
        // Seconds never fall as time goes on: halve until the first moment that is enough.
        let (mut short, mut enough) = (now, end);
        while enough.0 - short.0 > 1 {
            let middle = Time(i64::midpoint(short.0, enough.0));
            if seconds(middle) >= bound { enough = middle } else { short = middle }
        }
        found(enough);
    }
    next
}

/// Adds what is listed of the meetings of one person with a case, which are in order.
pub(crate) fn links(case: u32, meetings: &[(u32, Meeting)], now: Time, rules: &Rules, links: &mut Vec<Link>) {
    for meeting in listed(meetings, now, rules) {
        links.extend(meeting.parts(now).map(|(span, _)| Link {
            day: meeting.day,
            case,
            episode: meeting.episode,
            venue: meeting.venue,
            from: short(span.from),
            reported: meeting.reported,
        }));
    }
}

/// The cuts that a case's visits make with its episodes' windows.
pub(crate) fn cuts(visits: &[Visit], episodes: &[Episode], rules: &Rules) -> Vec<Cut> {
    let linger = rules.params.contacts.linger_min * MINUTE;
    let mut cuts = Vec::new();
    for (n, visit) in visits.iter().enumerate() {
        let mut later = visits[n + 1..].iter().filter(|later| later.venue == visit.venue);
        let next = if linger > 0 { later.next().map(|later| later.start) } else { None };
        for (episode, window) in episodes.iter().enumerate() {
            let Some(span) = Span::shared((visit.start, visit.end), (window.from, window.to)) else {
                continue;
            };
            let reach = span.to.plus(linger);
            let reach = next.map_or(reach, |next| reach.min(next));
            let (start, end, reported) = (span.from, span.to, short(window.reported));
            cuts.push(Cut { episode, venue: visit.venue, start, end, reach, reported });
        }
    }
    cuts
}
