//! Windows of time on the city's clock. Their grid begins at local midnight of Monday, 1970-01-05.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, PrimitiveArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{
    ArrowTimestampType, DataType, Field, IntervalMonthDayNano, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use vonglau_core::time::DAY;

use super::super::call::{Call, out_of_range, primitive};
use super::super::clock::{Clock, ticks};

/// Local midnight of the first Monday, in seconds of the local clock.
const GRID: i64 = 4 * DAY;
/// At most so many windows hold one moment.
const WINDOWS_MAX: i64 = 1_000;

/// A moment in the city's zone, as fine as the column.
pub(super) fn start_type(given: &[DataType], clock: &Clock) -> DataType {
    let unit = match given.first() {
        Some(DataType::Timestamp(unit, _)) => *unit,
        _ => TimeUnit::Microsecond,
    };
    DataType::Timestamp(unit, Some(Arc::clone(&clock.name)))
}

pub(super) fn starts_type(given: &[DataType], clock: &Clock) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(start_type(given, clock), true)))
}

pub(super) fn tumble(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    match unit(call, &array)? {
        TimeUnit::Second => tumble_by::<TimestampSecondType>(call, &array),
        TimeUnit::Millisecond => tumble_by::<TimestampMillisecondType>(call, &array),
        TimeUnit::Microsecond => tumble_by::<TimestampMicrosecondType>(call, &array),
        TimeUnit::Nanosecond => tumble_by::<TimestampNanosecondType>(call, &array),
    }
}

pub(super) fn hop(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    match unit(call, &array)? {
        TimeUnit::Second => hop_by::<TimestampSecondType>(call, &array),
        TimeUnit::Millisecond => hop_by::<TimestampMillisecondType>(call, &array),
        TimeUnit::Microsecond => hop_by::<TimestampMicrosecondType>(call, &array),
        TimeUnit::Nanosecond => hop_by::<TimestampNanosecondType>(call, &array),
    }
}

fn unit(call: &Call<'_>, array: &dyn Array) -> Result<TimeUnit> {
    match array.data_type() {
        DataType::Timestamp(unit, _) => Ok(*unit),
        other => internal_err!("{}: {other} is not a time", call.name),
    }
}

fn tumble_by<U: ArrowTimestampType>(call: &Call<'_>, array: &dyn Array) -> Result<ArrayRef> {
    let at = primitive::<U>(array)?;
    let starts: PrimitiveArray<U> = match length(call, 1, "width", U::UNIT)? {
        None => PrimitiveArray::new_null(at.len()),
        Some(width) => {
            let grid = Grid { clock: call.clock, ticks: ticks(U::UNIT), step: width };
            at.try_unary(|at| grid.start(at).map_or_else(|| out_of_range(call.name, "a time"), Ok))?
        }
    };
    Ok(Arc::new(starts.with_timezone(Arc::clone(&call.clock.name))))
}

fn hop_by<U: ArrowTimestampType>(call: &Call<'_>, array: &dyn Array) -> Result<ArrayRef> {
    let at = primitive::<U>(array)?;
    let field = Arc::new(Field::new_list_field(start_type(&[at.data_type().clone()], call.clock), true));
    let lengths = (length(call, 1, "width", U::UNIT)?, length(call, 2, "step", U::UNIT)?);
    let (Some(width), Some(step)) = lengths else {
        return Ok(Arc::new(ListArray::new_null(field, at.len())));
    };
    if (width - 1) / step >= WINDOWS_MAX {
        return exec_err!("hop: over {WINDOWS_MAX} windows would hold one moment; make step longer");
    }
    let grid = Grid { clock: call.clock, ticks: ticks(U::UNIT), step };
    let mut starts = Vec::new();
    let mut ends = Vec::with_capacity(at.len() + 1);
    ends.push(0);
    for at in at {
        let held = at.map(|at| grid.starts(at, width, &mut starts));
        if held == Some(None) {
            return out_of_range(call.name, "a time");
        }
        ends.push(
            i32::try_from(starts.len())
                .map_err(|_too_many| exec_datafusion_err!("hop: too many windows at once"))?,
        );
    }
    let starts: PrimitiveArray<U> = PrimitiveArray::from_iter_values(starts);
    let starts = starts.with_timezone(Arc::clone(&call.clock.name));
    let list =
        ListArray::try_new(field, OffsetBuffer::new(ends.into()), Arc::new(starts), at.nulls().cloned())?;
    Ok(Arc::new(list))
}

