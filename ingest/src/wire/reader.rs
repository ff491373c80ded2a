//! Typed access to the loose fields of one event. Remembers which fields its kind has asked for.

use super::field::Field;
use super::json::{Fields, Value};
use super::text::{self, TimeFault};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::ops::RangeInclusive;
use vonglau_core::event::Degrees;
use vonglau_core::time::{Day, Time};

/// What is wrong with which field.
pub type Wrong = (&'static str, &'static str);

const MISSING: &str = "missing: an event of this kind needs it";
const NO_TEXT: &str = "not a text: write it in quotes";
// Forms, not examples: an example might be the very value that came.
const NO_TIME: &str =
    "not a time: write it as YYYY-MM-DDThh:mm:ss with Z or an offset like +07:00, of at most 14:00";
const TIME_RANGE: &str = "out of range: times run from 2000-01-01 up to, not including, 2100-01-01 UTC";
const NO_DATE: &str = "not a date: write it as YYYY-MM-DD";
const DATE_RANGE: &str = "out of range: the year must lie in 1900-2099";
const NO_ID: &str = "not an id: use 1 to 64 of A-Z a-z 0-9 _ . : -";
const TOO_LONG: &str = "too long: shorten it to the characters that the contract allows";
const NO_WHOLE: &str = "not a whole number: write it without quotes, fraction or exponent";
const WHOLE_RANGE: &str = "out of range: the contract gives the bound of this number";
const NO_DEGREES: &str = "not a number of degrees: write it without quotes";
const DEGREES_RANGE: &str = "out of range: latitudes lie within 90 and longitudes within 180 degrees";

/// Reads the fields of one event.
#[derive(Debug)]
pub struct Reader<'f, 'a> {
    fields: &'f Fields<'a>,
    asked: u64,
}

impl<'f, 'a> Reader<'f, 'a> {
    pub const fn new(fields: &'f Fields<'a>) -> Self {
        Self { fields, asked: 0 }
    }

    /// Fields that nobody asked for, null ones apart.
    pub fn ignored(&self) -> u32 {
        let unasked =
            |(field, value): &&(Field, Value<'_>)| self.asked & field.bit() == 0 && *value != Value::Null;
        let known = self.fields.known.iter().filter(unasked).count();
        self.fields.unknown + u32::try_from(known).unwrap_or(u32::MAX)
    }

    /// The value, unless absent or null.
    pub fn value(&mut self, field: Field) -> Option<&'f Value<'a>> {
        self.asked |= field.bit();
        let found = self.fields.known.iter().find(|(name, _)| *name == field);
        found.map(|(_, value)| value).filter(|value| **value != Value::Null)
    }

    pub fn text(&mut self, field: Field) -> Result<Option<&'f str>, Wrong> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err((field.name(), NO_TEXT)),
        }
    }

    /// The text, where it is of at most so many characters.
    pub fn text_max(&mut self, field: Field, chars_max: usize) -> Result<Option<Box<str>>, Wrong> {
        let fits = |text: &str| text.len() <= chars_max || text.chars().count() <= chars_max;
        match self.text(field)? {
            Some(text) if !fits(text) => Err((field.name(), TOO_LONG)),
            text => Ok(text.map(Into::into)),
        }
    }

    pub fn id(&mut self, field: Field) -> Result<Option<Box<str>>, Wrong> {
        match self.text(field)? {
            Some(text) if !text::is_id(text) => Err((field.name(), NO_ID)),
            text => Ok(text.map(Into::into)),
        }
    }

    pub fn time(&mut self, field: Field) -> Result<Option<Time>, Wrong> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        text::time(text).map(Some).map_err(|fault| match fault {
            TimeFault::Form => (field.name(), NO_TIME),
            TimeFault::Range => (field.name(), TIME_RANGE),
        })
    }

    pub fn date(&mut self, field: Field) -> Result<Option<Day>, Wrong> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        text::date(text).map(Some).map_err(|fault| match fault {
            TimeFault::Form => (field.name(), NO_DATE),
            TimeFault::Range => (field.name(), DATE_RANGE),
        })
    }

    /// One of the words of `T`; `expected` says which.
    pub fn word<T: DeserializeOwned>(
        &mut self,
        field: Field,
        expected: &'static str,
    ) -> Result<Option<T>, Wrong> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match T::deserialize(StrDeserializer::<WordError>::new(text)) {
            Ok(word) => Ok(Some(word)),
            Err(_) => Err((field.name(), expected)),
        }
    }

    pub fn whole<T: TryFrom<i64>>(
        &mut self,
        field: Field,
        bounds: RangeInclusive<i64>,
    ) -> Result<Option<T>, Wrong> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Whole(n)) if bounds.contains(n) => Ok(T::try_from(*n).ok()),
            Some(Value::Whole(_)) => Err((field.name(), WHOLE_RANGE)),
            Some(_) => Err((field.name(), NO_WHOLE)),
        }
    }

    /// Degrees within ± `bound`.
    pub fn degrees(&mut self, field: Field, bound: f64) -> Result<Option<Degrees>, Wrong> {
        #[expect(clippy::cast_precision_loss, reason = "far outside the globe where it shows")]
        let degrees = match self.value(field) {
            None => return Ok(None),
            Some(Value::Whole(n)) => *n as f64,
            Some(Value::Number(n)) => *n,
            Some(_) => return Err((field.name(), NO_DEGREES)),
        };
        if degrees.abs() <= bound { Ok(Some(Degrees(degrees))) } else { Err((field.name(), DEGREES_RANGE)) }
    }
}

/// The value, which this kind of event needs.
pub fn needed<T>(field: Field, value: Option<T>) -> Result<T, Wrong> {
    value.ok_or_else(|| (field.name(), MISSING))
}
