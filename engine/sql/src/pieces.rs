//! Reading the store's rows piece by piece, for the tables that are made of them.
//!
//! Filters are used three times: to choose the half-days, people and venues that are looked at (those that a join has
//! made, when reading begins); to pass rows on the columns that they need; and only for what is left, the other columns
//! are made.

use crate::city::City;
use crate::names::Register;
use crate::pushdown::{Span, all_texts};
use crate::read::{Asked, BATCH_ROWS, Batches, Reading, Refined, Rows};
use crate::refine::{self, Predicate};
use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::PhysicalExpr;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use vonglau_core::moment::{Piece, RowFilter, Wanted};
use vonglau_core::time::Time;

/// Seconds since 1970 from and to which something has begun, both included.
pub type Begun = (Option<i64>, Option<i64>);

/// Some rows of a piece.
#[derive(Clone, Debug)]
pub struct Chosen {
    range: Range<usize>,
    /// Places within the range; None: all of it.
    places: Option<Vec<u32>>,
}

impl Chosen {
    /// The values of these rows.
    pub fn of<'v, T: Copy>(&self, values: &'v [T]) -> Cow<'v, [T]> {
        let values = &values[self.range.clone()];
        match &self.places {
            None => Cow::Borrowed(values),
            Some(places) => places.iter().map(|place| values[*place as usize]).collect(),
        }
    }

    fn len(&self) -> usize {
        self.places.as_ref().map_or_else(|| self.range.len(), Vec::len)
    }

    /// Some of these rows, by their places among them.
    fn keep(self, passed: Vec<u32>) -> Self {
        let places = match self.places {
            None => passed,
            Some(places) => passed.into_iter().map(|place| places[place as usize]).collect(),
        };
        Self { range: self.range, places: Some(places) }
    }
}

/// What is read of one piece, in columns of numbers; batches are cut of it.
pub trait Columns: Send + 'static {
    /// When rows have begun whose columns lie in some spans.
    fn begun(span: &dyn Fn(&str) -> Span) -> Begun;
    /// The column that tells how many seconds rows last.
    const LASTING: Option<&'static str> = None;
    /// Does [`RowFilter`] leave just the rows that a filter of this column alone lets through?
    fn is_exact(column: &str) -> bool;
    /// What must be read for some columns of the table; `is_cut`: of one day of the archive.
    fn wanted(columns: &[usize], is_cut: bool) -> Wanted;
    fn read(city: &City, piece: &Piece, filter: &RowFilter, wanted: Wanted) -> Self;
    fn rows(&self) -> usize;
    /// One column of the table, of some rows.
    fn column(&self, city: &City, column: usize, rows: &Chosen) -> Result<ArrayRef>;
}

/// Which rows filters leave: by the columns `person` and `venue`, and begun within a span of seconds.
pub fn row_filter(city: &City, filters: &[Expr], begun: Begun) -> RowFilter {
    let registers = city.taken.moment.registers();
    let few = |names: &Vec<String>| city.taken.moment.is_worth_looking_up(names.len());
    let persons = all_texts(filters, "person").filter(few).map(|names| registers.people_of(&names));
    let venues = all_texts(filters, "venue").filter(few).map(|names| registers.venues_of(&names));
    let (first, to) = (begun.0.map(Time), begun.1.map(|to| Time(to.saturating_add(1))));
    // Of a day of the archive no row begins later, nor earlier than the longest visit before.
    let (day_first, day_to) =
        (city.cut.map(|cut| cut.from.plus(-i64::from(u16::MAX))), city.cut.map(|cut| cut.to));
    let to = [to, day_to].into_iter().flatten().min();
    RowFilter { persons, venues, first: first.max(day_first), to, lasting: None }
}

/// What is read, once all filters are known.
#[derive(Debug)]
struct Work {
    filter: RowFilter,
    pieces: Vec<Piece>,
}

/// The columns that are given on.
struct Given {
    schema: SchemaRef,
    /// Places among those that are read.
    places: Vec<usize>,
}

/// A table's reading, before it begins.
struct Plan {
    asked: Asked,
    filter: RowFilter,
    partitions: usize,
}

