//! Cases as they stand, for rows and for tracing: shared or small, so that taking them is quick.

use crate::cases::{Episode, History};
use crate::contacts::Cut;
use crate::links::Tally;
use crate::rows::CaseRow;
use crate::rules::{Place, Rules};
use crate::situation::Situation;
use std::cmp::Reverse;
use std::sync::Arc;

/// Somebody with an episode.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub person: u32,
    pub cuts: Arc<Vec<Cut>>,
    pub episodes: Vec<Episode>,
    /// Their contacts, in the same order.
    tallies: Vec<Tally>,
    home: Place,
}

impl Situation {
    /// All cases, by number.
    pub(crate) fn standing_cases(&self) -> Vec<Case> {
        let case = |(person, history): (u32, &History)| Case {
            person,
            cuts: self.contacts.cuts.shared(person),
            episodes: history.episodes.clone(),
            tallies: (0..history.episodes.len()).map(|n| self.contacts.tallied(person, n)).collect(),
            home: self.home_of(person, Some(history)),
        };
        self.cases.cases().map(case).collect()
    }
}

/// A row an episode: latest report first, then by person and episode.
pub(crate) fn rows(cases: &[Case], rules: &Rules, name: impl Fn(u32) -> Box<str>) -> Vec<CaseRow> {
    let mut rows = Vec::new();
    for case in cases {
        for (n, (episode, tally)) in (1..).zip(case.episodes.iter().zip(&case.tallies)) {
            rows.push(CaseRow {
                person: name(case.person),
                episode: n,
                reported: episode.reported,
                onset: episode.onset,
                sampled: episode.sampled,
                isolated_at: episode.isolated_at,
                from: episode.from,
                to: episode.to,
                ended: episode.ended.map(|(at, _)| at),
                outcome: episode.ended.map(|(_, outcome)| outcome),
                found: episode.found,
                district: rules.district_code(case.home),
                ward: rules.ward_code(case.home),
                contacts: tally.f1,
                contacts_f0: tally.f0,
            });
        }
    }
    rows.sort_by(|a, b| {
        (Reverse(a.reported), &a.person, a.episode).cmp(&(Reverse(b.reported), &b.person, b.episode))
    });
    rows
}
