//! A session with a handful of scans, for the tests of functions.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::{SessionConfig, SessionContext};
use vonglau_core::time::Time;

use super::register;

/// When people were scanned: one on the 14th, four on the 15th, one on the 16th (Hanoi), and one nobody knows when.
const SCANS: [(&str, &str, Option<&str>); 7] = [
    ("p1", "CHỢ HÔM – Đức Viên", Some("2021-10-14T16:59:59Z")),
    ("p1", "CHỢ HÔM – Đức Viên", Some("2021-10-14T17:00:00Z")),
    ("p2", "CHỢ HÔM – Đức Viên", Some("2021-10-15T01:31:07Z")),
    ("p3", "Bến xe Mỹ Đình", Some("2021-10-15T01:44:59Z")),
    ("p3", "Bến xe Mỹ Đình", Some("2021-10-15T16:59:59Z")),
    ("p2", "Bến xe Mỹ Đình", Some("2021-10-15T17:00:00Z")),
    ("p4", "Bến xe Mỹ Đình", None),
];

pub(super) struct Session {
    context: SessionContext,
}

impl Session {
    pub(super) fn new() -> Self {
        Self::of("Asia/Ho_Chi_Minh")
    }

    pub(super) fn of(zone: &str) -> Self {
        let context = context(zone);
        let micros = |at: Option<&str>| at.map(|at| Time::parse_utc(at).unwrap().0 * 1_000_000);
        let at: TimestampMicrosecondArray = SCANS.iter().map(|scan| micros(scan.2)).collect();
        let columns: [(_, ArrayRef); 3] = [
            ("person", Arc::new(SCANS.iter().map(|scan| Some(scan.0)).collect::<StringArray>())),
            ("venue", Arc::new(SCANS.iter().map(|scan| Some(scan.1)).collect::<StringArray>())),
            ("scanned_at", Arc::new(at.with_timezone(zone))),
        ];
        let scans =
            RecordBatch::try_from_iter_with_nullable(columns.map(|(name, values)| (name, values, true)));
        context.register_batch("scans", scans.unwrap()).unwrap();
        Self { context }
    }

    /// Each row as text, its columns parted by `|`, null as nothing.
    pub(super) async fn rows(&self, sql: &str) -> Vec<String> {
        let batches = self.context.sql(sql).await.unwrap().collect().await.unwrap();
        let options = FormatOptions::new();
        let rows = batches.iter().flat_map(|batch| {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
                .collect();
            let row = |row| columns.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>().join("|");
            (0..batch.num_rows()).map(row).collect::<Vec<_>>()
        });
        rows.collect()
    }

    /// The one value of the one row.
    pub(super) async fn cell(&self, sql: &str) -> String {
        let mut rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows.pop().unwrap()
    }

    pub(super) async fn fails(&self, sql: &str) -> String {
        match self.context.sql(sql).await {
            Err(error) => error.to_string(),
            Ok(frame) => frame.collect().await.unwrap_err().to_string(),
        }
    }

    /// The plan after the optimizer.
    pub(super) async fn plan(&self, sql: &str) -> String {
        self.context.sql(sql).await.unwrap().into_optimized_plan().unwrap().display_indent().to_string()
    }
}

/// A session that has the functions.
pub(super) fn context(zone: &str) -> SessionContext {
    let config = SessionConfig::new().set_str("datafusion.execution.time_zone", zone);
    let context = SessionContext::new_with_config(config);
    register(&mut context.state_ref().write(), zone).unwrap();
    context
}

/// The value of an expression.
pub(super) async fn one(expression: &str) -> String {
    Session::new().cell(&format!("SELECT {expression}")).await
}

/// The error of an expression.
pub(super) async fn fails(expression: &str) -> String {
    Session::new().fails(&format!("SELECT {expression}")).await
}
