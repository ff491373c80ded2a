//! What can be subscribed to: the picture cut into topics, each with its snapshot and the delta between two pictures.

use crate::patch::{diff, without_nulls};
use crate::wire::alerts::AlertRow;
use crate::wire::figures::{FigureValue, Figures, of_area};
use crate::wire::venues::{band, bands};
use crate::wire::{Num, cell_name};
use serde::Serialize;
use serde_json::{Map, Value, json};
use vonglau_core::cells::Cells;
use vonglau_core::figure::Figure;
use vonglau_core::params::Params;
use vonglau_core::rows::{self, Layer, RESOLUTIONS};
use vonglau_core::time::Zone;
use vonglau_core::view::{Area, Shown, View};

/// A topic. Districts by their place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    City,
    Districts,
    District(u16),
    Hexes(Layer, u8),
    Alerts(Option<u16>),
    Scans,
}

impl Topic {
    /// The topic of that name.
    pub fn named(name: &str, params: &Params) -> Option<Self> {
        match name {
            "city" => return Some(Self::City),
            "districts" => return Some(Self::Districts),
            "alerts" => return Some(Self::Alerts(None)),
            "series:scans" => return Some(Self::Scans),
            _ => {}
        }
        let (kind, rest) = name.split_once(':')?;
        match kind {
            "district" => district_place(rest, params).map(Self::District),
            "alerts" => district_place(rest, params).map(|place| Self::Alerts(Some(place))),
            "hexes" => {
                let (layer, res) = rest.split_once(':')?;
                let res = RESOLUTIONS.into_iter().find(|known| known.to_string() == res)?;
                Some(Self::Hexes(Layer::named(layer)?, res))
            }
            _ => None,
        }
    }

    /// Its name in messages.
    pub fn name(self, params: &Params) -> String {
        let code =
            |place: u16| params.districts.get(usize::from(place)).map_or("", |district| &district.code);
        match self {
            Self::City => "city".into(),
            Self::Districts => "districts".into(),
            Self::District(place) => format!("district:{}", code(place)),
            Self::Hexes(layer, res) => format!("hexes:{}:{res}", layer.name()),
            Self::Alerts(None) => "alerts".into(),
            Self::Alerts(Some(place)) => format!("alerts:{}", code(place)),
            Self::Scans => "series:scans".into(),
        }
    }

    /// Every topic of a city.
    pub fn all(params: &Params) -> Vec<Self> {
        let places = || (0..=u16::MAX).zip(&params.districts).map(|(place, _)| place);
        let hexes = Layer::ALL.into_iter().flat_map(|layer| RESOLUTIONS.map(|res| Self::Hexes(layer, res)));
        [Self::City, Self::Districts, Self::Alerts(None), Self::Scans]
            .into_iter()
            .chain(hexes)
            .chain(places().map(Self::District))
            .chain(places().map(|place| Self::Alerts(Some(place))))
            .collect()
    }

    /// The whole topic, without nulls.
    pub fn snapshot(self, view: &View, params: &Params) -> Value {
        match self {
            Self::City => figures(Area::City, view, &params.zone),
            Self::District(place) => figures(Area::District(place), view, &params.zone),
            Self::Districts => {
                let row = |(place, code)| (code, figures(Area::District(place), view, &params.zone));
                codes(params).map(row).collect::<Map<_, _>>().into()
            }
            Self::Hexes(layer, res) => {
                let bounds = bands(&params.risk, layer);
                let cells = view.layer(layer, res).into_iter().flat_map(Cells::iter);
                cells.map(|(cell, value)| (cell_name(cell), hex(value, bounds))).collect::<Map<_, _>>().into()
            }
            Self::Alerts(place) => {
                let rows = view.alerts.iter().filter(|(_, row)| is_in(row, place, params));
                rows.map(|(id, row)| (id.to_string(), alert(row, &params.zone))).collect::<Map<_, _>>().into()
            }
            Self::Scans => {
                let minutes = view.minutes.iter();
                minutes
                    .map(|(minute, n)| (params.zone.write(*minute), json!(n)))
                    .collect::<Map<_, _>>()
                    .into()
            }
        }
    }

    /// The merge patch between two pictures; None where nothing of the topic changed.
    pub fn delta(self, old: &View, new: &View, params: &Params) -> Option<Value> {
        let patch = match self {
            Self::City => figures_delta(Area::City, old, new, &params.zone),
            Self::District(place) => figures_delta(Area::District(place), old, new, &params.zone),
            Self::Districts => {
                let row = |(place, code)| {
                    let patch = figures_delta(Area::District(place), old, new, &params.zone);
                    (!patch.is_empty()).then_some((code, Value::Object(patch)))
                };
                codes(params).filter_map(row).collect()
            }
            Self::Hexes(layer, res) => hexes_delta(layer, res, old, new, params),
            Self::Alerts(place) => alerts_delta(place, old, new, params),
            Self::Scans => changes(old.minutes.iter(), new.minutes.iter(), |a, b| a == b)
                .map(|(minute, _, n)| (params.zone.write(*minute), n.map_or(Value::Null, |n| json!(n))))
                .collect(),
        };
        (!patch.is_empty()).then_some(Value::Object(patch))
    }
}

