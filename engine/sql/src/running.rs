//! An answer as it comes.

use crate::error::SqlError;
use crate::rows_read::RowsRead;
use crate::run::Stamp;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use futures_util::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// An answer as it comes. Dropping it stops the work.
pub struct Running {
    pub schema: SchemaRef,
    pub stamp: Stamp,
    pub(crate) rows_read: RowsRead,
    pub(crate) batches: mpsc::Receiver<Result<RecordBatch, SqlError>>,
    pub(crate) work: AbortHandle,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

impl Running {
    /// Rows that the statement has read of tables and of the archive up to now.
    pub fn rows_read(&self) -> usize {
        self.rows_read.now()
    }
}

impl Stream for Running {
    type Item = Result<RecordBatch, SqlError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.batches.poll_recv(cx)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.work.abort();
    }
}
