//! `district_minutes` and `ward_days`: counts by window of time. They are made of other tables when they are asked, the
//! archive's part of these too, as if their statements stood in the asked one's FROM.

use crate::column::{Holds, TableDoc, column};
use crate::functions;
use crate::read::Bound;
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::functions::expr_fn::date_trunc;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, col, lit};
use std::sync::Arc;

/// A table that is made of others.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub doc: fn() -> TableDoc,
    /// Its statement, of the tables by their names in the zone of a city.
    pub plan: fn(&dyn Fn(&'static str) -> Arc<Bound>, &str) -> Result<LogicalPlan>,
}

/// All of them.
pub const WINDOWS: [Window; 2] =
    [Window { doc: minutes_doc, plan: minutes }, Window { doc: days_doc, plan: days }];

fn minutes_doc() -> TableDoc {
    TableDoc {
        name: "district_minutes",
        vi: "Lượt quét theo quận/huyện và phút; chỉ những phút có lượt quét, cả trong kho lưu trữ",
        en: "Scans by district and minute; only minutes that have some, of the archive too",
        columns: vec![
            column(
                "district",
                Holds::Word,
                "mã quận/huyện của địa điểm; trống: không rõ",
                "code of the venue's district; null: unknown",
            ),
            column("minute", Holds::Time, "đầu phút", "begin of the minute"),
            column("scans", Holds::Int, "lượt quét khác nhau", "distinct scans").unit("scans"),
        ],
    }
}

fn days_doc() -> TableDoc {
    TableDoc {
        name: "ward_days",
        vi: "Lượt quét, người quét theo phường/xã của địa điểm, và ca mới theo nơi cư trú, từng ngày; lượt quét đã bị xóa khỏi kho lưu trữ không được kể, ca bệnh thì có",
        en: "By day: scans and people by the venue's ward, new cases by the ward of residence; scans that the archive keeps no more are not counted, cases are",
        columns: vec![
            column("ward", Holds::Word, "mã phường/xã; trống: không rõ", "code of the ward; null: unknown"),
            column("day", Holds::Date, "ngày", "local day"),
            column("scans", Holds::Int, "lượt quét khác nhau", "distinct scans").unit("scans"),
            column("people", Holds::Int, "số người khác nhau", "distinct people").unit("people"),
            column("f0_new", Holds::Int, "ca mới theo ngày báo", "new cases by day of report").unit("cases"),
        ],
    }
}

fn scan_of(table: &'static str, tables: &dyn Fn(&'static str) -> Arc<Bound>) -> Result<LogicalPlanBuilder> {
    LogicalPlanBuilder::scan(table, provider_as_source(tables(table)), None)
}

/// Scans with where their venues are; a venue that nobody has told of is nowhere.
fn placed_scans(tables: &dyn Fn(&'static str) -> Arc<Bound>) -> Result<LogicalPlanBuilder> {
    let venues = scan_of("venues", tables)?.build()?;
    let venue = |table: &str| vec![Column::new(Some(table), "venue")];
    scan_of("scans", tables)?.join(venues, JoinType::Left, (venue("scans"), venue("venues")), None)
}

fn minutes(tables: &dyn Fn(&'static str) -> Arc<Bound>, _: &str) -> Result<LogicalPlan> {
    let minute = date_trunc(lit("minute"), col("scans.scanned_at")).alias("minute");
    placed_scans(tables)?
        .project([col("venues.district").alias("district"), minute])?
        .aggregate([col("district"), col("minute")], [count(lit(1)).alias("scans")])?
        .build()
}

fn days(tables: &dyn Fn(&'static str) -> Arc<Bound>, zone: &str) -> Result<LogicalPlan> {
    let day = |at: &str| functions::local_date(zone, col(at)).map(|day| day.alias("day"));
    let none = || lit(0_i64);
    let of = || [col("ward"), col("day")];
    let shown = |scans: Expr, people: Expr, cases: Expr| {
        [col("ward"), col("day"), scans.alias("scans"), people.alias("people"), cases.alias("f0_new")]
    };
    // Each person first, so that people are counted as what is left.
    let scanned = placed_scans(tables)?
        .project([
            col("venues.ward").alias("ward"),
            day("scans.scanned_at")?,
            col("scans.person").alias("person"),
        ])?
        .aggregate([col("ward"), col("day"), col("person")], [count(lit(1)).alias("scans")])?
        .aggregate(of(), [sum(col("scans")).alias("scans"), count(lit(1)).alias("people")])?
        .project(shown(col("scans"), col("people"), none()))?;
    let reported = scan_of("cases", tables)?
        .project([col("cases.ward").alias("ward"), day("cases.reported_at")?])?
        .aggregate(of(), [count(lit(1)).alias("cases")])?
        .project(shown(none(), none(), col("cases")))?;
    let all = ["scans", "people", "f0_new"].map(|name| sum(col(name)).alias(name));
    scanned.union(reported.build()?)?.aggregate(of(), all)?.build()
}
