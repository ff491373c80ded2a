//! Meetings with a case, and which of them make a contact.

use crate::cases::{Dossiers, Episode};
use crate::span::Span;
use crate::visits::Visit;
use std::collections::BTreeMap;
use vonglau_core::params::{ContactSum, Params};
use vonglau_core::time::{Day, MINUTE, Time};

/// The overlap of another's visit with a case's visit cut to a window (direct) and with its stretch (indirect).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting<'a> {
    pub f0: &'a str,
    pub episode: Episode,
    pub other: &'a str,
    pub venue: &'a str,
    pub direct: Option<Span>,
    pub indirect: Option<Span>,
}

impl Meeting<'_> {
    /// Its first second. The stretch begins where the cut visit ends, so a direct part comes first.
    pub fn start(&self) -> Time {
        self.parts().map(|(part, _)| part.from).min().unwrap()
    }

    /// Direct and indirect part of a meeting as two entries; true: indirect.
    pub fn parts(&self) -> impl Iterator<Item = (Span, bool)> {
        let direct = self.direct.map(|part| (part, false));
        direct.into_iter().chain(self.indirect.map(|part| (part, true)))
    }

    /// Both count towards the bound.
    pub fn seconds(&self) -> i64 {
        self.parts().map(|(part, _)| part.seconds()).sum()
    }
}

/// The meetings that reached the bound, and so are listed.
pub fn listed<'a>(params: &Params, visits: &[Visit<'a>], dossiers: &Dossiers<'a>) -> Vec<Meeting<'a>> {
    let all = meetings(params, visits, dossiers);
    let bound = params.contacts.contact_min * MINUTE;
    let day_of = |m: &Meeting<'_>| params.zone.day(m.start());
    match params.contacts.contact_sum {
        // Each meeting alone.
        ContactSum::Visit => all.into_iter().filter(|m| m.seconds() >= bound).collect(),
        // All meetings of the pair whose first second is on the same local date are added up, over all venues
        // and episodes, and reach the bound together.
        ContactSum::Day => {
            let mut sums: BTreeMap<(&str, &str, Day), i64> = BTreeMap::new();
            for m in &all {
                *sums.entry((m.f0, m.other, day_of(m))).or_default() += m.seconds();
            }
            all.into_iter().filter(|m| sums[&(m.f0, m.other, day_of(m))] >= bound).collect()
        }
    }
}

/// All meetings of all cases. All episodes count, each visit cut to each window.
fn meetings<'a>(params: &Params, visits: &[Visit<'a>], dossiers: &Dossiers<'a>) -> Vec<Meeting<'a>> {
    let mut meetings = Vec::new();
    for (f0, episodes) in dossiers.f0s() {
        for visit in visits.iter().filter(|visit| visit.person == f0) {
            for episode in episodes {
                let Some(cut) = visit.span.cut(episode.from, episode.to) else { continue };
                let stretch = stretch(params, visits, visit, cut);
                // A person is not its own contact.
                for other in visits.iter().filter(|o| o.venue == visit.venue && o.person != f0) {
                    let direct = other.span.cut(cut.from, cut.to);
                    let indirect = stretch.and_then(|s| other.span.cut(s.from, s.to));
                    if direct.is_some() || indirect.is_some() {
                        let (other, venue, episode) = (other.person, visit.venue, *episode);
                        meetings.push(Meeting { f0, episode, other, venue, direct, indirect });
                    }
                }
            }
        }
    }
    meetings
}

/// The cut visit is stretched by `linger_min` past its cut end, never past the start of the F0's next visit
/// (uncut, in a window or not) at that venue.
fn stretch(params: &Params, visits: &[Visit<'_>], visit: &Visit<'_>, cut: Span) -> Option<Span> {
    let next = visits
        .iter()
        .filter(|v| v.person == visit.person && v.venue == visit.venue && v.span.from > visit.span.from)
        .map(|v| v.span.from)
        .min();
    let end = cut.to.plus(params.contacts.linger_min * MINUTE);
    Span::new(cut.to, next.map_or(end, |next| end.min(next)))
}
