//! What filters spare: names and spans of time that a table need not look beyond.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// A span of whole numbers, or of microseconds since 1970, both ends included; None: no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<i64>,
    pub to: Option<i64>,
}

impl Span {
    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let greater = |a: Option<i64>, b: Option<i64>| a.max(b);
        let less = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { from: greater(self.from, other.from), to: less(self.to, other.to) }
    }

    /// Nothing lies in it.
    pub const NOTHING: Self = Self { from: Some(i64::MAX), to: Some(i64::MIN) };

    /// The least span that holds both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let both = |a: Option<i64>, b: Option<i64>, of: fn(i64, i64) -> i64| a.zip(b).map(|(a, b)| of(a, b));
        Self { from: both(self.from, other.from, i64::min), to: both(self.to, other.to, i64::max) }
    }

    /// Where times can lie that are less than so much later than what lies in it.
    fn before(self, cut: i64) -> Self {
        Self { to: self.to.map(|to| to.saturating_add(cut)), ..self }
    }

    /// What a comparison with a number or a time leaves.
    pub fn one_side(op: Operator, at: i64) -> Option<Self> {
        match op {
            Operator::Eq => Some(Self { from: Some(at), to: Some(at) }),
            Operator::Gt => Some(Self { from: Some(at.saturating_add(1)), to: None }),
            Operator::GtEq => Some(Self { from: Some(at), to: None }),
            Operator::Lt => Some(Self { from: None, to: Some(at.saturating_sub(1)) }),
            Operator::LtEq => Some(Self { from: None, to: Some(at) }),
            _ => None,
        }
    }

    /// Which whole seconds lie in it: from and to, both included.
    pub fn seconds(self) -> (Option<i64>, Option<i64>) {
        let (before, after) = (|at: i64| at.div_euclid(MICROS), |at: i64| -(-at).div_euclid(MICROS));
        (self.from.map(after), self.to.map(before))
    }
}

fn is(expr: &Expr, column: &str) -> bool {
    matches!(expr, Expr::Column(Column { name, .. }) if name == column)
}

fn text(expr: &Expr) -> Option<String> {
    let Expr::Literal(value, _) = expr else { return None };
    value.try_as_str().flatten().map(ToOwned::to_owned)
}

fn micros(expr: &Expr) -> Option<i64> {
    let Expr::Literal(value, _) = expr else { return None };
    match value.cast_to(&DataType::Timestamp(TimeUnit::Microsecond, None)) {
        Ok(ScalarValue::TimestampMicrosecond(micros, _)) => micros,
        _ => None,
    }
}

/// The texts of which a filter says a column must be one.
pub fn texts(filter: &Expr, column: &str) -> Option<Vec<String>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let other = if is(left, column) {
                right
            } else if is(right, column) {
                left
            } else {
                return None;
            };
            text(other).map(|text| vec![text])
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let mut all = texts(left, column)?;
            all.extend(texts(right, column)?);
            Some(all)
        }
        Expr::InList(InList { expr, list, negated: false }) if is(expr, column) => {
            list.iter().map(text).collect()
        }
        _ => None,
    }
}

/// The span in which a filter says a column's times must lie.
pub fn span(filter: &Expr, column: &str) -> Option<Span> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            let (left, right) = (span(left, column), span(right, column));
            match (left, right) {
                (Some(left), Some(right)) => Some(left.and(right)),
                (left, right) => left.or(right),
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            if let Some(cut) = cut_off(left, column) {
                return Some(Span::one_side(*op, micros(right)?)?.before(cut));
            }
            Some(Span::one_side(op.swap()?, micros(left)?)?.before(cut_off(right, column)?))
        }
        Expr::Between(Between { expr, negated: false, low, high }) => {
            let cut = cut_off(expr, column)?;
            Some(Span { from: Some(micros(low)?), to: Some(micros(high)?) }.before(cut))
        }
        _ => None,
    }
}

/// At most so many microseconds lie between a column's time and what an expression makes of it: none for the column
/// itself, up to a minute for `date_trunc('minute', column)`.
fn cut_off(expr: &Expr, column: &str) -> Option<i64> {
    match expr {
        _ if is(expr, column) => Some(0),
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "date_trunc" => {
            let [unit, at] = args.as_slice() else { return None };
            let seconds = match text(unit)?.to_lowercase().as_str() {
                "second" => 1,
                "minute" => 60,
                "hour" => 3_600,
                // A day on which a clock is put back is longer.
                "day" => 2 * 86_400,
                _ => return None,
            };
            is(at, column).then_some(seconds * MICROS)
        }
        _ => None,
    }
}

/// The texts that all filters together leave to a column; None: any.
pub fn all_texts(filters: &[Expr], column: &str) -> Option<Vec<String>> {
    filters.iter().filter_map(|filter| texts(filter, column)).reduce(|mut some, others| {
        some.retain(|text| others.contains(text));
        some
    })
}

/// The span that all filters together leave to a column.
pub fn all_spans(filters: &[Expr], column: &str) -> Span {
    filters.iter().filter_map(|filter| span(filter, column)).fold(Span::default(), Span::and)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::functions::expr_fn::date_trunc;
    use datafusion::prelude::{col, lit};

    #[test]
    fn names_and_spans_are_found_in_filters() {
        let filter = col("person").eq(lit("a")).or(col("person").eq(lit("b")));
        assert_eq!(texts(&filter, "person"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(texts(&filter, "venue"), None);
        assert_eq!(texts(&col("person").eq(lit("a")).or(col("venue").eq(lit("b"))), "person"), None);
        let at = |micros| lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())));
        let filter = col("start_at").gt_eq(at(5)).and(at(9).gt(col("start_at")));
        assert_eq!(span(&filter, "start_at"), Some(Span { from: Some(5), to: Some(8) }));
        assert_eq!(Span { from: Some(1), to: Some(1_999_999) }.seconds(), (Some(1), Some(1)));
        assert_eq!(
            span(&col("start_at").between(at(1), at(2)), "start_at"),
            Some(Span { from: Some(1), to: Some(2) })
        );
        assert_eq!(span(&col("start_at").not_between(at(1), at(2)), "start_at"), None);
        let minute = date_trunc(lit("minute"), col("start_at")).eq(at(120_000_000));
        let whole = Span { from: Some(120_000_000), to: Some(180_000_000) };
        assert_eq!(span(&minute, "start_at"), Some(whole));
        assert_eq!(span(&date_trunc(lit("month"), col("start_at")).eq(at(0)), "start_at"), None);
        let both = [col("venue").in_list(vec![lit("x"), lit("y")], false), col("venue").eq(lit("y"))];
        assert_eq!(all_texts(&both, "venue"), Some(vec!["y".to_owned()]));
    }
}
