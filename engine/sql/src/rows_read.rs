//! How many rows a statement has read.

use crate::read_exec::{ROWS_READ, ReadExec};
use datafusion::datasource::physical_plan::ParquetSource;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use std::sync::Arc;

/// The readings of a plan: of tables and of files of the archive. What is written in the statement, or told of the
/// catalog, is not read.
#[derive(Debug, Default)]
pub struct RowsRead(Vec<Arc<dyn ExecutionPlan>>);

impl RowsRead {
    /// Of a plan that is going to run.
    pub fn of(plan: &Arc<dyn ExecutionPlan>) -> Self {
        let mut readings = Vec::new();
        collect(plan, &mut readings);
        Self(readings)
    }

    /// Rows up to now, before the filters: those of times, people and venues that were passed over are not among them.
    pub fn now(&self) -> usize {
        self.0.iter().filter_map(|reading| reading.metrics()).map(|metrics| rows(&metrics)).sum()
    }
}

fn collect(plan: &Arc<dyn ExecutionPlan>, readings: &mut Vec<Arc<dyn ExecutionPlan>>) {
    let is_of_files = |source: &DataSourceExec| source.downcast_to_file_source::<ParquetSource>().is_some();
    if plan.is::<ReadExec>() || plan.downcast_ref().is_some_and(is_of_files) {
        readings.push(Arc::clone(plan));
    }
    for child in plan.children() {
        collect(child, readings);
    }
}

fn rows(metrics: &MetricsSet) -> usize {
    let looked_at = metrics.sum_by_name(ROWS_READ).map(|count| count.as_usize());
    looked_at.or_else(|| metrics.output_rows()).unwrap_or(0)
}
