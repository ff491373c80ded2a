//! What all statements share: functions, settings, memory. A statement gets a copy with the tables at its moment.

use crate::bounds::Bounds;
use crate::catalog::{CATALOG, SCHEMA, register};
use crate::existing::Existing;
use crate::functions;
use crate::holding::Holding;
use crate::numbers::Planner;
use crate::repeating::Repeating;
use crate::screens::Screens;
use crate::yielding::Yielding;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::registry::FunctionRegistry as _;
use datafusion::prelude::SessionConfig;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// So many of those that hold most memory are named when there is no more.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::MIN;

/// A session without a moment.
///
/// # Errors
/// When `DataFusion` refuses the settings: a fault of ours.
pub fn template(bounds: &Bounds, zone: &Arc<str>, screens: Screens) -> Result<SessionState> {
    let pool = GreedyMemoryPool::new(bounds.memory_mib * 1024 * 1024);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, CONSUMERS_NAMED)))
        // What is sorted or grouped stays in memory: nothing of people is written to files.
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()?;
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true)
        .with_extension(Arc::new(screens))
        .with_target_partitions(bounds.threads);
    let options = config.options_mut();
    options.sql_parser.dialect = datafusion::common::config::Dialect::PostgreSQL;
    options.sql_parser.collect_spans = true;
    // What a join looks for is told to the tables by name, as far as it is worth looking it up.
    options.optimizer.hash_join_inlist_pushdown_max_size = 8 << 20;
    options.optimizer.hash_join_inlist_pushdown_max_distinct_values = 100_000;
    // What is sorted stays in one stream while its numbers become names; large tables have partitions of their own.
    options.optimizer.enable_round_robin_repartition = false;
    options.execution.time_zone = Some(zone.to_string());
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_analyzer_rule(Arc::new(Existing))
        .with_query_planner(Arc::new(Planner))
        .with_physical_optimizer_rule(Arc::new(Holding))
        .with_physical_optimizer_rule(Arc::new(Repeating))
        .with_physical_optimizer_rule(Arc::new(Yielding))
        .with_catalog_list(Arc::new(datafusion::catalog::MemoryCatalogProviderList::new()))
        .build();
    // Registered once with tables that cannot be read, so that they can be described.
    let mut state = register(state, None, zone)?;
    for function in functions::scalar_functions(zone)? {
        state.register_udf(function)?;
    }
    Ok(state)
}
