//! Operators that can make many rows of few look up now and then, so that a statement can be stopped.
//!
//! `DataFusion` lets the operators that read look up; a join that goes on for minutes over what it has read never would.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
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

/// Lets such operators look up after some batches.
#[derive(Debug)]
pub struct Yielding;

impl PhysicalOptimizerRule for Yielding {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let wrapped = plan.transform_up(|node| {
            if GROWING.contains(&node.name()) {
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
