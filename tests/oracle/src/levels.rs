//! The epidemic level.

use crate::risk::float;
use vonglau_core::params::LevelTable;
use vonglau_core::time::Day;

/// (part, whole), undivided; a whole of 0 is null.
pub type Share = (i128, i128);

/// What a level is found by, compared undivided, not as shown.
#[derive(Clone, Copy, Debug)]
pub struct Criteria {
    /// None without a population.
    pub incidence: Option<Share>,
    pub dose_18: Share,
    pub full_65: Share,
    pub full_50: Share,
}

/// In force is the latest `from` ≤ today, else no level.
pub fn table_in_force(tables: &[LevelTable], today: Day) -> Option<&LevelTable> {
    tables.iter().filter(|table| table.from <= today).max_by_key(|table| table.from)
}

/// Criterion 1 gives the band, criterion 2 the row; criterion 3 not met, or too few fully vaccinated: one level up,
/// never past 4. No incidence, no level.
pub fn level(table: &LevelTable, criteria: &Criteria) -> Option<i64> {
    let (cases, population) = criteria.incidence?;
    let reaches = |bound: &&f64| float(cases * 100_000) >= **bound * float(population);
    let band = table.incidence.iter().filter(reaches).count();
    let levels = if met(criteria.dose_18, table.dose_pct) { table.levels_met } else { table.levels_unmet };
    let full = if &*table.full_figure == "vaccine_full_50_pct" { criteria.full_50 } else { criteria.full_65 };
    let up = table.capacity_met == Some(false) || !met(full, table.full_pct);
    Some((i64::from(levels[band]) + i64::from(up)).min(4))
}

/// At least so many per cent. A criterion whose figure is null counts as met.
fn met((part, whole): Share, per_cent: f64) -> bool {
    whole == 0 || float(part * 100) >= per_cent * float(whole)
}
