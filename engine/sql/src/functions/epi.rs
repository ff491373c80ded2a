//! Rates, epidemiological weeks and ages.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, StringViewBuilder};
use arrow::compute::kernels::arity::binary;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use datafusion::common::{DataFusionError, Result};
use vonglau_core::figure::{Figure, ratio};
use vonglau_core::time::Day;

use super::call::{Call, Kind, Spec, out_of_range, primitive};
use super::clock::{iso_week, monday};

/// `rate_per_100k`, the epidemiological weeks, and the ages.
pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "rate_per_100k",
        params: &[("n", Kind::Number), ("population", Kind::Number)],
        returns: |_, _| DataType::Float64,
        result: "double precision",
        run: rate_per_100k,
        days: None,
        vi: "n trên 100.000 dân, làm tròn (nửa thì lên) đến hai chữ số thập phân; null khi dân số là null hoặc 0.",
        en: "n per 100,000 people, half up to two decimals; null where the population is null or 0.",
    },
    Spec {
        name: "epi_week",
        params: &[("day", Kind::Date)],
        returns: |_, _| DataType::Int32,
        result: "integer",
        run: |call| Ok(Arc::new(call.weeks(|(_, week)| week)?)),
        days: None,
        vi: "Tuần dịch tễ 1 đến 53 theo ISO 8601 (bắt đầu thứ Hai, thuộc năm của ngày thứ Năm), như giám sát của WHO.",
        en: "The epidemiological week 1 to 53 by ISO 8601 (begins on Monday, belongs to its Thursday's year), as in WHO's surveillance.",
    },
    Spec {
        name: "epi_year",
        params: &[("day", Kind::Date)],
        returns: |_, _| DataType::Int32,
        result: "integer",
        run: |call| Ok(Arc::new(call.weeks(|(year, _)| year)?)),
        days: None,
        vi: "Năm mà tuần dịch tễ thuộc về; 2021-01-01 nằm ở tuần 53 của năm 2020.",
        en: "The year to which the epidemiological week belongs; 2021-01-01 lies in week 53 of 2020.",
    },
    Spec {
        name: "epi_week_start",
        params: &[("day", Kind::Date)],
        returns: |_, _| DataType::Date32,
        result: "date",
        run: epi_week_start,
        days: Some(week_of),
        vi: "Thứ Hai đầu tuần dịch tễ.",
        en: "The Monday on which the epidemiological week begins.",
    },
    Spec {
        name: "age_years",
        params: &[("born", Kind::Date), ("on_day", Kind::Date)],
        returns: |_, _| DataType::Int32,
        result: "integer",
        run: age_years,
        days: None,
        vi: "Tuổi tròn năm vào một ngày; null trước ngày sinh. Người sinh 29/2 thêm tuổi vào 1/3 của năm không nhuận.",
        en: "Age in whole years on a day; null before birth. Who is born on 29 February turns older on 1 March of common years.",
    },
    Spec {
        name: "age_band",
        params: &[("age", Kind::Integer)],
        returns: |_, _| DataType::Utf8View,
        result: "text",
        run: age_band,
        days: None,
        vi: "Nhóm tuổi: 0-4, 5-11, 12-17, 18-49, 50-64, 65+; null khi tuổi âm.",
        en: "The age group: 0-4, 5-11, 12-17, 18-49, 50-64, 65+; null for an age below 0.",
    },
];

/// Counts are divided once, in whole numbers, as the figure `incidence_7d_100k` is.
fn rate_per_100k(call: &Call<'_>) -> Result<ArrayRef> {
    let (n, population) = (call.array(0)?, call.array(1)?);
    if n.data_type() == &DataType::Int64 && population.data_type() == &DataType::Int64 {
        let (n, population) = (primitive::<Int64Type>(&n)?, primitive::<Int64Type>(&population)?);
        let rates = n.iter().zip(population).map(|(n, population)| {
            let rate = ratio(i128::from(n?) * 100_000, i128::from(population?), 2)?;
            Some(Figure::Incidence7d100k.number(rate))
        });
        return Ok(Arc::new(rates.collect::<Float64Array>()));
    }
    let (n, population) = (
        arrow::compute::cast(&n, &DataType::Float64)?,
        arrow::compute::cast(&population, &DataType::Float64)?,
    );
    let (n, population) = (primitive::<Float64Type>(&n)?, primitive::<Float64Type>(&population)?);
    let rates = n.iter().zip(population).map(|(n, population)| {
        let (n, population) = (n?, population.filter(|population| *population > 0.0)?);
        Some((n * 1e5 / population * 100.0 + 0.5).floor() / 100.0)
    });
    Ok(Arc::new(rates.collect::<Float64Array>()))
}

