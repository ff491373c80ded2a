//! The picture that everybody sees: the fold of the deltas.

use crate::cells::{CellChanges, Cells};
use crate::figure::{FIGURES, Figure, Figures};
use crate::rows::{AlertRow, Layer, RESOLUTIONS};
use crate::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose figures: the city, a district or a ward (by its place in the rules' lists, which are sorted by code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    City,
    District(u16),
    Ward(u16),
}

/// A figure now, and as it was shown a day and a week before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub now: Figures,
    /// At the last full hour at least 24 h ago; None before the first event. Shared until the next full hour.
    pub day_before: Arc<Figures>,
    /// At the last full hour at least 168 h ago.
    pub week_before: Arc<Figures>,
}

impl Default for Shown {
    fn default() -> Self {
        let unknown = Arc::new([None; FIGURES]);
        Self { now: *unknown, day_before: Arc::clone(&unknown), week_before: unknown }
    }
}

/// One change of the picture. What is not in a delta did not happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// Event time moved on.
    Now(Time),
    /// A figure, or what was shown of it before, changed.
    Figure { area: Area, figure: Figure, now: Option<i64>, day_before: Option<i64>, week_before: Option<i64> },
    /// The name of the level table in force.
    LevelTable(Option<Box<str>>),
    /// The moment for which the F2 figures are true.
    F2AsOf(Time),
    /// A cell's value; None: none any more. `res` is 7-10.
    Cell { layer: Layer, res: u8, cell: u64, value: Option<f64> },
    /// An alert was raised or changed.
    Alert(Box<AlertRow>),
    /// An ended alert was forgotten.
    AlertGone(Box<str>),
    /// Scans of one local minute of today (named by its start); 0: none any more.
    Minute { minute: Time, scans: u64 },
    /// What the headline is made of changed.
    Trend(Box<Trend>),
}

/// What the headline is made of, beside figures and alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// Districts (places in the list) at level 4 that were at 1-3 as shown at 00:00 local today.
    pub newly_level_4: Vec<u16>,
    /// Weeks in a row in which new cases rose (positive), fell (negative), or neither (0).
    pub weeks: i32,
    /// Districts with 20 or more new cases in 7 days, two at most, highest undivided incidence first.
    pub hottest: Vec<u16>,
}

/// The whole picture at one position of the stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Event time; None before the first event (first tick).
    pub now: Option<Time>,
    pub city: Shown,
    /// By district.
    pub districts: Vec<Shown>,
    /// By ward.
    pub wards: Vec<Shown>,
    pub level_table: Option<Box<str>>,
    pub f2_as_of: Option<Time>,
    /// By layer and resolution (7, 8, 9, 10).
    pub cells: [[Arc<Cells>; 4]; 3],
    pub alerts: Arc<BTreeMap<Box<str>, AlertRow>>,
    /// The city's scans by local minute of today; only minutes that have some.
    pub minutes: BTreeMap<Time, u64>,
    pub trend: Trend,
}

impl View {
    /// An empty picture of a city with so many districts and wards.
    pub fn new(districts: usize, wards: usize) -> Self {
        Self {
            districts: vec![Shown::default(); districts],
            wards: vec![Shown::default(); wards],
            ..Self::default()
        }
    }

    /// The figures of an area; None for one that the city does not have.
    pub fn area(&self, area: Area) -> Option<&Shown> {
        match area {
            Area::City => Some(&self.city),
            Area::District(n) => self.districts.get(usize::from(n)),
            Area::Ward(n) => self.wards.get(usize::from(n)),
        }
    }

    /// The cells of a layer at a resolution of 7-10.
    pub fn layer(&self, layer: Layer, res: u8) -> Option<&Cells> {
        self.cells[layer as usize].get(usize::from(res.checked_sub(7)?)).map(Arc::as_ref)
    }

    /// Takes changes in, those of cells in one pass over what they change.
    pub fn fold(&mut self, deltas: impl Iterator<Item = Delta>) {
        let mut cells: [[CellChanges; 4]; 3] = Default::default();
        for delta in deltas {
            match delta {
                Delta::Cell { layer, res, cell, value } if RESOLUTIONS.contains(&res) => {
                    cells[layer as usize][usize::from(res - RESOLUTIONS[0])].push((cell, value));
                }
                delta => self.apply(delta),
            }
        }
        for (held, changes) in self.cells.iter_mut().flatten().zip(cells.into_iter().flatten()) {
            if !changes.is_empty() {
                *held = Arc::new(held.changed(changes));
            }
        }
    }

    /// Takes one change in.
    pub fn apply(&mut self, delta: Delta) {
        match delta {
            Delta::Now(now) => self.now = Some(now),
            Delta::Figure { area, figure, now, day_before, week_before } => {
                let shown = match area {
                    Area::City => Some(&mut self.city),
                    Area::District(n) => self.districts.get_mut(usize::from(n)),
                    Area::Ward(n) => self.wards.get_mut(usize::from(n)),
                };
                if let Some(shown) = shown {
                    shown.now[figure as usize] = now;
                    for (held, fresh) in
                        [(&mut shown.day_before, day_before), (&mut shown.week_before, week_before)]
                    {
                        if held[figure as usize] != fresh {
                            Arc::make_mut(held)[figure as usize] = fresh;
                        }
                    }
                }
            }
            Delta::LevelTable(name) => self.level_table = name,
            Delta::F2AsOf(at) => self.f2_as_of = Some(at),
            Delta::Cell { layer, res, cell, value } => {
                if let Some(cells) = self.cells[layer as usize].get_mut(usize::from(res.saturating_sub(7))) {
                    *cells = Arc::new(cells.changed(vec![(cell, value)]));
                }
            }
            Delta::Alert(row) => {
                Arc::make_mut(&mut self.alerts).insert(row.id.clone(), *row);
            }
            Delta::AlertGone(id) => {
                Arc::make_mut(&mut self.alerts).remove(&id);
            }
            Delta::Minute { minute, scans } => {
                if scans == 0 {
                    self.minutes.remove(&minute);
                } else {
                    self.minutes.insert(minute, scans);
                }
            }
            Delta::Trend(trend) => self.trend = *trend,
        }
    }
}
