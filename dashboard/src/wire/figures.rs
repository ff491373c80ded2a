//! Figures of the city, a district or a ward.

use super::{Num, written};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use ts_rs::TS;
use vonglau_core::figure::Figure;
use vonglau_core::params::{District, Ward};
use vonglau_core::time::Zone;
use vonglau_core::view::{Area, Shown, View};

/// A figure now, and as it was shown a day and a week before.
#[derive(Clone, Debug, PartialEq, serde::Serialize, TS)]
pub struct FigureValue {
    #[ts(optional = nullable)]
    pub value: Option<Num>,
    #[ts(type = "Unit")]
    pub unit: &'static str,
    #[ts(optional = nullable)]
    pub day_before: Option<Num>,
    #[ts(optional = nullable)]
    pub week_before: Option<Num>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "'unknown' | 'hidden'")]
    pub null: Option<&'static str>,
    /// Of a figure that may be old: the moment it is true for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable, type = "string | null")]
    pub as_of: Option<Value>,
    /// Of `level`: the name of its table.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable, type = "string | null")]
    pub table: Option<Value>,
}

impl FigureValue {
    /// One figure of an area.
    pub fn new(figure: Figure, shown: &Shown, view: &View, zone: &Zone) -> Self {
        let number = |held: Option<i64>| held.map(|held| Num(figure.number(held)));
        let value = shown.now[figure as usize];
        Self {
            value: number(value),
            unit: figure.unit(),
            day_before: number(shown.day_before[figure as usize]),
            week_before: number(shown.week_before[figure as usize]),
            null: value.is_none().then_some("unknown"),
            as_of: (figure == Figure::F2Open).then(|| written(zone, view.f2_as_of).into()),
            table: (figure == Figure::Level).then(|| view.level_table.as_deref().into()),
        }
    }
}

/// The figures that an area has, in the order of the table.
pub fn of_area(area: Area) -> impl Iterator<Item = Figure> {
    Figure::ALL.iter().copied().filter(move |figure| area == Area::City || !figure.city_only())
}

/// All figures of an area: an object by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures(pub Vec<(&'static str, FigureValue)>);

impl Figures {
    /// The figures of an area; unknown ones for an area that the picture does not have.
    pub fn new(area: Area, view: &View, zone: &Zone) -> Self {
        let nothing = Shown::default();
        let shown = view.area(area).unwrap_or(&nothing);
        Self(
            of_area(area)
                .map(|figure| (figure.name(), FigureValue::new(figure, shown, view, zone)))
                .collect(),
        )
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The city's figures.
#[derive(Clone, Debug, serde::Serialize, TS)]
pub struct City {
    #[ts(type = "Figures")]
    pub figures: Figures,
}

/// A district or a ward with its figures.
#[derive(Clone, Debug, serde::Serialize, TS)]
pub struct AreaRow {
    pub code: String,
    pub name_vi: String,
    pub name_en: String,
    /// Of a ward: its district's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub district: Option<String>,
    #[ts(type = "Figures")]
    pub figures: Figures,
}

impl AreaRow {
    /// The district at a place in the list.
    pub fn district(place: u16, district: &District, view: &View, zone: &Zone) -> Self {
        Self {
            code: district.code.to_string(),
            name_vi: district.name_vi.to_string(),
            name_en: district.name_en.to_string(),
            district: None,
            figures: Figures::new(Area::District(place), view, zone),
        }
    }

    /// The ward at a place in the list.
    pub fn ward(place: u16, ward: &Ward, view: &View, zone: &Zone) -> Self {
        Self {
            code: ward.code.to_string(),
            name_vi: ward.name_vi.to_string(),
            name_en: ward.name_en.to_string(),
            district: Some(ward.district.to_string()),
            figures: Figures::new(Area::Ward(place), view, zone),
        }
    }
}
