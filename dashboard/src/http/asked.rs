//! What a query string asks for. Unknown parameters are ignored, unknown values are answered 400 with their field.

use super::problem::Problem;
use crate::topic::district_place;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use h3o::{CellIndex, Resolution};
use vonglau_core::params::Params;
use vonglau_core::time::Time;

/// Items a page holds at most.
pub const LIMIT_MAX: usize = 1_000;
/// Items a page holds where nothing is said.
const LIMIT_DEFAULT: usize = 100;

/// The parameters of a query string, in their order.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(Problem::field("", "the query string cannot be read")),
        }
    }
}

impl Asked {
    /// These parameters.
    #[cfg(test)]
    pub(crate) const fn of(parameters: Vec<(String, String)>) -> Self {
        Self(parameters)
    }

    /// A parameter; the first where it comes twice, and none where it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let first = self.0.iter().find(|(key, _)| key == name);
        first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// One of the known words.
    pub fn word<'a>(&self, name: &str, known: &[&'a str]) -> Result<Option<&'a str>, Problem> {
        let Some(given) = self.text(name) else { return Ok(None) };
        match known.iter().find(|word| **word == given) {
            Some(word) => Ok(Some(word)),
            None => Err(Problem::field(name, format!("must be one of: {}", known.join(", ")))),
        }
    }

    /// A whole number within its bounds.
    pub fn number(&self, name: &str, from: usize, to: usize) -> Result<Option<usize>, Problem> {
        let Some(given) = self.text(name) else { return Ok(None) };
        let number = given.bytes().all(|b| b.is_ascii_digit()).then(|| given.parse().ok()).flatten();
        match number.filter(|number| (from..=to).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(Problem::field(name, format!("must be a whole number from {from} to {to}"))),
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        Ok(self.word(name, &["true", "false"])?.map(|word| word == "true"))
    }

    /// A moment.
    pub fn time(&self, name: &str) -> Result<Option<Time>, Problem> {
        // A plus sign that was not escaped comes as a space.
        let Some(given) = self.text(name).map(|text| text.replace(' ', "+")) else { return Ok(None) };
        let Some(at) = read_time(&given) else {
            return Err(Problem::field(name, "must be a time like 2021-10-15T08:31:07+07:00"));
        };
        if !(Time::MIN..Time::END).contains(&at) {
            return Err(Problem::field(name, "out of range: from 2000-01-01 up to 2100-01-01 UTC"));
        }
        Ok(Some(at))
    }

    /// A district of the city: its place in the list.
    pub fn district(&self, params: &Params) -> Result<Option<u16>, Problem> {
        let Some(code) = self.text("district") else { return Ok(None) };
        match district_place(code, params) {
            Some(place) => Ok(Some(place)),
            None => Err(Problem::field("district", "no district of the city has this code")),
        }
    }

    /// A cell of a resolution that is shown.
    pub fn cell(&self, name: &str) -> Result<Option<CellIndex>, Problem> {
        self.text(name).map(|given| read_cell(name, given)).transpose()
    }

    /// How many items a page holds.
    pub fn limit(&self) -> Result<usize, Problem> {
        Ok(self.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT))
    }
}

/// A cell of resolution 7-10.
pub fn read_cell(field: &str, given: &str) -> Result<CellIndex, Problem> {
    let cell = given.parse::<CellIndex>().ok();
    match cell.filter(|cell| (Resolution::Seven..=Resolution::Ten).contains(&cell.resolution())) {
        Some(cell) => Ok(cell),
        None => Err(Problem::field(field, "must be an H3 cell of resolution 7 to 10")),
    }
}

/// RFC 3339 with `Z` or an offset up to 14 hours, upper-case `T`; fractions of a second are cut off.
fn read_time(text: &str) -> Option<Time> {
    let (clock, zone) = text.split_at_checked(19)?;
    let local = Time::parse_utc(&format!("{clock}Z"))?;
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.find(|c: char| !c.is_ascii_digit())?;
            fraction.get(end..).filter(|_| end > 0)?
        }
        None => zone,
    };
    if zone == "Z" {
        return Some(local);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i64>().ok())
            .flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let east = hours * 3_600 + minutes * 60;
    (minutes < 60 && east <= 14 * 3_600).then(|| local.plus(-sign * east))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_any_offset_and_without_its_fraction() {
        let at = Time::parse_utc("2021-10-15T01:31:07Z");
        for text in [
            "2021-10-15T08:31:07+07:00",
            "2021-10-15T01:31:07Z",
            "2021-10-15T01:31:07.999Z",
            "2021-10-14T11:31:07.5-14:00",
        ] {
            assert_eq!(read_time(text), at, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "2021-10-15",
            "2021-10-15T08:31:07",
            "2021-10-15t08:31:07Z",
            "2021-10-15T08:31:07z",
            "2021-10-15T08:31:07.Z",
            "2021-10-15T08:31:07+14:01",
            "2021-10-15T08:31:07+07:60",
            "2021-10-15T08:31:07+0700",
            "2021-10-15T08:31:07+07:00x",
            "ngày mai",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