/// Plans to read all rows that a filter leaves.
pub fn plan<C: Columns>(asked: Asked, filter: RowFilter, rows: Rows) -> Reading {
    let pieces = asked.city.taken.moment.pieces(&filter).len();
    let told = told(&asked.city, &filter, pieces);
    let partitions = asked.threads.clamp(1, pieces.max(1));
    let plan = Arc::new(Plan { asked, filter, partitions });
    let read = move |partition: usize, refined: &Refined| -> Batches { plan.read::<C>(partition, refined) };
    Reading { partitions, told, rows, refines: true, read: Arc::new(read) }
}

impl Plan {
    fn read<C: Columns>(self: &Arc<Self>, partition: usize, refined: &Refined) -> Batches {
        let work = refined.shared.get_or_init(|| Arc::new(self.work::<C>(refined)));
        let Ok(work) = Arc::clone(work).downcast::<Work>() else { return Box::new(std::iter::empty()) };
        let left = refine::conjuncts(&refined.filters, |part| !self.is_met::<C>(part));
        let predicates: Arc<[Predicate]> = match Predicate::all(left, &self.asked.schema) {
            Ok(predicates) => predicates.into(),
            Err(error) => return Box::new(std::iter::once(Err(error))),
        };
        let given = refined.given.clone().unwrap_or_else(|| (0..self.asked.columns.len()).collect());
        let given = match self.asked.schema.project(&given) {
            Ok(schema) => Given { schema: Arc::new(schema), places: given },
            Err(error) => return Box::new(std::iter::once(Err(error.into()))),
        };
        let needed = predicates.iter().flat_map(|predicate| &predicate.columns).chain(&given.places);
        let needed: Vec<usize> = needed.map(|place| self.asked.columns[*place]).collect();
        let wanted = C::wanted(&needed, self.asked.city.cut.is_some());
        let (plan, given) = (Arc::clone(self), Arc::new(given));
        let mine = (partition..work.pieces.len()).step_by(self.partitions);
        let (filters, looked_at) = (refined.filters.clone(), refined.looked_at.clone());
        Box::new(mine.flat_map(move |n| {
            let filter = bounded::<C>(&work.filter, &filters);
            let read = C::read(&plan.asked.city, &work.pieces[n], &filter, wanted);
            let (plan, predicates, given) = (Arc::clone(&plan), Arc::clone(&predicates), Arc::clone(&given));
            let (all, looked_at) = (read.rows(), looked_at.clone());
            let ranges = (0..all).step_by(BATCH_ROWS).map(move |from| from..all.min(from + BATCH_ROWS));
            ranges.filter_map(move |range| {
                looked_at.add(range.len());
                plan.batch(&read, range, &predicates, &given).transpose()
            })
        }))
    }

    /// Is a filter met by every row that the narrowed [`RowFilter`] leaves?
    fn is_met<C: Columns>(&self, filter: &dyn PhysicalExpr) -> bool {
        let mut names = self.asked.schema.fields().iter().map(|field| field.name().as_str());
        names.any(|name| {
            let is_used = match name {
                "person" | "venue" => self.values(filter, name).is_some(),
                _ => refine::span(filter, name).is_some(),
            };
            is_used && C::is_exact(name)
        })
    }

    /// The names or numbers of which a filter says a column must be one, as far as it is worth looking them up.
    fn values(&self, filter: &dyn PhysicalExpr, column: &str) -> Option<Vec<ScalarValue>> {
        let few = |values: &Vec<_>| self.asked.city.taken.moment.is_worth_looking_up(values.len());
        refine::values(filter, column).filter(few)
    }

    /// The n-th column that is read, of some rows.
    fn column<C: Columns>(&self, read: &C, n: usize, rows: &Chosen) -> Result<ArrayRef> {
        self.asked.fit(n, read.column(&self.asked.city, self.asked.columns[n], rows)?)
    }

