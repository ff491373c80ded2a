//! What was shown at full hours: a function of the journal, judged when an event brings `now` past the hour.

use crate::figure::{FIGURES, Figure, Figures};
use crate::rules::Rules;
use crate::time::{HOUR, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Hours kept, and hours judged where many are passed at once: 34 days.
pub const SHOWN_HOURS_MAX: usize = 816;
/// Wards' hours kept: a week and what is needed to look back on it.
const WARD_HOURS_MAX: usize = 170;

/// The figures of one full hour.
#[derive(Debug)]
struct Hour {
    /// City and districts. Who reads at a moment shares them.
    main: Arc<Packed>,
    /// Empty once they are too old to be asked for.
    wards: Packed,
}

/// Figures of some areas, in a tenth of their room, since most are small or unknown. A figure is written as 0 (unknown),
/// 2v + 1, or −2v where v is negative, seven bits a byte from the lowest; all its bytes but the last have the eighth.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// Where each area's bytes end.
    ends: Box<[u32]>,
    bytes: Box<[u8]>,
}

/// The hours shown.
#[derive(Debug, Default)]
pub(crate) struct ShownHours {
    hours: BTreeMap<Time, Hour>,
    /// How often something was put down.
    puts: u64,
}

/// The full local hours in [now, next): those that an event passes which brings `now` to `next`; the last 816.
pub(crate) fn hours_passed(rules: &Rules, now: Time, next: Time) -> Vec<Time> {
    let zone = &rules.params.zone;
    let span = HOUR * i64::try_from(SHOWN_HOURS_MAX + 2).unwrap_or(i64::MAX);
    let from = now.max(next.plus(-span));
    let mut hour = zone.hour_floor(from);
    if hour < from {
        hour = zone.hour_floor(hour.plus(HOUR));
    }
    let mut hours = Vec::new();
    while hour < next {
        hours.push(hour);
        let after = zone.hour_floor(hour.plus(HOUR));
        hour = if after > hour { after } else { hour.plus(HOUR) };
    }
    hours.drain(..hours.len().saturating_sub(SHOWN_HOURS_MAX));
    hours
}

impl Packed {
    fn of(areas: &[Figures]) -> Self {
        let (mut ends, mut bytes) = (Vec::with_capacity(areas.len()), Vec::new());
        for figures in areas {
            for value in figures {
                let size = value.map(|v| u128::from(v.unsigned_abs()) * 2);
                let mut left = size.map_or(0, |size| if *value < Some(0) { size } else { size + 1 });
                while left >= 128 {
                    bytes.push(left.to_le_bytes()[0] | 128);
                    left >>= 7;
                }
                bytes.push(left.to_le_bytes()[0]);
            }
            ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
        Self { ends: ends.into(), bytes: bytes.into() }
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    /// The figures of all areas.
    pub fn all(&self) -> Vec<Figures> {
        (0..self.len()).filter_map(|area| self.get(area)).collect()
    }

    fn get(&self, area: usize) -> Option<Figures> {
        let end = *self.ends.get(area)? as usize;
        let begin = area.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let mut bytes = self.bytes[begin..end].iter();
        let mut figures = [None; FIGURES];
        for value in &mut figures {
            let (mut held, mut shift) = (0_u128, 0);
            for byte in bytes.by_ref() {
                held |= u128::from(byte & 127) << shift;
                shift += 7;
                if *byte < 128 {
                    break;
                }
            }
            let size = i64::try_from(held / 2).unwrap_or(i64::MAX);
            *value = (held > 0).then(|| if held % 2 == 0 { -size } else { size });
        }
        Some(figures)
    }
}

impl ShownHours {
    /// Puts down what is shown at a full hour.
    pub fn put(&mut self, hour: Time, figures: &[Figures], rules: &Rules) {
        let (main, wards) = figures.split_at(rules.main_areas());
        self.puts += 1;
        self.hours.insert(hour, Hour { main: Arc::new(Packed::of(main)), wards: Packed::of(wards) });
        while self.hours.len() > SHOWN_HOURS_MAX {
            self.hours.pop_first();
        }
        if let Some((_, old)) = self.hours.iter_mut().rev().nth(WARD_HOURS_MAX) {
            old.wards = Packed::default();
        }
    }

    /// Counts the changes: while it stays, so do all answers.
    pub const fn puts(&self) -> u64 {
        self.puts
    }

    /// The figures of an area as shown at a full hour.
    pub fn at(&self, hour: Time, slot: usize) -> Option<Figures> {
        let hour = self.hours.get(&hour)?;
        hour.main.get(slot).or_else(|| hour.wards.get(slot - hour.main.len()))
    }

    /// As shown at the last full hour at least so many days ago.
    pub fn before(&self, rules: &Rules, now: Time, days: i64, slot: usize) -> Figures {
        self.at(rules.hour_before(now, days), slot).unwrap_or([None; FIGURES])
    }

    /// One figure as shown.
    pub fn figure(&self, hour: Time, slot: usize, figure: Figure) -> Option<i64> {
        self.at(hour, slot)?[figure as usize]
    }

    /// The last hour in [from, to) that was shown.
    pub fn last_in(&self, from: Time, to: Time) -> Option<Time> {
        self.hours.range(from..to.max(from)).next_back().map(|(hour, _)| *hour)
    }

    /// All hours with the figures of city and districts, shared.
    pub fn shared(&self) -> Vec<(Time, Arc<Packed>)> {
        self.hours.iter().map(|(hour, figures)| (*hour, Arc::clone(&figures.main))).collect()
    }

    /// All hours with the figures of city and districts.
    pub fn all(&self) -> impl Iterator<Item = (Time, Vec<Figures>)> {
        self.hours.iter().map(|(hour, figures)| (*hour, figures.main.all()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_figures_read_back_what_was_put_down() {
        let odd = [0, 1, -1, 63, 64, -64, 8_191, 8_192, -70_000, 1 << 40, i64::MAX, i64::MIN + 1];
        let areas: Vec<Figures> = (0..40)
            .map(|area: usize| {
                std::array::from_fn(|n| {
                    (!(area + n).is_multiple_of(3)).then(|| odd[(area * 7 + n) % odd.len()])
                })
            })
            .collect();
        let packed = Packed::of(&areas);
        let read: Vec<Figures> = (0..packed.len()).filter_map(|area| packed.get(area)).collect();
        assert_eq!(read, areas);
        assert_eq!(packed.get(40), None);
    }
}
