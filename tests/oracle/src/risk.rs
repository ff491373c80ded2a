//! The cells of the city: risk, presence, cases.

use crate::cases::Episode;
use crate::picture::Picture;
use crate::score::score;
use crate::span::Span;
use crate::visits::Visit;
use h3o::{CellIndex, Resolution};
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::cells::Cells;
use vonglau_core::rows::Layer;
use vonglau_core::time::HOUR;

/// The cells of one layer at a resolution of 7-10 that have a value.
pub fn cells(picture: &Picture<'_>, layer: Layer, res: u8) -> Cells {
    let Ok(res) = Resolution::try_from(res) else { return Cells::default() };
    match layer {
        Layer::Risk => risk(picture, res),
        Layer::Presence => presence(picture, res),
        Layer::Cases => cases(picture, res)
            .into_iter()
            .map(|(cell, people)| (cell.into(), float(people.len() as i128)))
            .collect(),
    }
}

/// Where a venue is shown at a resolution.
pub fn cell_of(picture: &Picture<'_>, venue: &str, res: Resolution) -> Option<CellIndex> {
    picture.spots.get(venue)?.cell?.parent(res)
}

/// Each visit of a case cut to each of its windows.
fn cut_visits<'p, 'a>(picture: &'p Picture<'a>) -> impl Iterator<Item = (&'p Visit<'a>, &'p Episode, Span)> {
    picture.visits.all.iter().flat_map(move |visit| {
        let episodes = picture.dossiers.episodes(visit.person).iter();
        episodes.filter_map(move |e| Some((visit, e, visit.span.cut(e.from, e.to)?)))
    })
}

fn risk(picture: &Picture<'_>, res: Resolution) -> Cells {
    let mut sums: BTreeMap<CellIndex, BTreeMap<i64, i128>> = BTreeMap::new();
    for (visit, episode, cut) in cut_visits(picture) {
        // Once that cut visit has ended: a visit still open has, if the window closed before.
        let ended = !visit.open || episode.to <= picture.now;
        if let (Some(cell), true) = (cell_of(picture, visit.venue, res), ended) {
            let kind = picture.spots[visit.venue].kind;
            // Under the UTC hour in which it ends, rounded up (10:00:00 stays 10:00).
            let hour = (cut.to.0 + HOUR - 1).div_euclid(HOUR);
            *sums.entry(cell).or_default().entry(hour).or_default() +=
                score(picture.params, episode, kind, cut.from, cut);
        }
    }
    sums.into_iter()
        .map(|(cell, hours)| (cell.into(), value(picture, &hours)))
        .filter(|(_, value)| *value != 0.0)
        .collect()
}

/// Σ over hours, ascending, of sum × 2^(−age ÷ `half_life_h`) ÷ 60·10⁶, half up to 3 decimals; age = whole hours
/// from that hour to now, at least 0.
fn value(picture: &Picture<'_>, hours: &BTreeMap<i64, i128>) -> f64 {
    let mut value = 0.0;
    for (hour, sum) in hours {
        let age = (picture.now.0 - hour * HOUR).div_euclid(HOUR).max(0);
        value += float(*sum) * (-float(age.into()) / picture.params.risk.half_life_h).exp2() / 60e6;
    }
    (value * 1e3 + 0.5).floor() / 1e3
}

/// People present now.
fn presence(picture: &Picture<'_>, res: Resolution) -> Cells {
    let mut cells: BTreeMap<u64, f64> = BTreeMap::new();
    for (_, venue) in &picture.visits.present {
        if let Some(cell) = cell_of(picture, venue, res) {
            *cells.entry(cell.into()).or_default() += 1.0;
        }
    }
    cells.into_iter().collect()
}

/// Distinct people with an episode not ended who have a visit cut to that episode's window there.
pub fn cases<'a>(picture: &Picture<'a>, res: Resolution) -> BTreeMap<CellIndex, BTreeSet<&'a str>> {
    let mut cells: BTreeMap<CellIndex, BTreeSet<&str>> = BTreeMap::new();
    for (visit, episode, _) in cut_visits(picture) {
        if let (Some(cell), None) = (cell_of(picture, visit.venue, res), episode.ended) {
            cells.entry(cell).or_default().insert(visit.person);
        }
    }
    cells
}

#[expect(clippy::cast_precision_loss, reason = "sums of some hundred events are far below 2^53")]
pub fn float(n: i128) -> f64 {
    n as f64
}
