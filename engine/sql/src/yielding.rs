//! Statements look up and give way: so that one can be stopped, and so that the screens go first.
//!
//! `DataFusion` lets the operators that read look up; a join that goes on for minutes over what it has read never would.

use crate::passing::{PassingExec, Watch};
use crate::screens::Screens;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::{CooperativeExec, make_cooperative};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use futures_util::StreamExt as _;
use std::sync::Arc;

/// Operators that give more rows than they are given.
const GROWING: [&str; 7] = [
    "CrossJoinExec",
    "NestedLoopJoinExec",
    "HashJoinExec",
    "SortMergeJoinExec",
    "PiecewiseMergeJoinExec",
    "UnnestExec",
    "RecursiveQueryExec",
];

/// Puts [`GiveWay`] over what reads, be it of the live tables or of files, and lets what makes many rows of few look
/// up. The last of a plan's rules: all others see through to what reads.
#[derive(Debug)]
pub struct Yielding;

impl PhysicalOptimizerRule for Yielding {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let wrapped = plan.transform_up(|node| {
            if node.children().is_empty() {
                Ok(Transformed::yes(PassingExec::over(node, Arc::new(GiveWay))))
            } else if GROWING.contains(&node.name()) {
                Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>))
            } else {
                Ok(Transformed::no(node))
            }
        });
        Ok(wrapped?.data)
    }

    fn name(&self) -> &'static str {
        "yielding"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// After each batch it looks up, and gives way to the screens.
#[derive(Debug)]
struct GiveWay;

impl Watch for GiveWay {
    fn name(&self) -> &'static str {
        "GiveWay"
    }

    fn watch(
        self: Arc<Self>,
        batches: SendableRecordBatchStream,
        task: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = batches.schema();
        let screens = task.session_config().get_extension::<Screens>();
        let batches = batches.map(move |batch| {
            if let Some(screens) = &screens {
                screens.give_way();
            }
            batch
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(schema, batches))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array};
    use arrow::record_batch::RecordBatch;
    use datafusion::catalog::memory::MemorySourceConfig;
    use datafusion::physical_plan::displayable;
    use datafusion::physical_plan::limit::GlobalLimitExec;
    use datafusion::prelude::{SessionConfig, SessionContext};
    use futures_util::TryStreamExt as _;
    use std::time::{Duration, Instant};

    /// A limit over a source that is none of ours, after the rule.
    fn plan() -> Arc<dyn ExecutionPlan> {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let schema = batch.schema();
        let source = MemorySourceConfig::try_new_exec(&[vec![batch]], schema, None).unwrap();
        let plan = Arc::new(GlobalLimitExec::new(source, 0, Some(2)));
        Yielding.optimize(plan, &ConfigOptions::default()).unwrap()
    }

    #[test]
    fn whatever_reads_gives_way() {
        let shown = displayable(&*plan()).indent(false).to_string();
        let steps: Vec<&str> =
            shown.lines().filter_map(|line| line.trim().split([':', ' ']).next()).collect();
        assert_eq!(steps, ["GlobalLimitExec", "GiveWay", "DataSourceExec"]);
    }

    #[tokio::test]
    async fn what_is_read_comes_after_the_picture_that_is_due() {
        let screens = Screens::default();
        let config = SessionConfig::new().with_extension(Arc::new(screens.clone()));
        let task = SessionContext::new_with_config(config).task_ctx();
        let due = Instant::now() + Duration::from_millis(2);
        screens.next_due(due);
        let batches: Vec<RecordBatch> = plan().execute(0, task).unwrap().try_collect().await.unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
        assert!(Instant::now() >= due, "it rested until after the picture");
    }
}
