//! Values of placeholders. They are put into the statement as constants before it is planned, so that they can stand
//! wherever a constant can (in table functions too) and filters on them reach the tables.

use super::errors::{error, state};
use super::rewrite::{self, membership};
use crate::functions_of_city::CHAIN_OF;
use crate::visit;
use arrow::array::{Array, ArrayRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType as SqlType, Expr, FunctionArg, FunctionArgExpr, Statement, TableFactor, TimezoneInfo,
    UnaryOperator, Value, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;
use datafusion_postgres::arrow_pg::datatypes::df::deserialize_parameters_with_server_types;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::portal::Portal;
use datafusion_postgres::pgwire::api::stmt::StoredStatement;
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::extendedquery::Bind;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Stands for a value that is not known yet, where a constant is needed to plan: good as text and as a time.
const ANY_CONSTANT: &str = "2000-01-01 00:00:00+00";

/// Reads the values of a `Bind`; `types` are those the client or, where it left them open, the planner named.
///
/// # Errors
/// Other formats or values than there are placeholders, or a value that is none of its type.
pub fn values(bind: &Bind, types: &[Option<Type>]) -> PgWireResult<Vec<ScalarValue>> {
    let (formats, count) = (bind.parameter_format_codes.len(), bind.parameters.len());
    if formats > 1 && formats != count {
        return Err(error(state::PROTOCOL, format!("{formats} formats for {count} values")));
    }
    let typed: Vec<Option<Type>> = (0..count).map(|place| types.get(place).cloned().flatten()).collect();
    let known: Vec<Type> = typed.iter().map(|named| named.clone().unwrap_or(Type::TEXT)).collect();
    let server: Vec<Option<&Type>> = known.iter().map(Some).collect();
    let open = vec![None; count];
    let stored = Arc::new(StoredStatement::new(String::new(), (), typed));
    let portal = Portal::try_new(bind, stored)?;
    match deserialize_parameters_with_server_types(&portal, &open, &server)? {
        ParamValues::List(values) => Ok(values.into_iter().map(|value| value.value).collect()),
        ParamValues::Map(_) => Err(error(state::INTERNAL, "values have names; please tell us")),
    }
}

/// Replaces `$1`, `$2` … by constants.
///
/// # Errors
/// There is no value for one of them.
pub fn put(statement: &mut Statement, values: &[ScalarValue], types: &[Option<Type>]) -> PgWireResult<()> {
    let constants = values.iter().enumerate().map(|(place, value)| {
        let named = types.get(place).and_then(Option::as_ref);
        constant(value, named)
    });
    let constants = constants.collect::<PgWireResult<Vec<_>>>()?;
    let mut put = Put { constants: &constants, missing: None };
    visit::change(statement, &mut put);
    if let Some(name) = put.missing {
        Err(error(state::PROTOCOL, format!("there is no value for {name}")))
    } else {
        membership(statement);
        Ok(())
    }
}

/// Makes a statement that can be planned to be described: types the client named are casts, and what table functions
/// need as constants is one.
pub fn open(statement: &mut Statement, types: &[Option<Type>]) {
    visit::change(statement, &mut Open { types });
}

/// The highest placeholder of a statement.
pub fn count(statement: &Statement) -> usize {
    let mut statement = statement.clone();
    let mut highest = Highest(0);
    visit::change(&mut statement, &mut highest);
    highest.0
}

struct Put<'a> {
    constants: &'a [Expr],
    missing: Option<String>,
}

impl VisitorMut for Put<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(place) = placeholder(expr) {
            match self.constants.get(place) {
                Some(constant) => *expr = constant.clone(),
                None => self.missing = Some(expr.to_string()),
            }
        }
        ControlFlow::Continue(())
    }
}

struct Open<'a> {
    types: &'a [Option<Type>],
}

impl VisitorMut for Open<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let (name, args) = match factor {
            TableFactor::Table { name, args: Some(args), .. } => (name, &mut args.args),
            TableFactor::Function { name, args, .. } => (name, args),
            _ => return ControlFlow::Continue(()),
        };
        let is_chain = name.0.last().is_some_and(|name| name.to_string().eq_ignore_ascii_case(CHAIN_OF));
        for (place, arg) in args.iter_mut().enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg else { continue };
            // The second of a chain is how deep it is.
            let constant = if is_chain && place == 1 { number("1") } else { text(ANY_CONSTANT) };
            visit::change(expr, &mut Known { constant: &constant });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(place) = placeholder(expr)
            && let Some(sql_type) = self.types.get(place).and_then(Option::as_ref).and_then(sql_type)
        {
            let inner = std::mem::replace(expr, text(""));
            *expr = cast(inner, sql_type);
        }
        ControlFlow::Continue(())
    }
}

/// Puts a constant in place of every placeholder.
struct Known<'a> {
    constant: &'a Expr,
}

impl VisitorMut for Known<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if placeholder(expr).is_some() {
            *expr = self.constant.clone();
        }
        ControlFlow::Continue(())
    }
}

struct Highest(usize);

impl VisitorMut for Highest {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(place) = placeholder(expr) {
            self.0 = self.0.max(place + 1);
        }
        ControlFlow::Continue(())
    }
}

fn placeholder(expr: &Expr) -> Option<usize> {
    let Expr::Value(value) = expr else { return None };
    let Value::Placeholder(name) = &value.value else { return None };
    name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
}

fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).with_span(Span::empty()))
}

