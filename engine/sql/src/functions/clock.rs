//! The city's clock over columns of moments.

use std::sync::Arc;

use arrow::array::{Array, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, ArrowTimestampType, DataType, Date32Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::interval_arithmetic::Interval;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use vonglau_core::time::{DAY, Day, Time, Zone};

use super::call::{Call, out_of_range, primitive};

/// Farther from 1970 than this many seconds no calendar is meant (about two million years).
const FARTHEST: i64 = 60_000_000_000_000;

/// The city's zone with its name.
pub(super) struct Clock {
    pub name: Arc<str>,
    pub zone: Zone,
}

impl Clock {
    /// A zone of the database that is built in, with all its changes until 2100.
    pub(super) fn named(name: &str) -> Result<Self> {
        let unknown = |error| plan_datafusion_err!("the zone {name:?} cannot be used: {error}");
        let zone = TimeZone::get(name).map_err(unknown)?;
        let begin = Timestamp::MIN;
        let changes = zone
            .following(begin)
            .map(|change| (Time(change.timestamp().as_second()), change.offset().seconds()))
            .take_while(|(from, _)| *from < Time::END)
            .collect();
        Ok(Self { name: name.into(), zone: Zone { first_offset: zone.to_offset(begin).seconds(), changes } })
    }

    /// Seconds east of UTC at so many seconds since 1970.
    pub(super) fn offset(&self, seconds: i64) -> i64 {
        i64::from(self.zone.offset(Time(seconds)))
    }

    /// The moments whose local date lies in `[first, after)` (days since 1970), in the column's type; None where the
    /// zone changes near its ends, so that local dates might not ascend with time.
    pub(super) fn range(&self, first: i64, after: i64, of: &DataType) -> Result<Option<Interval>> {
        let DataType::Timestamp(unit, zone) = of else { return Ok(None) };
        let (near, far) = ((first - 2).checked_mul(DAY), (after + 2).checked_mul(DAY));
        let (Some(near), Some(far)) = (near, far) else { return Ok(None) };
        if zone.is_none() || self.zone.changes.iter().any(|(at, _)| (near..far).contains(&at.0)) {
            return Ok(None);
        }
        let offset = self.offset(near);
        let bound = |day: i64| (day * DAY - offset).checked_mul(ticks(*unit));
        let (Some(lower), Some(upper)) = (bound(first), bound(after)) else { return Ok(None) };
        let moment = |at| match unit {
            TimeUnit::Second => ScalarValue::TimestampSecond(Some(at), zone.clone()),
            TimeUnit::Millisecond => ScalarValue::TimestampMillisecond(Some(at), zone.clone()),
            TimeUnit::Microsecond => ScalarValue::TimestampMicrosecond(Some(at), zone.clone()),
            TimeUnit::Nanosecond => ScalarValue::TimestampNanosecond(Some(at), zone.clone()),
        };
        Interval::try_new(moment(lower), moment(upper)).map(Some)
    }
}

/// How many of the unit make a second.
pub(super) const fn ticks(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

impl Call<'_> {
    /// An argument of moments, by its local clock: `of` is given seconds since 1970 of the local clock.
    pub(super) fn local<T: ArrowPrimitiveType>(
        &self,
        index: usize,
        of: impl Fn(i64) -> Option<T::Native>,
    ) -> Result<PrimitiveArray<T>> {
        let array = self.array(index)?;
        let DataType::Timestamp(unit, _) = array.data_type() else {
            return out_of_range(self.name, "what is not a time");
        };
        match unit {
            TimeUnit::Second => self.local_by::<TimestampSecondType, T>(&array, of),
            TimeUnit::Millisecond => self.local_by::<TimestampMillisecondType, T>(&array, of),
            TimeUnit::Microsecond => self.local_by::<TimestampMicrosecondType, T>(&array, of),
            TimeUnit::Nanosecond => self.local_by::<TimestampNanosecondType, T>(&array, of),
        }
    }

    fn local_by<U: ArrowTimestampType, T: ArrowPrimitiveType>(
        &self,
        array: &dyn Array,
        of: impl Fn(i64) -> Option<T::Native>,
    ) -> Result<PrimitiveArray<T>> {
        let ticks = ticks(U::UNIT);
        primitive::<U>(array)?.try_unary(|at| {
            let seconds = at.div_euclid(ticks);
            if seconds.unsigned_abs() > FARTHEST.unsigned_abs() {
                return out_of_range(self.name, "a time");
            }
            match of(seconds + self.clock.offset(seconds)) {
                Some(value) => Ok::<_, DataFusionError>(value),
                None => out_of_range(self.name, "a time"),
            }
        })
    }

    /// An argument of dates, or of moments by their local date: days since 1970.
    pub(super) fn days(&self, index: usize) -> Result<PrimitiveArray<Date32Type>> {
        let array = self.array(index)?;
        match array.data_type() {
            DataType::Date32 => Ok(primitive::<Date32Type>(&array)?.clone()),
            DataType::Utf8View => {
                let day = |text: Option<&str>| text.map(|text| self.day(text)).transpose();
                array.as_string_view().iter().map(day).collect()
            }
            _ => self.local(index, |seconds| i32::try_from(seconds.div_euclid(DAY)).ok()),
        }
    }

    /// A date as text. A time as text is refused: whose midnight counts would be a guess.
    fn day(&self, text: &str) -> Result<i32> {
        if let Some(day) = Day::parse(text) {
            Ok(day.0)
        } else {
            exec_err!(
                "{}: {text:?} is not a date like 2021-10-15; write a time as timestamptz '…'",
                self.name
            )
        }
    }
}

/// The ISO 8601 year and week of a day: weeks begin on Monday and belong to the year of their Thursday.
pub(super) fn iso_week(day: i32) -> Option<(i32, i32)> {
    let thursday = i32::try_from(monday(day) + 3).ok()?;
    let (year, _, _) = Day(thursday).civil();
    let new_year = Day::of(year, 1, 1)?;
    Some((year, (thursday - new_year.0) / 7 + 1))
}

/// The Monday on or before a day, in days since 1970 (which began on a Thursday).
pub(super) fn monday(day: i32) -> i64 {
    let day = i64::from(day);
    day - (day + 3).rem_euclid(7)
}
