//! An operator that gives its input's batches on and changes nothing of what they mean: it looks at them, waits, counts,
//! or cuts them smaller.

use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
    ReplaceChildrenOptions, SendableRecordBatchStream,
};
use futures_util::StreamExt as _;
use std::fmt;
use std::sync::Arc;

/// What is done to the batches on their way.
pub trait Watch: fmt::Debug + Send + Sync {
    /// As `EXPLAIN` shows it.
    fn name(&self) -> &'static str;

    /// The same rows in the same order.
    ///
    /// # Errors
    /// What keeps it from looking.
    fn watch(
        self: Arc<Self>,
        batches: SendableRecordBatchStream,
        task: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream>;
}

/// Looks at each batch on its way, and may refuse it.
pub trait Look: fmt::Debug + Send + Sync + 'static {
    /// As `EXPLAIN` shows it.
    const NAME: &'static str;

    /// # Errors
    /// Why the batch does not go on.
    fn look(&self, batch: &RecordBatch, task: &TaskContext) -> Result<()>;
}

#[derive(Debug)]
struct Watching<L>(L);

impl<L: Look> Watch for Watching<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn watch(
        self: Arc<Self>,
        batches: SendableRecordBatchStream,
        task: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (schema, task) = (batches.schema(), Arc::clone(task));
        let batches = batches.map(move |batch| {
            let batch = batch?;
            self.0.look(&batch, &task)?;
            Ok(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

/// Gives its input's batches on, watched.
#[derive(Debug)]
pub struct PassingExec {
    input: Arc<dyn ExecutionPlan>,
    watch: Arc<dyn Watch>,
}

impl PassingExec {
    pub fn over(input: Arc<dyn ExecutionPlan>, watch: Arc<dyn Watch>) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { input, watch })
    }

    /// Over an input whose batches are only looked at.
    pub fn looking(input: Arc<dyn ExecutionPlan>, look: impl Look) -> Arc<dyn ExecutionPlan> {
        Self::over(input, Arc::new(Watching(look)))
    }
}

impl DisplayAs for PassingExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.watch.name())
    }
}

impl ExecutionPlan for PassingExec {
    fn name(&self) -> &'static str {
        "PassingExec"
    }

    /// The very ones of its input: to the operators above, nothing has changed.
    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Self::over(input, Arc::clone(&self.watch)))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, Arc::clone(&task))?;
        Arc::clone(&self.watch).watch(batches, &task)
    }
}