impl Call<'_> {
    fn weeks(&self, part: impl Fn((i32, i32)) -> i32) -> Result<Int32Array> {
        self.days(0)?.try_unary(|day| match iso_week(day) {
            Some(week) => Ok::<_, DataFusionError>(part(week)),
            None => out_of_range(self.name, "a date"),
        })
    }
}

fn epi_week_start(call: &Call<'_>) -> Result<ArrayRef> {
    let mondays = call.days(0)?.try_unary::<_, Date32Type, DataFusionError>(|day| {
        i32::try_from(monday(day)).or_else(|_| out_of_range(call.name, "a date"))
    })?;
    Ok(Arc::new(mondays))
}

/// The days of the week that begins here. No week begins on any other day: a comparison with one parts the weeks at the
/// next Monday.
fn week_of(day: i32) -> (i64, i64) {
    let (first, this) = (i64::from(day), monday(day));
    if this == first { (first, first + 7) } else { (this + 7, this + 7) }
}

fn age_years(call: &Call<'_>) -> Result<ArrayRef> {
    let ages: Int32Array = binary(&call.days(0)?, &call.days(1)?, age)?;
    Ok(Arc::new(ages.iter().map(|age| age.filter(|age| *age >= 0)).collect::<Int32Array>()))
}

/// Whole years from a birth to a day; below 0 before the birth.
fn age(born: i32, on: i32) -> i32 {
    let (year, month, day) = Day(born).civil();
    let (on_year, on_month, on_day) = Day(on).civil();
    on_year - year - i32::from((on_month, on_day) < (month, day))
}

fn age_band(call: &Call<'_>) -> Result<ArrayRef> {
    let ages = call.array(0)?;
    let ages = primitive::<Int64Type>(&ages)?;
    let mut bands = StringViewBuilder::with_capacity(ages.len());
    for age in ages {
        bands.append_option(age.and_then(band));
    }
    Ok(Arc::new(bands.finish()))
}