fn number(digits: &str) -> Expr {
    Expr::Value(Value::Number(digits.to_owned(), false).with_span(Span::empty()))
}

fn cast(expr: Expr, data_type: SqlType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

/// A value as a constant of its type; text of no named type stays open, as a constant in quotes is.
fn constant(value: &ScalarValue, named: Option<&Type>) -> PgWireResult<Expr> {
    if value.is_null() {
        let null = Expr::Value(Value::Null.with_span(Span::empty()));
        return Ok(match named.and_then(sql_type) {
            Some(sql_type) => cast(null, sql_type),
            None => null,
        });
    }
    let number = |digits: String| Expr::Value(Value::Number(digits, false).with_span(Span::empty()));
    Ok(match value {
        ScalarValue::Utf8(Some(held))
        | ScalarValue::LargeUtf8(Some(held))
        | ScalarValue::Utf8View(Some(held)) => text(held),
        ScalarValue::Boolean(Some(held)) => Expr::Value(Value::Boolean(*held).with_span(Span::empty())),
        ScalarValue::Int16(Some(held)) => signed(i64::from(*held), number),
        ScalarValue::Int32(Some(held)) => signed(i64::from(*held), number),
        ScalarValue::Int64(Some(held)) => signed(*held, number),
        ScalarValue::Float32(_) => cast(text(&value.to_string()), SqlType::Real),
        ScalarValue::Float64(_) => cast(text(&value.to_string()), SqlType::DoublePrecision),
        ScalarValue::Date32(_) => {
            cast(text(&shown(&value.to_array().map_err(unreadable)?, 0)?), SqlType::Date)
        }
        ScalarValue::TimestampMicrosecond(Some(micros), _) => time(*micros, named)?,
        ScalarValue::List(list) => array(&list.value(0), named)?,
        other => {
            let shown = shown(&other.to_array().map_err(unreadable)?, 0)?;
            match named.and_then(sql_type) {
                Some(sql_type) => cast(text(&shown), sql_type),
                None => text(&shown),
            }
        }
    })
}

fn signed(value: i64, number: impl Fn(String) -> Expr) -> Expr {
    let digits = number(value.unsigned_abs().to_string());
    if value < 0 { Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits) } } else { digits }
}

fn time(micros: i64, named: Option<&Type>) -> PgWireResult<Expr> {
    let wrong = |_| error(state::BAD_VALUE, format!("{micros} µs since 1970 is no time"));
    let at = jiff::Timestamp::from_microsecond(micros).map_err(wrong)?;
    Ok(if named == Some(&Type::TIMESTAMP) {
        let local = at.to_string().trim_end_matches('Z').replace('T', " ");
        cast(text(&local), SqlType::Timestamp(None, TimezoneInfo::None))
    } else {
        cast(text(&at.to_string()), SqlType::Timestamp(None, TimezoneInfo::Tz))
    })
}

fn array(values: &ArrayRef, named: Option<&Type>) -> PgWireResult<Expr> {
    let element = named.and_then(element_type);
    let elem = (0..values.len())
        .map(|place| {
            let value = ScalarValue::try_from_array(values, place).map_err(unreadable)?;
            constant(&value, element.as_ref())
        })
        .collect::<PgWireResult<Vec<_>>>()?;
    Ok(rewrite::array(elem))
}

fn element_type(named: &Type) -> Option<Type> {
    let kind = named.kind();
    // The kind's type is of a crate that this one does not name; its text is enough here.
    let is_array = format!("{kind:?}").starts_with("Array");
    is_array.then(|| named.name().trim_start_matches('_')).and_then(|name| {
        [
            Type::BOOL,
            Type::INT2,
            Type::INT4,
            Type::INT8,
            Type::FLOAT4,
            Type::FLOAT8,
            Type::TEXT,
            Type::VARCHAR,
        ]
        .into_iter()
        .chain([Type::DATE, Type::TIMESTAMP, Type::TIMESTAMPTZ, Type::NUMERIC])
        .find(|known| known.name() == name)
    })
}

fn shown(array: &ArrayRef, row: usize) -> PgWireResult<String> {
    let options = FormatOptions::default();
    let formatter =
        ArrayFormatter::try_new(array.as_ref(), &options).map_err(|error| unreadable(error.into()))?;
    Ok(formatter.value(row).to_string())
}

fn unreadable(wrong: datafusion::error::DataFusionError) -> datafusion_postgres::pgwire::error::PgWireError {
    error(state::BAD_VALUE, format!("a value cannot be read: {}", wrong.strip_backtrace()))
}

fn sql_type(named: &Type) -> Option<SqlType> {
    Some(match *named {
        Type::BOOL => SqlType::Boolean,
        Type::INT2 => SqlType::SmallInt(None),
        Type::INT4 | Type::OID => SqlType::Integer(None),
        Type::INT8 => SqlType::BigInt(None),
        Type::FLOAT4 => SqlType::Real,
        Type::FLOAT8 | Type::NUMERIC => SqlType::DoublePrecision,
        Type::DATE => SqlType::Date,
        Type::TIMESTAMP => SqlType::Timestamp(None, TimezoneInfo::None),
        Type::TIMESTAMPTZ => SqlType::Timestamp(None, TimezoneInfo::Tz),
        Type::INTERVAL => SqlType::Interval { fields: None, precision: None },
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => SqlType::Text,
        _ => return None,
    })
}
