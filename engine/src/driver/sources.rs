//! Where events come from, and how late: by device, else by the way they came in. Bounded: what comes from more sources
//! than are told apart is counted together.

use rustc_hash::FxHashMap;
use vonglau_core::event::{Event, Kind};
use vonglau_core::time::Time;
use vonglau_ingest::Source;
use vonglau_sql::moments::SourceRow;

/// Sources told apart.
const SOURCES_MAX: usize = 10_000;
/// Under which name the others are counted.
const OTHERS: &str = "(others)";
/// Lateness is counted in drawers, each wider than the one before by a sixteenth of its power of two.
const DRAWERS_OF_A_POWER: u32 = 16;

/// What came from one source.
#[derive(Debug, Default)]
struct Sums {
    events: u64,
    last_at: Option<Time>,
    /// By drawer of seconds: how many came so late. As long as needed.
    late: Vec<u32>,
}

/// All sources.
#[derive(Debug, Default)]
pub struct Sources {
    by_name: FxHashMap<Box<str>, Sums>,
}

impl Sources {
    /// Counts an event and when it was received. Ticks come from nobody.
    pub fn count(&mut self, event: &Event, way: Source, received: Time) {
        if event.kind() == Kind::Tick {
            return;
        }
        let device = match event {
            Event::Scan(scan) => scan.device.as_deref(),
            _ => None,
        };
        let name = device.unwrap_or_else(|| way.name());
        let is_full = self.by_name.len() >= SOURCES_MAX;
        let sums = match self.by_name.get_mut(name) {
            Some(sums) => sums,
            None => self.by_name.entry(if is_full { OTHERS } else { name }.into()).or_default(),
        };
        sums.events += 1;
        sums.last_at = sums.last_at.max(Some(event.at()));
        let late_s = u64::try_from(received.0 - event.at().0).unwrap_or(0);
        let drawer = drawer(late_s);
        if sums.late.len() <= drawer {
            sums.late.resize(drawer + 1, 0);
        }
        sums.late[drawer] = sums.late[drawer].saturating_add(1);
    }

    /// A row a source, by name.
    pub fn rows(&self) -> Vec<SourceRow> {
        let row = |name: &str, sums: &Sums| SourceRow {
            source: name.into(),
            events: sums.events,
            last_at: sums.last_at,
            late_p50_s: sums.late_s(50),
            late_p99_s: sums.late_s(99),
        };
        let mut rows: Vec<SourceRow> = self.by_name.iter().map(|(name, sums)| row(name, sums)).collect();
        rows.sort_by(|a, b| a.source.cmp(&b.source));
        rows
    }
}

impl Sums {
    /// The lateness in seconds that so many per cent do not exceed.
    fn late_s(&self, percent: u64) -> Option<f64> {
        let all: u64 = self.late.iter().map(|count| u64::from(*count)).sum();
        let rank = (all * percent).div_ceil(100).max(1);
        let mut sum = 0;
        let drawer = self.late.iter().position(|count| {
            sum += u64::from(*count);
            sum >= rank
        })?;
        Some(middle(drawer))
    }
}

fn drawer(late_s: u64) -> usize {
    let power = late_s.max(1).ilog2();
    let per_power = u64::from(DRAWERS_OF_A_POWER);
    let drawer = if late_s < per_power {
        late_s
    } else {
        let shift = power - DRAWERS_OF_A_POWER.ilog2();
        u64::from(shift) * per_power + (late_s >> shift)
    };
    usize::try_from(drawer).unwrap_or(usize::MAX)
}

/// The middle of a drawer, in seconds.
#[expect(clippy::cast_precision_loss, reason = "seconds of some decades")]
fn middle(drawer: usize) -> f64 {
    let per_power = DRAWERS_OF_A_POWER as usize;
    if drawer < 2 * per_power {
        return drawer as f64;
    }
    let shift = drawer / per_power - 1;
    let first = (drawer - shift * per_power) << shift;
    first as f64 + ((1_usize << shift) - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawers_middle_is_within_a_sixteenth_of_what_is_in_it() {
        for late_s in (0..5_000_u32).chain([86_400, 1_000_000, 2_000_000_000]) {
            let (late, told) = (f64::from(late_s), middle(drawer(u64::from(late_s))));
            assert!((told - late).abs() <= late / 16.0, "{late_s} is told as {told}");
        }
    }
}
