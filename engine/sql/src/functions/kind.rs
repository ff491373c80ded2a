//! The kinds of parameters: which types they take, and what these are called.

use std::sync::Arc;

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

use super::clock::Clock;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An H3 cell: text of any encoding, or a 64-bit integer.
    Cell,
    Text,
    Integer,
    Double,
    /// An integer stays whole, any other number becomes a double.
    Number,
    /// A date (as text too), or a moment (its local date counts).
    Date,
    /// A moment; without a zone it is the city's clock.
    Moment,
    Interval,
}

impl Kind {
    /// As a signature tells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cell => "text|bigint",
            Self::Text => "text",
            Self::Integer => "bigint",
            Self::Double => "double precision",
            Self::Number => "number",
            Self::Date => "date|timestamptz",
            Self::Moment => "timestamptz",
            Self::Interval => "interval",
        }
    }

    /// The type to which an argument is brought; None if it cannot be meant.
    pub(super) fn coerce(self, given: &DataType, clock: &Clock) -> Option<DataType> {
        use DataType as D;
        let moment = || D::Timestamp(TimeUnit::Microsecond, Some(Arc::clone(&clock.name)));
        Some(match (self, given) {
            (Self::Cell, D::UInt64) => D::UInt64,
            (Self::Cell | Self::Text, D::Null) => D::Utf8,
            (Self::Cell | Self::Text, text) if is_text(text) => given.clone(),
            (Self::Integer | Self::Number, D::Null) => D::Int64,
            (Self::Cell | Self::Integer | Self::Number, whole) if whole.is_integer() => D::Int64,
            (Self::Double, D::Null) => D::Float64,
            (Self::Double | Self::Number, number) if number.is_numeric() => D::Float64,
            (Self::Date, D::Null | D::Date32 | D::Date64) => D::Date32,
            (Self::Date | Self::Moment, D::Timestamp(_, Some(_))) => given.clone(),
            (Self::Date | Self::Moment, D::Timestamp(unit, None)) => {
                D::Timestamp(*unit, Some(Arc::clone(&clock.name)))
            }
            (Self::Moment, D::Null) => moment(),
            // The date in it is read by the function itself: as a moment it would depend on the zone's history.
            (Self::Date, text) if is_text(text) => D::Utf8View,
            (Self::Moment, text) if is_text(text) => moment(),
            (Self::Interval, D::Interval(_) | D::Duration(_) | D::Null) => {
                D::Interval(IntervalUnit::MonthDayNano)
            }
            (Self::Interval, text) if is_text(text) => D::Interval(IntervalUnit::MonthDayNano),
            _ => return None,
        })
    }
}

fn is_text(given: &DataType) -> bool {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// PostgreSQL's name, for the types that people meet.
pub(super) fn told(given: &DataType) -> String {
    match given {
        text if is_text(text) => "text".to_owned(),
        whole if whole.is_integer() => "an integer".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "double precision".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Interval(_) => "interval".to_owned(),
        other => other.to_string(),
    }
}
