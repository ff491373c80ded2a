//! What the headline is made of: rising or falling weeks, districts newly at level 4, the hottest districts.

use crate::cases::{CaseBook, History};
use crate::figure::{Figure, Figures};
use crate::figures::population;
use crate::rules::{Place, Rules};
use crate::shown::ShownHours;
use crate::time::{DAY, Time};
use crate::view::Trend;

/// A week with fewer cases before it says nothing of a trend.
const WEEK_CASES_MIN: i64 = 20;
/// Districts with fewer new cases in seven days are not named.
const HOT_CASES_MIN: i64 = 20;
/// Weeks looked back, so that the count ends.
const WEEKS_MAX: usize = 520;

pub(crate) fn trend(
    rules: &Rules,
    now: Time,
    cases: &CaseBook,
    shown: &ShownHours,
    figures: &[Figures],
    home: impl Fn(u32, &History) -> Place,
) -> Trend {
    let midnight = rules.midnight(rules.day(now));
    let districts = 1..rules.main_areas();
    let level = |figures: &Figures| figures[Figure::Level as usize];
    let newly = districts.clone().filter(|slot| {
        let before = shown.figure(midnight, *slot, Figure::Level);
        level(&figures[*slot]) == Some(4) && before.is_some_and(|level| level < 4)
    });
    let mut weekly = Vec::new();
    let mut community = vec![0_i64; rules.main_areas()];
    for (person, history) in cases.cases() {
        for episode in &history.episodes {
            let age = now.0 - episode.reported.0;
            let week = usize::try_from(age.div_euclid(7 * DAY)).unwrap_or(usize::MAX).min(WEEKS_MAX);
            if weekly.len() <= week {
                weekly.resize(week + 1, 0_i64);
            }
            weekly[week] += 1;
            if week == 0
                && episode.is_community()
                && let Some(district) = home(person, history).district
            {
                community[1 + usize::from(district)] += 1;
            }
        }
    }
    let mut hot: Vec<usize> = districts
        .filter(|slot| figures[*slot][Figure::F0New7d as usize].is_some_and(|n| n >= HOT_CASES_MIN))
        .filter(|slot| population(rules, *slot) > 0)
        .collect();
    // a/p before b/q where a·q > b·p: undivided. Slots are in the order of codes.
    let by = |slot: usize| (i128::from(community[slot]), i128::from(population(rules, slot)));
    hot.sort_by(|a, b| {
        let ((cases_a, people_a), (cases_b, people_b)) = (by(*a), by(*b));
        (cases_b * people_a).cmp(&(cases_a * people_b)).then(a.cmp(b))
    });
    hot.truncate(2);
    let district = |slot: usize| u16::try_from(slot - 1).unwrap_or(u16::MAX);
    Trend {
        newly_level_4: newly.map(district).collect(),
        weeks: weeks(&weekly),
        hottest: hot.into_iter().map(district).collect(),
    }
}

/// Weeks in a row, newest first, in which cases were at least 1.05 (at most 0.95) of the week before.
fn weeks(weekly: &[i64]) -> i32 {
    let way = |week: usize| {
        let (this, before) =
            (weekly.get(week).copied().unwrap_or(0), weekly.get(week + 1).copied().unwrap_or(0));
        if before < WEEK_CASES_MIN {
            0
        } else if this * 100 >= before * 105 {
            1
        } else if this * 100 <= before * 95 {
            -1
        } else {
            0
        }
    };
    let first = way(0);
    if first == 0 {
        return 0;
    }
    let in_a_row = (0..WEEKS_MAX).take_while(|week| way(*week) == first).count();
    first * i32::try_from(in_a_row).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::weeks;

    #[test]
    fn weeks_in_a_row_are_counted_from_the_newest() {
        assert_eq!(weeks(&[60, 50, 40, 40]), 2);
        assert_eq!(weeks(&[30, 40, 50, 50]), -2);
        assert_eq!(weeks(&[21, 20]), 1);
        assert_eq!(weeks(&[20, 20, 10]), 0);
        assert_eq!(weeks(&[100, 19]), 0);
        assert_eq!(weeks(&[]), 0);
    }
}
