//! How much a stretch of time with a case weighs.

use crate::cases::Episode;
use crate::span::Span;
use vonglau_core::params::{Params, VenueKind};
use vonglau_core::time::{DAY, Time};

/// Infectiousness in thousandths at the start of a meeting: the day is the floor of whole days from onset, else
/// sampling, else report (−1 s is day −1); outside the table 0.
pub fn infectiousness(params: &Params, episode: &Episode, start: Time) -> i64 {
    let zero = episode.onset.or(episode.sampled).unwrap_or(episode.reported);
    let day = (start.0 - zero.0).div_euclid(DAY);
    let table = &params.contacts.infectiousness_permille;
    usize::try_from(day + 3).ok().and_then(|index| table.get(index)).copied().unwrap_or(0)
}

/// Seconds × infectiousness ‰ × weight ‰; `start` is that of the meeting, of which `part` may be a part.
pub fn score(params: &Params, episode: &Episode, kind: &VenueKind, start: Time, part: Span) -> i128 {
    i128::from(part.seconds())
        * i128::from(infectiousness(params, episode, start))
        * i128::from(kind.weight_permille)
}
