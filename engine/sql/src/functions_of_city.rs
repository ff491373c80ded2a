//! Functions that are asked of the moment: when it is, and who met whom.

use crate::city::City;
use crate::column::{Column, Holds, TableDoc, column, int, real, text, time};
use crate::error::{SqlError, SqlErrorKind};
use crate::read::{Asked, Bound, Reading, Source};
use crate::tables::contacts::{self, Contacts};
use crate::tables::visits::Visits;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::common::cast::as_string_view_array;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::core::{greatest, least};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility, cast, col, create_udf, lit,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};
use vonglau_core::rows::{ChainNode, Class};
use vonglau_core::time::Time;

/// How `lag()` is called within, so that the window function of that name stays what it is.
pub const LAG: &str = "lag_s";
/// Functions that give tables.
pub const TABLE_FUNCTIONS: [&str; 3] = ["contacts_of", "chain_of", "exposed_at"];

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;
/// Letters of `2021-10-15 07:00`.
const MINUTE_LETTERS: usize = 16;

/// A constant of the moment.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Constant {
    name: &'static str,
    shown: &'static str,
    value: ScalarValue,
    signature: Signature,
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        self.name
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn display_name(&self, _: &[Expr]) -> Result<String> {
        Ok(self.shown.to_owned())
    }
    fn schema_name(&self, _: &[Expr]) -> Result<String> {
        Ok(self.shown.to_owned())
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.value.data_type())
    }
    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.value.clone()))
    }
}

/// `as_of()`, `stream_seq()` and `lag()` of a moment; without one only their types are true.
pub fn constants(city: Option<&City>, zone: &Arc<str>) -> Vec<ScalarUDF> {
    let now = city.and_then(|city| city.taken.moment.now()).map(|now| now.0 * MICROS);
    let seq = city.map(|city| i64::try_from(city.taken.stream_seq).unwrap_or(i64::MAX));
    let lag_s = city.map(|city| std::time::Duration::from_millis(city.taken.lag_ms).as_secs_f64());
    let constant = |name, shown, value| {
        ScalarUDF::new_from_impl(Constant {
            name,
            shown,
            value,
            signature: Signature::nullary(Volatility::Stable),
        })
    };
    vec![
        constant("as_of", "as_of", ScalarValue::TimestampMicrosecond(now, Some(Arc::clone(zone)))),
        constant("stream_seq", "stream_seq", ScalarValue::Int64(seq)),
        constant(LAG, "lag", ScalarValue::Float64(lag_s)),
    ]
}

/// A table function at a moment.
#[derive(Debug)]
pub struct CityFunction {
    pub name: &'static str,
    pub zone: Arc<str>,
    pub city: Option<Arc<City>>,
}

impl TableFunctionImpl for CityFunction {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let values = args.exprs().iter().map(|arg| constant(self.name, arg)).collect::<Result<Vec<_>>>()?;
        let bound = |source| Arc::new(Bound::new(source, &self.zone, self.city.clone()));
        let plan = match (self.name, values.as_slice()) {
            ("contacts_of", [person]) => contacts_of(bound(Arc::new(Contacts)), &word(self.name, person)?)?,
            ("chain_of", [person] | [person, _]) => {
                return Ok(bound(Arc::new(ChainOf { person: word(self.name, person)? })));
            }
            ("exposed_at", [venue, from, to]) => {
                let venue = word(self.name, venue)?;
                let at = |value| moment(self.name, value, &self.zone);
                exposed_at(bound(Arc::new(Visits)), &self.zone, &venue, at(from)?, at(to)?)?
            }
            (name, _) => return Err(wrong(name, "has other arguments")),
        };
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}

fn wrong(name: &str, what: &str) -> DataFusionError {
    let usage = match name {
        "contacts_of" => "contacts_of('person')",
        "chain_of" => "chain_of('person') or chain_of('person', depth 1-10)",
        _ => "exposed_at('venue', '2021-10-15 07:00', '2021-10-15 09:00')",
    };
    let error =
        SqlError::new(SqlErrorKind::Wrong, format!("{name} {what}")).hint(Some(format!("write {usage}")));
    DataFusionError::External(Box::new(error))
}

fn constant(name: &str, expr: &Expr) -> Result<ScalarValue> {
    let simple = ExprSimplifier::new(SimplifyContext::default()).simplify(expr.clone())?;
    match simple {
        Expr::Literal(value, _) => Ok(value),
        _ => Err(wrong(name, "takes constants, not columns or placeholders")),
    }
}

fn word(name: &str, value: &ScalarValue) -> Result<String> {
    value.try_as_str().flatten().map(ToOwned::to_owned).ok_or_else(|| wrong(name, "takes a name in quotes"))
}

/// A time given as text or timestamp; text without an offset is local.
fn moment(name: &str, value: &ScalarValue, zone: &Arc<str>) -> Result<Time> {
    let wanted = DataType::Timestamp(TimeUnit::Second, Some(Arc::clone(zone)));
    // A time to the minute is one too.
    let whole = match value.try_as_str().flatten() {
        Some(text) if text.trim().len() == MINUTE_LETTERS => ScalarValue::from(format!("{}:00", text.trim())),
        _ => value.clone(),
    };
    match whole.cast_to(&wanted) {
        Ok(ScalarValue::TimestampSecond(Some(at), _)) => Ok(Time(at)),
        _ => Err(wrong(name, "takes times as 'YYYY-MM-DD HH:MM'")),
    }
}

