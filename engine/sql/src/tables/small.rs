//! Tables that are made whole in one go, when they are read.

use crate::city::City;
use crate::column::{TableDoc, rows};
use crate::read::{Reading, Source};
use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use std::fmt;
use std::sync::Arc;

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

/// A table that is small, or made of what is small.
#[derive(Clone, Copy)]
pub struct Small {
    pub doc: fn() -> TableDoc,
    /// Its columns.
    pub make: fn(&City) -> Result<Vec<ArrayRef>>,
}

impl fmt::Debug for Small {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Small").field(&(self.doc)().name).finish()
    }
}

impl Source for Small {
    fn doc(&self) -> TableDoc {
        (self.doc)()
    }

    fn plan(
        &self,
        city: &Arc<City>,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: usize,
    ) -> Result<Reading> {
        let (city, schema, projection, make) =
            (Arc::clone(city), Arc::clone(schema), projection.cloned(), self.make);
        let read = move || -> crate::read::Batches {
            let made = make(&city).and_then(|columns| rows(&schema, columns, projection.as_ref()));
            match made {
                Ok(batch) => {
                    let all = batch.num_rows();
                    let cuts = (0..all).step_by(BATCH_ROWS);
                    Box::new(cuts.map(move |from| Ok(batch.slice(from, BATCH_ROWS.min(all - from)))))
                }
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        };
        Ok(Reading::one(read))
    }
}