/// The place of a district in the list.
pub fn district_place(code: &str, params: &Params) -> Option<u16> {
    let place = params.districts.iter().position(|district| *district.code == *code)?;
    u16::try_from(place).ok()
}

fn codes(params: &Params) -> impl Iterator<Item = (u16, String)> + '_ {
    (0..=u16::MAX).zip(&params.districts).map(|(place, district)| (place, district.code.to_string()))
}

/// A wire object as a frame holds it. Wire objects are plain data: there is nothing in them that JSON cannot hold.
fn bare(object: &impl Serialize) -> Value {
    without_nulls(serde_json::to_value(object).unwrap_or_default())
}

fn figures(area: Area, view: &View, zone: &Zone) -> Value {
    bare(&Figures::new(area, view, zone))
}

/// The figures of an area that changed, each as a patch of its object.
fn figures_delta(area: Area, old: &View, new: &View, zone: &Zone) -> Map<String, Value> {
    let nothing = Shown::default();
    let (before, after) = (old.area(area).unwrap_or(&nothing), new.area(area).unwrap_or(&nothing));
    let same_context = old.f2_as_of == new.f2_as_of && old.level_table == new.level_table;
    if same_context && before == after {
        return Map::new();
    }
    let held = |shown: &Shown, figure: Figure| {
        let n = figure as usize;
        (shown.now[n], shown.day_before[n], shown.week_before[n])
    };
    of_area(area)
        .filter(|figure| !same_context || held(before, *figure) != held(after, *figure))
        .filter_map(|figure| {
            let old = bare(&FigureValue::new(figure, before, old, zone));
            let new = bare(&FigureValue::new(figure, after, new, zone));
            diff(&old, &new).map(|patch| (figure.name().into(), patch))
        })
        .collect()
}

fn hex(value: f64, bounds: [f64; 4]) -> Value {
    json!([Num(value), band(bounds, value)])
}

fn hexes_delta(layer: Layer, res: u8, old: &View, new: &View, params: &Params) -> Map<String, Value> {
    let (Some(before), Some(after)) = (old.layer(layer, res), new.layer(layer, res)) else {
        return Map::new();
    };
    if std::ptr::eq(before, after) {
        return Map::new();
    }
    let bounds = bands(&params.risk, layer);
    let same = |a: &f64, b: &f64| a.to_bits() == b.to_bits();
    changes(before.iter(), after.iter(), same)
        .map(|(cell, _, value)| (cell_name(cell), value.map_or(Value::Null, |value| hex(value, bounds))))
        .collect()
}

fn alert(row: &rows::AlertRow, zone: &Zone) -> Value {
    bare(&AlertRow::new(row, zone))
}

/// Whether an alert belongs to the topic of a district, or of all.
fn is_in(row: &rows::AlertRow, place: Option<u16>, params: &Params) -> bool {
    place.is_none_or(|place| {
        row.district.as_deref().and_then(|code| district_place(code, params)) == Some(place)
    })
}

fn alerts_delta(place: Option<u16>, old: &View, new: &View, params: &Params) -> Map<String, Value> {
    let shown = |row: Option<&rows::AlertRow>| {
        row.filter(|row| is_in(row, place, params)).map(|row| alert(row, &params.zone))
    };
    changes(old.alerts.iter(), new.alerts.iter(), |a, b| a == b)
        .filter_map(|(id, before, after)| {
            let patch = match (shown(before), shown(after)) {
                (Some(before), Some(after)) => diff(&before, &after)?,
                (None, Some(after)) => after,
                (Some(_), None) => Value::Null,
                (None, None) => return None,
            };
            Some((id.to_string(), patch))
        })
        .collect()
}

/// The keys whose value is not the same in two maps, with the old and the new value: one walk over both, which tell
/// their pairs by key.
fn changes<K: Ord + Copy, V>(
    old: impl Iterator<Item = (K, V)>,
    new: impl Iterator<Item = (K, V)>,
    same: impl Fn(&V, &V) -> bool,
) -> impl Iterator<Item = (K, Option<V>, Option<V>)> {
    let (mut olds, mut news) = (old.peekable(), new.peekable());
    let next = move || {
        use std::cmp::Ordering::{Greater, Less};
        let order = match (olds.peek(), news.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Less,
            (None, Some(_)) => Greater,
            (None, None) => return None,
        };
        let before = if order == Greater { None } else { olds.next() };
        let after = if order == Less { None } else { news.next() };
        let key = after.as_ref().or(before.as_ref())?.0;
        Some((key, before.map(|(_, value)| value), after.map(|(_, value)| value)))
    };
    std::iter::from_fn(next).filter(move |(_, before, after)| match (before, after) {
        (Some(before), Some(after)) => !same(before, after),
        _ => true,
    })
}