#[derive(Debug)]
struct ChainOf {
    person: String,
}

impl Source for ChainOf {
    fn doc(&self) -> TableDoc {
        let own = [
            column(
                "depth",
                Holds::Int,
                "mắt xích thứ mấy từ gốc; gốc là 0",
                "links from the root, which is 0",
            ),
            column("parent", Holds::Person, "mã giả danh của mắt xích trước", "pseudonym of the link before"),
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column("class", Holds::Word, "f0 hoặc f1", "f0 or f1"),
            column(
                "reported_at",
                Holds::Time,
                "lúc báo ca gần nhất, nếu là f0",
                "report of the latest episode of an f0",
            ),
        ];
        let met: Vec<Column> = contacts::columns().into_iter().skip(3).collect();
        TableDoc {
            name: "chain_of",
            vi: "Chuỗi lây từ một F0, mỗi người một dòng, gần gốc nhất",
            en: "The chain from a case, each person once, nearest to the root",
            columns: own.into_iter().chain(met).collect(),
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        let person = self.person.clone();
        Ok(asked.made(move |city| {
            let mut links = Vec::new();
            if let Some(chain) = city.chain(&person) {
                links.push((0, None, &chain.root));
                let mut next = 0;
                while let Some((depth, _, node)) = links.get(next).copied() {
                    links.extend(node.children.iter().map(|child| (depth + 1, Some(node), child)));
                    next += 1;
                }
            }
            Ok(chain_columns(city, &links))
        }))
    }
}

fn chain_columns(city: &City, links: &[(i64, Option<&ChainNode>, &ChainNode)]) -> Vec<ArrayRef> {
    let nodes = || links.iter().map(|(.., node)| *node);
    let met = || nodes().map(|node| node.contact.as_ref());
    let zone = &city.zone;
    vec![
        int(links.iter().map(|(depth, ..)| Some(*depth))),
        text(links.iter().map(|(_, parent, _)| parent.map(|parent| &*parent.person))),
        text(nodes().map(|node| Some(&*node.person))),
        text(nodes().map(|node| Some(node.class.name()))),
        time(zone, nodes().map(|node| node.reported)),
        time(zone, met().map(|met| met.map(|met| met.first))),
        time(zone, met().map(|met| met.map(|met| met.last))),
        int(met().map(|met| met.map(|met| met.seconds))),
        int(met().map(|met| met.map(|met| met.indirect_seconds))),
        real(met().map(|met| met.map(|met| vonglau_core::rows::score(met.score_sum)))),
    ]
}

/// Whoever met a case: what the table of contacts tells of it, the archive's part too.
fn contacts_of(contacts: Arc<Bound>, person: &str) -> Result<LogicalPlan> {
    let contacts = LogicalPlanBuilder::scan("contacts", provider_as_source(contacts), None)?;
    contacts.filter(col("f0").eq(lit(person)))?.build()
}

/// Who was at a venue in [from, to): the visits there, of the archive too, cut to it.
fn exposed_at(visits: Arc<Bound>, zone: &Arc<str>, venue: &str, from: Time, to: Time) -> Result<LogicalPlan> {
    let micros = |at: Time| at.0.saturating_mul(MICROS);
    let at = |at: Time| lit(ScalarValue::TimestampMicrosecond(Some(micros(at)), Some(Arc::clone(zone))));
    let class = class_now(visits.city());
    let visits = LogicalPlanBuilder::scan("visits", provider_as_source(visits), None)?;
    let there = [col("start_at").lt(at(to)), col("end_at").gt(at(from)), lit(from < to)];
    let there = there.into_iter().fold(col("venue").eq(lit(venue)), Expr::and);
    let (start, end) =
        (greatest().call(vec![col("start_at"), at(from)]), least().call(vec![col("end_at"), at(to)]));
    let whole = |time: &Expr| cast(time.clone(), DataType::Int64);
    let seconds = (whole(&end) - whole(&start)) / lit(MICROS);
    let shown = [
        col("person"),
        class.call(vec![col("person")]).alias("class"),
        start.alias("from_at"),
        end.alias("to_at"),
        seconds.alias("seconds"),
    ];
    visits.filter(there)?.project(shown)?.build()
}

/// `f0` for who is a case, `f1` for who is followed now, else null.
fn class_now(city: Option<Arc<City>>) -> ScalarUDF {
    let classes: OnceLock<FxHashMap<String, Class>> = OnceLock::new();
    let class = move |args: &[ColumnarValue]| {
        let persons = ColumnarValue::values_to_arrays(args)?;
        let persons = as_string_view_array(&persons[0])?;
        if classes.get().is_none() {
            let found = city.as_ref().map_or_else(|| Ok(FxHashMap::default()), |city| classes_of(city))?;
            classes.get_or_init(|| found);
        }
        let class = |person: Option<&str>| classes.get()?.get(person?).map(|class| class.name());
        Ok(ColumnarValue::Array(text(persons.iter().map(class))))
    };
    create_udf("class_now", vec![DataType::Utf8View], DataType::Utf8View, Volatility::Stable, Arc::new(class))
}

fn classes_of(city: &City) -> Result<FxHashMap<String, Class>> {
    let followed = city.followed()?.iter().map(|row| (row.person.to_string(), Class::F1));
    let cases = city.taken.moment.cases().map(|case| (city.person(case), Class::F0));
    // Who is a case is that, whoever else it has met.
    Ok(followed.chain(cases).collect())
}
