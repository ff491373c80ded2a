//! Local time and windows of time in the city's zone.

mod window;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Date32Type, Int32Type};
use datafusion::common::Result;
use vonglau_core::time::{DAY, HOUR};

use super::call::{Call, Kind, Spec};

/// `local_date`, `local_hour`, `tumble`, `hop`.
pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "local_date",
        params: &[("at", Kind::Moment)],
        returns: |_, _| DataType::Date32,
        result: "date",
        run: local_date,
        days: Some(|day| (i64::from(day), i64::from(day) + 1)),
        vi: "Ngày theo giờ của thành phố.",
        en: "The date on the city's clock.",
    },
    Spec {
        name: "local_hour",
        params: &[("at", Kind::Moment)],
        returns: |_, _| DataType::Int32,
        result: "integer",
        run: local_hour,
        days: None,
        vi: "Giờ trong ngày theo giờ của thành phố, 0 đến 23.",
        en: "The hour of the day on the city's clock, 0 to 23.",
    },
    Spec {
        name: "tumble",
        params: &[("at", Kind::Moment), ("width", Kind::Interval)],
        returns: window::start_type,
        result: "timestamptz",
        run: window::tumble,
        days: None,
        vi: "Lúc bắt đầu của cửa sổ liền nhau chứa thời điểm này. Cửa sổ tính theo giờ của thành phố; cửa sổ 7 ngày bắt đầu từ thứ Hai. Tháng: date_trunc('month', at).",
        en: "The start of the back-to-back window that holds this moment. Windows follow the city's clock; windows of 7 days begin on Monday. For months: date_trunc('month', at).",
    },
    Spec {
        name: "hop",
        params: &[("at", Kind::Moment), ("width", Kind::Interval), ("step", Kind::Interval)],
        returns: window::starts_type,
        result: "timestamptz[]",
        run: window::hop,
        days: None,
        vi: "Lúc bắt đầu của mọi cửa sổ gối nhau chứa thời điểm này: dài width, cứ mỗi step lại mở một cửa sổ (tối đa 1000). Dùng với unnest.",
        en: "The starts of all overlapping windows that hold this moment: each is width long, a new one opens every step (1000 at most). Use it with unnest.",
    },
];

fn local_date(call: &Call<'_>) -> Result<ArrayRef> {
    let days = call.local::<Date32Type>(0, |seconds| i32::try_from(seconds.div_euclid(DAY)).ok())?;
    Ok(Arc::new(days))
}

fn local_hour(call: &Call<'_>) -> Result<ArrayRef> {
    let hours = call.local::<Int32Type>(0, |seconds| i32::try_from(seconds.rem_euclid(DAY) / HOUR).ok())?;
    Ok(Arc::new(hours))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Session, one};

    #[tokio::test]
    async fn the_date_changes_at_the_citys_midnight() {
        assert_eq!(one("local_date(timestamptz '2021-10-14T16:59:59Z')").await, "2021-10-14");
        assert_eq!(one("local_date(timestamptz '2021-10-14T17:00:00Z')").await, "2021-10-15");
        assert_eq!(one("local_hour(timestamptz '2021-10-14T16:59:59Z')").await, "23");
        assert_eq!(one("local_hour(timestamptz '2021-10-14T17:00:00Z')").await, "0");
    }

    #[tokio::test]
    async fn every_unit_of_time_and_moments_before_1970_count_alike() {
        for unit in ["Second", "Millisecond", "Microsecond", "Nanosecond"] {
            for (at, date, hour) in
                [("2021-10-14T17:00:00Z", "2021-10-15", "0"), ("1969-12-31T15:59:59Z", "1969-12-31", "23")]
            {
                let typed = format!("arrow_cast('{at}', 'Timestamp({unit}, Some(\"UTC\"))')");
                assert_eq!(one(&format!("local_date({typed})")).await, date, "{unit}");
                assert_eq!(one(&format!("local_hour({typed})")).await, hour, "{unit}");
            }
        }
    }

    #[tokio::test]
    async fn a_time_without_a_zone_is_the_citys_clock() {
        assert_eq!(one("local_hour(timestamp '2021-10-15 00:30:00')").await, "0");
        // South of the border the clock was eight hours east of UTC until 1975.
        assert_eq!(one("local_hour(timestamptz '1970-01-01T00:00:00Z')").await, "8");
        assert_eq!(one("local_date('2021-10-15 23:59:59')").await, "2021-10-15");
        assert_eq!(one("local_date('2021-10-15T23:59:59Z')").await, "2021-10-16");
        assert_eq!(one("local_hour(NULL)").await, "");
    }

    #[tokio::test]
    async fn a_time_that_no_calendar_knows_is_an_error() {
        let error = Session::new()
            .fails("SELECT local_date(arrow_cast(9223372036854775807, 'Timestamp(Second, Some(\"UTC\"))'))")
            .await;
        assert!(error.contains("local_date: a time is out of range"), "{error}");
    }

    #[tokio::test]
    async fn a_filter_by_local_date_becomes_a_range_of_time() {
        let session = Session::new();
        let plan = session.plan("SELECT * FROM scans WHERE local_date(scanned_at) = date '2021-10-15'").await;
        assert!(!plan.contains("local_date"), "{plan}");
        assert!(plan.contains("scanned_at >= ") && plan.contains("scanned_at < "), "{plan}");
        for (filter, rows) in [
            ("= date '2021-10-15'", "4"),
            ("<> date '2021-10-15'", "2"),
            ("> date '2021-10-15'", "1"),
            ("<= date '2021-10-15'", "5"),
        ] {
            let sql = format!("SELECT count(*) FROM scans WHERE local_date(scanned_at) {filter}");
            assert_eq!(session.cell(&sql).await, rows, "{filter}");
        }
    }

    #[tokio::test]
    async fn where_the_clock_changes_a_filter_is_left_as_it_is() {
        let session = Session::of("Europe/Berlin");
        let near = "SELECT * FROM scans WHERE local_date(scanned_at) = date '2021-10-31'";
        assert!(session.plan(near).await.contains("local_date"));
        let far = "SELECT * FROM scans WHERE local_date(scanned_at) = date '2021-10-15'";
        assert!(!session.plan(far).await.contains("local_date"));
    }
}
