//! What a statement may take.

use std::time::Duration;

/// Bounds of statements, each with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// A statement runs so long at most.
    pub statement_timeout_s: u64,
    /// Rows of an answer in JSON; the others stream without such a bound.
    pub rows_max: usize,
    /// Memory that all statements together may hold while they sort, group and join.
    pub memory_mib: usize,
    /// Statements at once, of one user and of all.
    pub queries_per_user: usize,
    pub queries: usize,
    /// Threads that run statements.
    pub threads: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            statement_timeout_s: 60,
            rows_max: 10_000,
            memory_mib: 1_024,
            queries_per_user: 12,
            queries: 24,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}

impl Bounds {
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.statement_timeout_s)
    }
}
