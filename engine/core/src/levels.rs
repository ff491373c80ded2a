//! The epidemic level: Resolution 128/NQ-CP and Decision 4800/QĐ-BYT of October 2021, by the tables of `levels.toml`.

use crate::params::LevelTable;
use crate::residents::Coverage;
use crate::time::Day;

/// What a level is judged by, undivided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds {
    /// New community cases of seven days.
    pub community_7d: i64,
    pub population: u64,
    pub coverage: Coverage,
}

/// The table in force: the latest `from` that is not after today.
pub(crate) fn in_force(tables: &[LevelTable], today: Day) -> Option<&LevelTable> {
    tables.iter().filter(|table| table.from <= today).max_by_key(|table| table.from)
}

/// The level 1-4; None without an incidence. A criterion whose figure is unknown counts as met.
pub(crate) fn level(table: &LevelTable, grounds: &Grounds) -> Option<u8> {
    if grounds.population == 0 {
        return None;
    }
    let rate = as_f64(grounds.community_7d) * 100_000.0;
    let population = as_f64(i64::try_from(grounds.population).unwrap_or(i64::MAX));
    let band = table.incidence.iter().filter(|bound| rate >= **bound * population).count();
    let reaches = |part: i64, whole: i64, pct: f64| whole == 0 || as_f64(part) * 100.0 >= pct * as_f64(whole);
    let coverage = &grounds.coverage;
    let dosed = reaches(coverage.adults_one, coverage.adults, table.dose_pct);
    let full = if &*table.full_figure == "vaccine_full_50_pct" {
        reaches(coverage.seniors_two, coverage.seniors, table.full_pct)
    } else {
        reaches(coverage.elders_two, coverage.elders, table.full_pct)
    };
    let by_band = if dosed { table.levels_met[band] } else { table.levels_unmet[band] };
    let up = !full || table.capacity_met == Some(false);
    Some((by_band + u8::from(up)).min(4))
}

#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^53")]
pub(crate) fn as_f64(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> LevelTable {
        LevelTable {
            name: "test".into(),
            from: Day(0),
            incidence: [20.0, 50.0, 150.0],
            dose_pct: 70.0,
            levels_met: [1, 1, 2, 3],
            levels_unmet: [1, 2, 3, 4],
            full_figure: "vaccine_full_pct".into(),
            full_pct: 80.0,
            capacity_met: None,
        }
    }

    fn grounds(community_7d: i64, one: i64, two: i64) -> Grounds {
        let coverage =
            Coverage { adults: 100, adults_one: one, elders: 10, elders_two: two, ..Coverage::default() };
        Grounds { community_7d, population: 100_000, coverage }
    }

    #[test]
    fn bands_begin_at_their_bound() {
        let levels = |n| level(&table(), &grounds(n, 69, 8));
        assert_eq!([19, 20, 49, 50, 149, 150].map(levels), [1, 2, 2, 3, 3, 4].map(Some));
    }

    #[test]
    fn too_few_fully_vaccinated_elders_raise_the_level_by_one_and_never_past_four() {
        assert_eq!(level(&table(), &grounds(50, 70, 7)), Some(3));
        assert_eq!(level(&table(), &grounds(150, 0, 0)), Some(4));
    }

    #[test]
    fn without_residents_the_criteria_count_as_met_and_without_population_there_is_no_level() {
        let none = Grounds { community_7d: 150, population: 100_000, coverage: Coverage::default() };
        assert_eq!(level(&table(), &none), Some(3));
        assert_eq!(level(&table(), &Grounds { population: 0, ..none }), None);
    }
}