    /// Some rows of a piece; None where no filter lets any through.
    fn batch<C: Columns>(
        &self,
        read: &C,
        range: Range<usize>,
        predicates: &[Predicate],
        given: &Given,
    ) -> Result<Option<RecordBatch>> {
        let mut rows = Chosen { range, places: None };
        for predicate in predicates {
            if rows.len() == 0 || !predicate.is_asked() {
                continue;
            }
            let arrays = predicate.columns.iter().map(|place| self.column(read, *place, &rows));
            if let Some(passed) = predicate.pass(arrays.collect::<Result<Vec<_>>>()?, rows.len())? {
                rows = rows.keep(passed);
            }
        }
        if rows.len() == 0 {
            return Ok(None);
        }
        let arrays = given.places.iter().map(|place| self.column(read, *place, &rows));
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        Ok(Some(RecordBatch::try_new_with_options(Arc::clone(&given.schema), arrays, &options)?))
    }

    /// Narrows the rows looked at by filters that are known only now.
    fn work<C: Columns>(&self, refined: &Refined) -> Work {
        let Asked { city, schema, .. } = &self.asked;
        let mut filter = self.filter.clone();
        let mut spans: Vec<(String, Span)> = Vec::new();
        refine::each_conjunct(&refined.filters, &mut |part| {
            if let Some(values) = self.values(part, "person") {
                narrow(&mut filter.persons, city.names.held(Register::People, &values));
            }
            if let Some(values) = self.values(part, "venue") {
                narrow(&mut filter.venues, city.names.held(Register::Venues, &values));
            }
            for field in schema.fields() {
                spans.extend(refine::span(part, field.name()).map(|span| (field.name().clone(), span)));
            }
        });
        narrow_begun(
            &mut filter,
            C::begun(&|column| {
                let of = spans.iter().filter(|(name, _)| name == column).map(|(_, span)| *span);
                of.fold(Span::default(), Span::and)
            }),
        );
        Work { pieces: city.taken.moment.pieces(&filter), filter }
    }
}

/// A filter narrowed by what rows must be to get through others as these are now: a sort that wants the first few has
/// more to say with every piece.
fn bounded<'f, C: Columns>(filter: &'f RowFilter, filters: &[Arc<dyn PhysicalExpr>]) -> Cow<'f, RowFilter> {
    // Few rows are read where names are looked up.
    if filters.is_empty() || filter.persons.is_some() || filter.venues.is_some() {
        return Cow::Borrowed(filter);
    }
    let bound = |column: &str| {
        filters.iter().map(|filter| refine::bound(filter, column)).fold(Span::default(), Span::and)
    };
    let mut narrowed = filter.clone();
    narrow_begun(&mut narrowed, C::begun(&bound));
    narrowed.lasting = C::LASTING.and_then(|column| bound(column).from);
    Cow::Owned(narrowed)
}

fn narrow_begun(filter: &mut RowFilter, (from, to): Begun) {
    filter.first = filter.first.max(from.map(Time));
    let to = to.map(|to| Time(to.saturating_add(1)));
    filter.to = [filter.to, to].into_iter().flatten().min();
}

fn narrow(held: &mut Option<Vec<u32>>, found: Vec<u32>) {
    match held {
        Some(held) => held.retain(|number| found.binary_search(number).is_ok()),
        None => *held = Some(found),
    }
}

/// What EXPLAIN says: what is used of the filters, and how much is read.
fn told(city: &City, filter: &RowFilter, pieces: usize) -> String {
    let count = |what: &str, chosen: &Option<Vec<u32>>| {
        chosen.as_ref().map(|chosen| format!("{what}={}", chosen.len()))
    };
    let at = |what: &str, at: Option<Time>| at.map(|at| format!("{what} {}", city.params.zone.write(at)));
    let all = city.taken.moment.pieces(&RowFilter::default()).len();
    let parts = [
        count("persons", &filter.persons),
        count("venues", &filter.venues),
        at("begun from", filter.first),
        at("begun before", filter.to),
        Some(format!("pieces={pieces} of {all}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// When rows have begun whose ends lie in a span: nothing lasts longer than 65,535 seconds.
pub fn begun_before(ends: Span) -> Begun {
    let (from, to) = ends.seconds();
    (from.map(|from| from.saturating_sub(i64::from(u16::MAX))), to)
}
