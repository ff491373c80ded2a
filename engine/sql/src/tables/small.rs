//! Tables that are made whole in one go, when they are read.

use crate::city::City;
use crate::column::TableDoc;
use crate::read::{Asked, Reading, Source};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use std::fmt;

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

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        Ok(asked.made(self.make))
    }
}