/// Starts of windows, `step` apart on the local clock.
struct Grid<'a> {
    clock: &'a Clock,
    /// Of the column's unit, in a second.
    ticks: i64,
    /// In the column's unit.
    step: i64,
}

impl Grid<'_> {
    /// The offset in force at a moment, in the column's unit.
    fn offset(&self, at: i64) -> i64 {
        self.clock.offset(at.div_euclid(self.ticks)) * self.ticks
    }

    /// The last start at or before the local clock's time at `at`, by the local clock.
    fn local_start(&self, at: i64, offset: i64) -> Option<i64> {
        let since = at.checked_add(offset)?.checked_sub(GRID * self.ticks)?;
        since.checked_sub(since.rem_euclid(self.step))?.checked_add(GRID * self.ticks)
    }

    /// A time of the local clock as a moment, by the offset of the moment asked about, if it already held then.
    fn moment(&self, local: i64, offset: i64) -> Option<i64> {
        let at = local.checked_sub(offset)?;
        let then = self.offset(at);
        if then == offset { Some(at) } else { local.checked_sub(then) }
    }

    fn start(&self, at: i64) -> Option<i64> {
        let offset = self.offset(at);
        self.moment(self.local_start(at, offset)?, offset)
    }

    /// Adds the starts of all windows that hold `at`, the earliest first.
    fn starts(&self, at: i64, width: i64, into: &mut Vec<i64>) -> Option<()> {
        let offset = self.offset(at);
        let local = at.checked_add(offset)?;
        let last = self.local_start(at, offset)?;
        // A window holds its start, not its end.
        let room = width.checked_sub(1)?.checked_sub(local.checked_sub(last)?)?;
        if room < 0 {
            return Some(());
        }
        for back in (0..=room / self.step).rev() {
            into.push(self.moment(last.checked_sub(back.checked_mul(self.step)?)?, offset)?);
        }
        Some(())
    }
}

