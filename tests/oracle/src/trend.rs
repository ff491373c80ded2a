//! What the headline is made of.

use crate::facts::facts;
use crate::figures::{AreaFigures, districts, incidence, of_area};
use crate::picture::Picture;
use vonglau_core::figure::Figure;
use vonglau_core::time::HOUR;
use vonglau_core::view::{Area, Trend};

/// Cases below which a rise, a fall or a district is not told of.
const CASES_MIN: usize = 20;

/// `midnight`: the figures as shown at 00:00 local today.
pub fn trend(picture: &Picture<'_>, midnight: Option<&AreaFigures>) -> Trend {
    Trend {
        newly_level_4: newly_level_4(picture, midnight),
        weeks: weeks(picture),
        hottest: hottest(picture),
    }
}

/// A district's level is 4 and was 1 to 3 as shown at 00:00 local today (null: not lower).
fn newly_level_4(picture: &Picture<'_>, midnight: Option<&AreaFigures>) -> Vec<u16> {
    let Some(midnight) = midnight else { return Vec::new() };
    let level = |figures: &AreaFigures, district: Area| figures.of(district)[Figure::Level as usize];
    let now = picture.all_figures();
    districts(picture.params)
        .filter(|district| level(&now, *district) == Some(4))
        .filter(|district| level(midnight, *district).is_some_and(|level| level < 4))
        .filter_map(number)
        .collect()
}

/// How many weeks in a row cases are up (positive) or down (negative).
fn weeks(picture: &Picture<'_>) -> i32 {
    let mut up = 0;
    while rose(picture, up + 1) {
        up += 1;
    }
    let mut down = 0;
    while fell(picture, down + 1) {
        down += 1;
    }
    up - down
}

/// Week k: episodes reported in (now − 168k h, now − 168(k−1) h].
fn week(picture: &Picture<'_>, k: i32) -> usize {
    let hours_ago = |weeks: i32| picture.now.plus(-168 * HOUR * i64::from(weeks));
    let in_week = |e: &&crate::cases::Episode| e.reported > hours_ago(k) && e.reported <= hours_ago(k - 1);
    picture.dossiers.f0s().map(|(_, episodes)| episodes.iter().filter(in_week).count()).sum()
}

/// Up: at least 1.05 × the week before, the week before at least 20.
fn rose(picture: &Picture<'_>, k: i32) -> bool {
    let (this, before) = (week(picture, k), week(picture, k + 1));
    before >= CASES_MIN && this * 100 >= before * 105
}

/// Down: at most 0.95 × the week before, the week before at least 20.
fn fell(picture: &Picture<'_>, k: i32) -> bool {
    let (this, before) = (week(picture, k), week(picture, k + 1));
    before >= CASES_MIN && this * 100 <= before * 95
}

/// The two highest `incidence_7d_100k` (undivided; ties by code) among districts with `f0_new_7d` of 20 or more.
fn hottest(picture: &Picture<'_>) -> Vec<u16> {
    let facts = facts(picture);
    let mut hot: Vec<(u16, i128, i128)> = districts(picture.params)
        .filter(|district| of_area(&facts, *district).filter(|e| e.new_7d).count() >= CASES_MIN)
        .filter_map(|district| {
            let (cases, population) = incidence(picture.params, &facts, district)?;
            Some((number(district)?, cases, population))
        })
        .collect();
    let code = |n: u16| &picture.params.districts[usize::from(n)].code;
    hot.sort_by(|a, b| (b.1 * a.2).cmp(&(a.1 * b.2)).then_with(|| code(a.0).cmp(code(b.0))));
    hot.into_iter().take(2).map(|(district, ..)| district).collect()
}

fn number(district: Area) -> Option<u16> {
    match district {
        Area::District(n) => Some(n),
        Area::City | Area::Ward(_) => None,
    }
}
