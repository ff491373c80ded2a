//! Groupings, kept up by the rows that come and go.

use super::known::{self, Asked};
use super::program::{Layers, Program};
use super::total::{Kind, Total, unheld};
use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use arrow::row::{Row, RowConverter, SortField};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use rustc_hash::FxHashMap;
use std::mem;
use std::sync::Arc;

/// What a value takes that is held one by one, about.
const VALUE_BYTES: usize = 112;

/// A grouping of what a program gives, and what is done with its rows.
#[derive(Debug)]
pub struct Grouping {
    pub below: Program,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    totals: Vec<(Kind, DataType, Arc<dyn PhysicalExpr>)>,
    kinds: Vec<Kind>,
    /// Of the grouping itself: its columns, then the totals.
    schema: SchemaRef,
    above: Layers,
    /// No row ever goes.
    only_comes: bool,
}

/// The groups there are, by their columns.
#[derive(Debug, Default)]
pub struct Groups {
    held: FxHashMap<Key, Group>,
    /// The rows of those that were worked on since it was last asked, as they were.
    before: FxHashMap<Key, Option<Vec<ScalarValue>>>,
    bytes: usize,
}

type Key = Vec<ScalarValue>;

#[derive(Debug)]
struct Group {
    rows: u64,
    totals: Vec<Total>,
}

impl Groups {
    /// What they take, about.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Grouping {
    /// Of an optimised plan; None: it is of another kind, or its totals cannot be held.
    pub fn of(plan: &LogicalPlan, session: &SessionState, only_comes: bool) -> Option<Self> {
        let (above, aggregate) = Layers::above_grouping(plan, session)?;
        let below = Program::read(&aggregate.input, session)?;
        let physical =
            |expr: &Expr| session.create_physical_expr(expr.clone(), aggregate.input.schema()).ok();
        let input = aggregate.input.schema().as_arrow();
        let keys = aggregate.group_expr.iter().map(physical).collect::<Option<Vec<_>>>()?;
        let total = |asked: &Asked| {
            let of = physical(&asked.of)?;
            Some((asked.kind, of.data_type(input).ok()?, of))
        };
        let totals = Asked::all_of(aggregate)?.iter().map(total).collect::<Option<Vec<_>>>()?;
        let kinds = totals.iter().map(|(kind, ..)| *kind).collect();
        let schema = Arc::clone(aggregate.schema.inner());
        let grouping = Self { below, keys, totals, kinds, schema, above, only_comes };
        grouping.fits(input).then_some(grouping)
    }

    /// Are the columns of the types that the plan has them?
    fn fits(&self, input: &arrow::datatypes::Schema) -> bool {
        let keys = self.keys.iter().map(|key| key.data_type(input).ok());
        let totals = self.totals.iter().map(|(kind, of, _)| kind.gives(of));
        let given: Vec<Option<DataType>> = keys.chain(totals).collect();
        let planned = self.schema.fields().iter().map(|field| Some(field.data_type().clone()));
        given.into_iter().eq(planned)
    }

    /// Works in rows of the table that went and came: the rows of the result that are no more, and those that are new.
    ///
    /// # Errors
    /// What the expressions meet in the values; a total that cannot be held exactly.
    pub fn work_in(&self, groups: &mut Groups, [gone, come]: [RecordBatch; 2]) -> Result<[RecordBatch; 2]> {
        self.take(groups, gone, false)?;
        self.take(groups, come, true)?;
        self.differing(groups)
    }

    /// Works in rows of the table that come, or go.
    ///
    /// # Errors
    /// As above.
    pub fn take(&self, groups: &mut Groups, batch: RecordBatch, comes: bool) -> Result<()> {
        self.have_one(groups)?;
        let batch = self.below.run(batch)?;
        let array = |expr: &Arc<dyn PhysicalExpr>| expr.evaluate(&batch)?.into_array(batch.num_rows());
        let keys = self.keys.iter().map(array).collect::<Result<Vec<_>>>()?;
        let args = self.totals.iter().map(|(_, _, arg)| array(arg)).collect::<Result<Vec<_>>>()?;
        for rows in by_key(&keys, batch.num_rows())? {
            let Some(first) = rows.first() else { continue };
            let cell = |array: &ArrayRef| ScalarValue::try_from_array(array, *first);
            let key = keys.iter().map(cell).collect::<Result<Vec<_>>>()?;
            let (mut held_before, mut held) = (0, 0);
            let group = self.group(groups, key)?;
            for (total, arg) in group.totals.iter_mut().zip(&args) {
                held_before += total.held();
                for row in &rows {
                    total.take(arg, *row, comes)?;
                }
                held += total.held();
            }
            let rows = rows.len() as u64;
            group.rows = if comes { group.rows + rows } else { group.rows.saturating_sub(rows) };
            groups.bytes = (groups.bytes + held * VALUE_BYTES).saturating_sub(held_before * VALUE_BYTES);
        }
        Ok(())
    }