/// The length of an interval in the column's unit; None if it is null.
fn length(call: &Call<'_>, index: usize, param: &str, unit: TimeUnit) -> Result<Option<i64>> {
    let name = call.name;
    let interval = match call.arg(index)? {
        ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(interval)) => *interval,
        ColumnarValue::Scalar(value) if value.is_null() => None,
        ColumnarValue::Scalar(value) => return internal_err!("{name}: {} as an interval", value.data_type()),
        ColumnarValue::Array(_) => {
            return exec_err!("{name}: {param} must be the same for all rows, like interval '15 minutes'");
        }
    };
    let Some(IntervalMonthDayNano { months, days, nanoseconds }) = interval else { return Ok(None) };
    if months != 0 {
        return exec_err!("{name}: months differ in length; use date_trunc('month', at)");
    }
    let nanoseconds = i128::from(days) * i128::from(DAY) * 1_000_000_000 + i128::from(nanoseconds);
    let tick = i128::from(1_000_000_000 / ticks(unit));
    if nanoseconds <= 0 {
        return exec_err!("{name}: {param} must be longer than nothing, like interval '15 minutes'");
    }
    if nanoseconds % tick != 0 {
        return exec_err!("{name}: {param} is finer than the column's times");
    }
    i64::try_from(nanoseconds / tick)
        .map_or_else(|_| out_of_range(name, "the width"), |length| Ok(Some(length)))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Session, fails, one};

    #[tokio::test]
    async fn a_window_begins_on_the_citys_clock() {
        let at = "timestamptz '2021-10-15T01:31:07Z'";
        for (width, start) in [
            ("15 minutes", "2021-10-15T08:30:00+07:00"),
            ("1 hour", "2021-10-15T08:00:00+07:00"),
            ("1 day", "2021-10-15T00:00:00+07:00"),
            ("7 days", "2021-10-11T00:00:00+07:00"),
            ("1 week", "2021-10-11T00:00:00+07:00"),
            ("1 second", "2021-10-15T08:31:07+07:00"),
        ] {
            assert_eq!(one(&format!("tumble({at}, interval '{width}')")).await, start, "{width}");
        }
        assert_eq!(one(&format!("tumble({at}, '15 minutes')")).await, "2021-10-15T08:30:00+07:00");
        assert_eq!(one("tumble(NULL, interval '1 hour')").await, "");
        assert_eq!(one(&format!("tumble({at}, NULL)")).await, "");
    }

    #[tokio::test]
    async fn a_width_that_is_no_width_says_what_to_do() {
        let at = "timestamptz '2021-10-15T01:31:07Z'";
        for (width, told) in [
            ("interval '1 month'", "date_trunc('month', at)"),
            ("interval '0 minutes'", "longer than nothing"),
            ("interval '-1 day'", "longer than nothing"),
            ("15", "argument 2 (width) of tumble is interval, not an integer"),
        ] {
            let error = fails(&format!("tumble({at}, {width})")).await;
            assert!(error.contains(told), "{width}: {error}");
        }
        let coarse = "arrow_cast('2021-10-15T01:31:07Z', 'Timestamp(Second, Some(\"UTC\"))')";
        let error = fails(&format!("tumble({coarse}, interval '500 milliseconds')")).await;
        assert!(error.contains("finer"), "{error}");
    }

    #[tokio::test]
    async fn a_moment_lies_in_every_window_that_holds_it() {
        let hop = |at: &str| format!("hop(timestamptz '{at}', interval '1 hour', interval '20 minutes')");
        let starts = "[2021-10-15T07:40:00+07:00, 2021-10-15T08:00:00+07:00, 2021-10-15T08:20:00+07:00]";
        assert_eq!(one(&hop("2021-10-15T01:31:07Z")).await, starts);
        assert_eq!(one(&hop("2021-10-15T01:20:00Z")).await, starts);
        assert_eq!(one(&hop("2021-10-15T01:39:59Z")).await, starts);
        // Windows shorter than their step leave gaps.
        let sparse = "hop(timestamptz '2021-10-15T01:31:07Z', interval '10 minutes', interval '1 hour')";
        assert_eq!(one(sparse).await, "[]");
        let many = "hop(timestamptz '2021-10-15T01:31:07Z', interval '1 day', interval '1 second')";
        assert!(fails(many).await.contains("1000 windows"));
        assert_eq!(one("hop(NULL, interval '1 hour', interval '20 minutes')").await, "");
    }

    #[tokio::test]
    async fn a_column_of_moments_keeps_its_nulls_and_its_order() {
        let session = Session::new();
        let rows = session
            .rows("SELECT tumble(scanned_at, interval '1 day') AS day, count(*) FROM scans GROUP BY day ORDER BY day")
            .await;
        let expected = [
            "2021-10-14T00:00:00+07:00|1",
            "2021-10-15T00:00:00+07:00|4",
            "2021-10-16T00:00:00+07:00|1",
            "|1",
        ];
        assert_eq!(rows, expected);
    }

    #[tokio::test]
    async fn windows_survive_a_change_of_the_clock() {
        let berlin = Session::of("Europe/Berlin");
        // The second 02:30 of that night is after the first.
        for (at, start) in [
            ("2021-10-31T00:31:00Z", "2021-10-31T02:30:00+02:00"),
            ("2021-10-31T01:31:00Z", "2021-10-31T02:30:00+01:00"),
        ] {
            let sql = format!("SELECT tumble(timestamptz '{at}', interval '15 minutes')");
            assert_eq!(berlin.cell(&sql).await, start);
        }
        let day = "SELECT tumble(timestamptz '2021-10-31T12:00:00Z', interval '1 day')";
        assert_eq!(berlin.cell(day).await, "2021-10-31T00:00:00+02:00");
    }
}
