//! City, districts, wards, and their alerts.

use super::asked::Asked;
use super::page::{Part, page, whole};
use super::problem::Problem;
use super::{Named, Reply, Shares, json};
use crate::topic::district_place;
use crate::wire::alerts::AlertRow;
use crate::wire::figures::{AreaRow, City, Figures};
use axum::extract::{Path, State};
use vonglau_core::rows;
use vonglau_core::view::Area;

pub(super) async fn city(State(app): Shares) -> Reply {
    let picture = app.picture().await?;
    let figures = Figures::new(Area::City, &picture.view, app.zone());
    app.stamped(picture.stamp(), City { figures })
}

pub(super) async fn districts(State(app): Shares) -> Reply {
    let picture = app.picture().await?;
    let row = |(place, district)| AreaRow::district(place, district, &picture.view, app.zone());
    let items = (0..=u16::MAX).zip(&app.params.districts).map(row).collect();
    json(&whole(picture.stamp(), items, app.zone()))
}

pub(super) async fn district(State(app): Shares, Path(code): Named) -> Reply {
    let place = district_place(&code, &app.params);
    let found = place.and_then(|place| Some((place, app.params.districts.get(usize::from(place))?)));
    let (place, district) =
        found.ok_or_else(|| Problem::not_found("no district of the city has this code"))?;
    let picture = app.picture().await?;
    app.stamped(picture.stamp(), AreaRow::district(place, district, &picture.view, app.zone()))
}

pub(super) async fn wards(State(app): Shares, asked: Asked) -> Reply {
    let district =
        asked.district(&app.params)?.and_then(|place| app.params.districts.get(usize::from(place)));
    let picture = app.picture().await?;
    let items = (0..=u16::MAX)
        .zip(&app.params.wards)
        .filter(|(_, ward)| district.is_none_or(|district| district.code == ward.district))
        .map(|(place, ward)| AreaRow::ward(place, ward, &picture.view, app.zone()))
        .collect();
    json(&whole(picture.stamp(), items, app.zone()))
}

pub(super) async fn alerts(State(app): Shares, asked: Asked) -> Reply {
    let district =
        asked.district(&app.params)?.and_then(|place| app.params.districts.get(usize::from(place)));
    let state = asked.word("state", &["open", "acknowledged", "silenced", "ended"])?;
    let picture = app.picture().await?;
    let mut rows: Vec<_> = picture
        .view
        .alerts
        .values()
        .filter(|row| district.is_none_or(|district| row.district.as_ref() == Some(&district.code)))
        .filter(|row| state.is_none_or(|state| row.state.name() == state))
        .collect();
    let key =
        |row: &&rows::AlertRow| vec![Part::Number(-i128::from(row.since.0)), Part::Text(row.id.to_string())];
    rows.sort_by_cached_key(key);
    let item = |row: &&rows::AlertRow| AlertRow::new(row, app.zone());
    json(&page(picture.stamp(), &rows, "nt", key, item, (&asked, app.zone()))?)
}