fn band(age: i64) -> Option<&'static str> {
    Some(match age {
        ..0 => return None,
        0..5 => "0-4",
        5..12 => "5-11",
        12..18 => "12-17",
        18..50 => "18-49",
        50..65 => "50-64",
        65.. => "65+",
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Session, fails, one};
    use super::*;

    #[tokio::test]
    async fn a_rate_is_rounded_half_up_as_the_incidence_is() {
        for (call, rate) in [
            ("rate_per_100k(1, 800000)", "0.13"),
            ("rate_per_100k(200, 3)", "6666666.67"),
            ("rate_per_100k(0, 5)", "0.0"),
            ("rate_per_100k(5, 0)", ""),
            ("rate_per_100k(5, -1)", ""),
            ("rate_per_100k(5, NULL)", ""),
            ("rate_per_100k(NULL, 5)", ""),
            ("rate_per_100k(1.5, 1000)", "150.0"),
            ("rate_per_100k(3, 0.0)", ""),
            ("rate_per_100k(CAST(3 AS INT UNSIGNED), CAST(1000 AS SMALLINT))", "300.0"),
            ("rate_per_100k(9223372036854775807, 9223372036854775807)", "100000.0"),
        ] {
            assert_eq!(one(call).await, rate, "{call}");
        }
        let sum = "SELECT rate_per_100k(sum(n), 1000) FROM (VALUES (1), (2), (NULL)) AS t(n)";
        assert_eq!(Session::new().cell(sum).await, "300.0");
    }

    #[tokio::test]
    async fn the_years_borders_follow_iso_8601() {
        for (day, year, week, start) in [
            ("2020-12-27", 2020, 52, "2020-12-21"),
            ("2020-12-28", 2020, 53, "2020-12-28"),
            ("2021-01-01", 2020, 53, "2020-12-28"),
            ("2021-01-03", 2020, 53, "2020-12-28"),
            ("2021-01-04", 2021, 1, "2021-01-04"),
            ("2021-10-15", 2021, 41, "2021-10-11"),
            ("2022-01-02", 2021, 52, "2021-12-27"),
            ("2019-12-30", 2020, 1, "2019-12-30"),
            ("2015-12-31", 2015, 53, "2015-12-28"),
            ("1969-12-29", 1970, 1, "1969-12-29"),
            ("1970-01-01", 1970, 1, "1969-12-29"),
        ] {
            assert_eq!(one(&format!("epi_year(date '{day}')")).await, year.to_string(), "{day}");
            assert_eq!(one(&format!("epi_week(date '{day}')")).await, week.to_string(), "{day}");
            assert_eq!(one(&format!("epi_week_start('{day}')")).await, start, "{day}");
        }
    }

    #[tokio::test]
    async fn a_moments_week_is_that_of_the_citys_date() {
        assert_eq!(one("epi_week(timestamptz '2021-01-03T16:59:59Z')").await, "53");
        assert_eq!(one("epi_week(timestamptz '2021-01-03T17:00:00Z')").await, "1");
        assert_eq!(one("epi_year(timestamptz '2021-01-03T17:00:00Z')").await, "2021");
        assert_eq!(one("epi_week_start(timestamptz '2021-01-03T17:00:00Z')").await, "2021-01-04");
        assert_eq!(one("epi_week(NULL)").await, "");
        let error = fails("epi_week(53)").await;
        assert!(
            error.contains("argument 1 (day) of epi_week is date|timestamptz, not an integer"),
            "{error}"
        );
    }

    #[test]
    fn every_week_of_a_century_has_seven_days_and_the_years_have_52_or_53() {
        let mut weeks = std::collections::BTreeMap::<_, u32>::new();
        // From Monday 2001-01-01 to Sunday 2100-12-26 or later.
        for day in 11_323..47_848 {
            *weeks.entry(iso_week(day).unwrap()).or_default() += 1;
            assert_eq!(iso_week(i32::try_from(monday(day)).unwrap()), iso_week(day));
        }
        let last = weeks.pop_last().unwrap();
        assert!(last.1 <= 7);
        assert!(weeks.values().all(|days| *days == 7));
        let long = weeks.keys().filter(|(_, week)| *week == 53).count();
        assert_eq!(long, 18);
        assert!(weeks.keys().all(|(_, week)| (1..=53).contains(week)));
    }

    #[test]
    fn no_day_at_all_makes_a_panic() {
        for day in [i32::MIN, i32::MIN + 3, -1, 0, i32::MAX] {
            let (_, _) = (iso_week(day), monday(day));
            let (_, _) = (age(day, i32::MAX), age(i32::MIN, day));
        }
    }

    #[tokio::test]
    async fn a_filter_by_week_becomes_a_range_of_time() {
        let session = Session::new();
        let of_week = "SELECT count(*) FROM scans WHERE epi_week_start(scanned_at) = date '2021-10-11'";
        let plan = session.plan(of_week).await;
        assert!(!plan.contains("epi_week_start"), "{plan}");
        assert_eq!(session.cell(of_week).await, "6");
        for (filter, rows) in [
            ("<> date '2021-10-11'", "0"),
            ("> date '2021-10-10'", "6"),
            ("= date '2021-10-12'", "0"),
            (">= date '2021-10-12'", "0"),
            ("> date '2021-10-12'", "0"),
            ("<= date '2021-10-12'", "6"),
            ("< date '2021-10-12'", "6"),
            ("< date '2021-10-11'", "0"),
        ] {
            let sql = format!("SELECT count(*) FROM scans WHERE epi_week_start(scanned_at) {filter}");
            assert!(!session.plan(&sql).await.contains("epi_week_start"), "{filter}");
            assert_eq!(session.cell(&sql).await, rows, "{filter}");
        }
    }

    #[tokio::test]
    async fn an_age_counts_whole_years() {
        for (born, on, age) in [
            ("1980-02-14", "2021-02-13", "40"),
            ("1980-02-14", "2021-02-14", "41"),
            ("2020-02-29", "2021-02-28", "0"),
            ("2020-02-29", "2021-03-01", "1"),
            ("2021-10-15", "2021-10-15", "0"),
            ("2021-10-16", "2021-10-15", ""),
        ] {
            assert_eq!(one(&format!("age_years(date '{born}', date '{on}')")).await, age, "{born} {on}");
        }
        assert_eq!(one("age_years(date '1980-10-15', timestamptz '2021-10-14T17:00:00Z')").await, "41");
        assert_eq!(one("age_years(date '1980-10-15', NULL)").await, "");
        // A birth long ago is that date, whatever the zone's clock was then.
        assert_eq!(one("age_years('1960-05-03', '2021-05-03')").await, "61");
        assert_eq!(one("age_years('1930-05-03', '2021-05-02')").await, "90");
        let error = fails("age_years('1960-05-03T00:00:00Z', '2021-05-03')").await;
        assert!(error.contains("is not a date like 2021-10-15"), "{error}");
    }

    #[tokio::test]
    async fn an_age_has_one_band() {
        for (age, band) in [
            ("-1", ""),
            ("0", "0-4"),
            ("4", "0-4"),
            ("5", "5-11"),
            ("11", "5-11"),
            ("12", "12-17"),
            ("17", "12-17"),
            ("18", "18-49"),
            ("49", "18-49"),
            ("50", "50-64"),
            ("64", "50-64"),
            ("65", "65+"),
            ("120", "65+"),
            ("NULL", ""),
        ] {
            assert_eq!(one(&format!("age_band({age})")).await, band, "{age}");
        }
        let error = fails("age_band(1.5)").await;
        assert!(error.contains("argument 1 (age) of age_band is bigint, not double precision"), "{error}");
        let error = fails("age_band(1, 2)").await;
        assert!(error.contains("age_band takes 1 arguments, not 2: age_band(age bigint) → text"), "{error}");
    }
}