    /// Takes in what is known of groups at a moment, in rows of its plan.
    ///
    /// # Errors
    /// A total that cannot be held exactly.
    pub fn know(&self, groups: &mut Groups, batch: &RecordBatch) -> Result<()> {
        for n in 0..batch.num_rows() {
            let (key, known) = known::row(batch, n, self.keys.len(), &self.kinds)?;
            let group = self.group(groups, key)?;
            let before: usize = group.totals.iter().map(Total::held).sum();
            group.rows += 1;
            for (total, known) in group.totals.iter_mut().zip(known) {
                total.know(known)?;
            }
            let held: usize = group.totals.iter().map(Total::held).sum();
            groups.bytes = (groups.bytes + held * VALUE_BYTES).saturating_sub(before * VALUE_BYTES);
        }
        Ok(())
    }

    /// All rows of the result, in its order; what was worked in up to here is told with them.
    ///
    /// # Errors
    /// What the expressions meet in the values; a total that does not fit its type.
    pub fn whole(&self, groups: &mut Groups) -> Result<RecordBatch> {
        self.have_one(groups)?;
        groups.before.clear();
        let rows = groups.held.iter().map(|(key, group)| group.row(key)).collect::<Result<Vec<_>>>()?;
        self.above.run_whole(self.batch(&rows)?)
    }

    /// The rows of the result that are no more, and those that are new, since it was last asked.
    ///
    /// # Errors
    /// As above.
    pub fn differing(&self, groups: &mut Groups) -> Result<[RecordBatch; 2]> {
        let (mut were, mut are) = (Vec::new(), Vec::new());
        for (key, before) in mem::take(&mut groups.before) {
            were.extend(before);
            match groups.held.get(&key) {
                Some(group) if group.rows > 0 || key.is_empty() => are.push(group.row(&key)?),
                _ => {
                    groups.bytes = groups.bytes.saturating_sub(self.bytes(&key));
                    groups.held.remove(&key);
                }
            }
        }
        Ok([self.above.run(self.batch(&were)?)?, self.above.run(self.batch(&are)?)?])
    }

    /// Without a grouping there is one row, of however many.
    fn have_one(&self, groups: &mut Groups) -> Result<()> {
        if self.keys.is_empty() && groups.held.is_empty() {
            self.group(groups, Key::new())?;
        }
        Ok(())
    }

    /// The group to be worked on.
    fn group<'a>(&self, groups: &'a mut Groups, key: Key) -> Result<&'a mut Group> {
        let Groups { held, before, bytes } = groups;
        if !before.contains_key(&key) {
            before.insert(key.clone(), held.get(&key).map(|group| group.row(&key)).transpose()?);
        }
        if !held.contains_key(&key) {
            *bytes += self.bytes(&key);
            let total = |(kind, of, _): &(Kind, DataType, _)| Total::new(*kind, of.clone(), self.only_comes);
            held.insert(key.clone(), Group { rows: 0, totals: self.totals.iter().map(total).collect() });
        }
        held.get_mut(&key).ok_or_else(unheld)
    }

    /// What a row of what is known at a moment takes here, at least.
    pub fn row_bytes(&self) -> usize {
        if self.kinds.contains(&Kind::Distinct) { VALUE_BYTES } else { self.bytes(&Key::new()) }
    }

    /// What a group takes, about.
    fn bytes(&self, key: &Key) -> usize {
        let key: usize = key.iter().map(ScalarValue::size).sum();
        key + size_of::<(Key, Group)>() + self.totals.len() * size_of::<Total>()
    }

    fn batch(&self, rows: &[Vec<ScalarValue>]) -> Result<RecordBatch> {
        let column = |(n, field): (usize, &Arc<Field>)| {
            if rows.is_empty() {
                return Ok(new_empty_array(field.data_type()));
            }
            ScalarValue::iter_to_array(rows.iter().filter_map(|row| row.get(n).cloned()))
        };
        let columns = self.schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

impl Group {
    fn row(&self, key: &[ScalarValue]) -> Result<Vec<ScalarValue>> {
        key.iter().cloned().map(Ok).chain(self.totals.iter().map(Total::value)).collect()
    }
}

/// The rows that have the same key, by number.
fn by_key(keys: &[ArrayRef], rows: usize) -> Result<Vec<Vec<usize>>> {
    if keys.is_empty() {
        return Ok(vec![(0..rows).collect()]);
    }
    let fields = keys.iter().map(|key| SortField::new(key.data_type().clone())).collect();
    let named = RowConverter::new(fields)?.convert_columns(keys)?;
    let mut places: FxHashMap<Row<'_>, usize> = FxHashMap::default();
    let mut all: Vec<Vec<usize>> = Vec::new();
    for (n, name) in named.iter().enumerate() {
        let place = *places.entry(name).or_insert(all.len());
        if place == all.len() {
            all.push(Vec::new());
        }
        if let Some(of_key) = all.get_mut(place) {
            of_key.push(n);
        }
    }
    Ok(all)
}
