//! Venues and cells.

use super::asked::{Asked, read_cell};
use super::page::{Part, page};
use super::problem::Problem;
use super::{Named, Reply, Shares, json, mismatch};
use crate::wire::rows::PresentRow;
use crate::wire::venues::{Cell, Hexes, VenueRow, bands, hex_items, unit};
use crate::wire::{Num, written};
use axum::extract::{Path, State};
use h3o::{CellIndex, LatLng, Resolution};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::params::Bounds;
use vonglau_core::rows;
use vonglau_core::rows::{Layer, RESOLUTIONS};

/// The resolution where nothing is said.
const RES_DEFAULT: u8 = 8;

pub(super) async fn hexes(State(app): Shares, asked: Asked) -> Reply {
    let layer =
        asked.word("layer", &Layer::ALL.map(Layer::name))?.and_then(Layer::named).unwrap_or(Layer::Risk);
    let [first, .., last] = RESOLUTIONS.map(usize::from);
    let res = asked.number("res", first, last)?.and_then(|res| u8::try_from(res).ok()).unwrap_or(RES_DEFAULT);
    let picture = app.picture().await?;
    let bounds = bands(&app.params.risk, layer);
    json(&Hexes {
        stream_seq: picture.stream_seq,
        event_time: written(app.zone(), picture.view.now),
        items: picture.view.layer(layer, res).map(|cells| hex_items(cells, bounds)).unwrap_or_default(),
        next: None,
        bounds: bounds.map(Num),
        unit: unit(layer),
    })
}

pub(super) async fn hex(State(app): Shares, Path(cell): Named) -> Reply {
    let cell = u64::from(read_cell("cell", &cell)?);
    let answered = app.ask(Question::Cell(cell)).await?;
    let stamp = answered.stamp();
    match answered.answer {
        Answer::Cell(row) => app.stamped(stamp, Cell::new(cell, &row, &app.params)),
        Answer::NotFound => Err(Problem::not_found("nothing is known of this cell")),
        _ => Err(mismatch()),
    }
}

pub(super) async fn list(State(app): Shares, asked: Asked) -> Reply {
    let district =
        asked.district(&app.params)?.and_then(|place| app.params.districts.get(usize::from(place)));
    let cell = asked.cell("cell")?;
    let part = asked.text("q").map(plain);
    let silent = asked.flag("silent")?;
    let answered = app.ask(Question::Venues).await?;
    let stamp = answered.stamp();
    let Answer::Venues(mut rows) = answered.answer else { return Err(mismatch()) };
    rows.retain(|row| {
        district.is_none_or(|district| row.district.as_ref() == Some(&district.code))
            && cell.is_none_or(|cell| lies_in(row, cell, &app.params.bounds))
            && silent.is_none_or(|silent| row.silent == silent)
            && part.as_ref().is_none_or(|part| is_called(row, part))
    });
    let key = |row: &rows::VenueRow| vec![Part::Text(row.venue.to_string())];
    json(&page(stamp, &rows, "t", key, |row| VenueRow::new(row, app.zone()), (&asked, app.zone()))?)
}

pub(super) async fn one(State(app): Shares, Path(venue): Named) -> Reply {
    let answered = app.ask(Question::Venue(venue.into())).await?;
    let stamp = answered.stamp();
    match answered.answer {
        Answer::Venue(row) => app.stamped(stamp, VenueRow::new(&row, app.zone())),
        Answer::NotFound => Err(no_venue()),
        _ => Err(mismatch()),
    }
}

pub(super) async fn present(State(app): Shares, Path(venue): Named, asked: Asked) -> Reply {
    let question = Question::Present(venue.into(), asked.time("from")?, asked.time("to")?);
    let answered = app.ask(question).await?;
    let stamp = answered.stamp();
    let rows = match answered.answer {
        Answer::Present(rows) => rows,
        Answer::NotFound => return Err(no_venue()),
        _ => return Err(mismatch()),
    };
    let key = |row: &rows::PresentRow| {
        vec![
            Part::Number(row.from.0.into()),
            Part::Text(row.person.to_string()),
            Part::Number(row.to.0.into()),
        ]
    };
    json(&page(stamp, &rows, "ntn", key, |row| PresentRow::new(row, app.zone()), (&asked, app.zone()))?)
}

fn no_venue() -> Problem {
    Problem::not_found("no venue of this id has a record or a scan")
}

/// Whether a venue has its place in a cell: values are kept at resolution 10 and shown by parent.
fn lies_in(row: &rows::VenueRow, cell: CellIndex, bounds: &Bounds) -> bool {
    let place = row.lat.zip(row.lon).filter(|(lat, lon)| bounds.hold(*lat, *lon));
    let finest =
        place.and_then(|(lat, lon)| LatLng::new(lat, lon).ok()).map(|at| at.to_cell(Resolution::Ten));
    finest.and_then(|finest| finest.parent(cell.resolution())) == Some(cell)
}

/// Whether a part of a name or id, [`plain`], occurs in the venue's.
fn is_called(row: &rows::VenueRow, part: &str) -> bool {
    plain(&row.venue).contains(part) || row.name.as_deref().is_some_and(|name| plain(name).contains(part))
}

/// Text as people type it in a hurry: small letters without marks.
fn plain(text: &str) -> String {
    let small = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    small.map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_are_found_without_their_marks() {
        assert_eq!(plain("Chợ Đồng Xuân"), "cho dong xuan");
        assert_eq!(plain("Cho\u{323} Hôm"), "cho hom");
        assert_eq!(plain("HN-000123"), "hn-000123");
    }
}
