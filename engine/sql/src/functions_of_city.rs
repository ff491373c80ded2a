//! Functions that are asked of the moment: when it is, and who met whom.

use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text, time};
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
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility, cast, col, create_udf, lit,
};
use std::ops::RangeInclusive;
use std::sync::Arc;
use vonglau_core::chain::{CHAIN_PEOPLE_MAX, ChainLink};
use vonglau_core::rows::Class;
use vonglau_core::time::Time;
use vonglau_core::trace::Traced;

/// How `lag()` is called within, so that the window function of that name stays what it is.
pub const LAG: &str = "lag_s";
/// Functions that give tables.
pub const TABLE_FUNCTIONS: [&str; 3] = ["contacts_of", CHAIN_OF, EXPOSED_AT];
/// The one with a depth.
pub const CHAIN_OF: &str = "chain_of";
/// The one that tells who is followed.
pub const EXPOSED_AT: &str = "exposed_at";

/// Links of a chain, where nobody says how many, and how many there may be.
const CHAIN_DEPTH: u8 = 3;
const CHAIN_DEPTHS: RangeInclusive<u8> = 1..=10;
/// What a chain tells of the meetings of a link with the one before, of the columns of contacts.
const CHAIN_MET: [&str; 5] = ["first_at", "last_at", "seconds", "indirect_seconds", "score"];
/// Microseconds of a second.
const MICROS: i64 = 1_000_000;
/// Letters of `2021-10-15 07:00`.
const MINUTE_LETTERS: usize = 16;
/// Bytes of a name of a person or venue, far more than any has.
const NAME_BYTES_MAX: usize = 1_024;

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
            (CHAIN_OF, [person, depth @ ..]) if depth.len() <= 1 => {
                let depth = depth.first().map_or(Ok(CHAIN_DEPTH), depth_of)?;
                return Ok(bound(Arc::new(ChainOf { person: word(self.name, person)?, depth })));
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
        CHAIN_OF => "chain_of('person') or chain_of('person', depth 1-10)",
        _ => "exposed_at('venue', '2021-10-15 07:00', '2021-10-15 09:00')",
    };
    let error = SqlError::new(SqlErrorKind::Wrong, format!("{name} {what}")).word(name);
    DataFusionError::External(Box::new(error.hint(Some(format!("write {usage}")))))
}

/// Calls in an argument are worked out already where they are constant, each within its own bound.
fn constant(name: &str, expr: &Expr) -> Result<ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Ok(value.clone()),
        _ => Err(wrong(name, "takes constants, not columns or placeholders")),
    }
}

fn word(name: &str, value: &ScalarValue) -> Result<String> {
    let word = value.try_as_str().flatten().ok_or_else(|| wrong(name, "takes a name in quotes"))?;
    if word.len() > NAME_BYTES_MAX {
        return Err(wrong(name, "takes a name, which is not that long"));
    }
    Ok(word.to_owned())
}

/// Links that a chain is followed over.
fn depth_of(value: &ScalarValue) -> Result<u8> {
    // A value that a client sends without a type is text.
    let is_known = value.data_type().is_integer() || value.data_type().is_string();
    let whole = is_known.then(|| value.cast_to(&DataType::UInt8));
    match whole {
        Some(Ok(ScalarValue::UInt8(Some(depth)))) if CHAIN_DEPTHS.contains(&depth) => Ok(depth),
        _ => Err(wrong(CHAIN_OF, "takes a depth from 1 to 10")),
    }
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
    depth: u8,
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
        let met = contacts::columns().into_iter().filter(|column| CHAIN_MET.contains(&column.name));
        TableDoc {
            name: CHAIN_OF,
            vi: "Chuỗi lây từ một F0, mỗi người một dòng, gần gốc nhất",
            en: "The chain from a case, each person once, nearest to the root",
            columns: own.into_iter().chain(met).collect(),
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        let (person, depth) = (self.person.clone(), self.depth);
        Ok(asked.made(move |city| {
            let moment = &city.taken.moment;
            let root = moment.registers().person(&person).filter(|root| moment.reported(*root).is_some());
            let (links, is_cut) = root.map(|root| moment.chain_of(root, depth)).unwrap_or_default();
            if is_cut {
                let message = format!("the chain has more than {CHAIN_PEOPLE_MAX} people");
                let hint = format!("ask for a depth of less than {depth}");
                let error = SqlError::bound(SqlErrorKind::Wrong, "chain_people", message).hint(Some(hint));
                return Err(DataFusionError::External(Box::new(error)));
            }
            Ok(chain_columns(city, root, &links))
        }))
    }
}

fn chain_columns(city: &City, root: Option<u32>, links: &[ChainLink]) -> Vec<ArrayRef> {
    let moment = &city.taken.moment;
    let met = || root.iter().map(|_| None).chain(links.iter().map(|link| Some(&link.met)));
    let people = || root.into_iter().chain(links.iter().map(|link| link.person));
    let parents = root.iter().map(|_| None).chain(links.iter().map(|link| Some(city.person(link.parent))));
    let depths = root.iter().map(|_| Some(0)).chain(links.iter().map(|link| Some(link.depth.into())));
    let class = |met: Option<&Traced>| if met.is_none_or(|met| met.is_case) { "f0" } else { "f1" };
    let zone = &city.zone;
    vec![
        int(depths),
        text(parents),
        text(people().map(|person| Some(city.person(person)))),
        text(met().map(|met| Some(class(met)))),
        time(zone, people().map(|person| moment.reported(person))),
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
    let class = move |args: &[ColumnarValue]| {
        let persons = ColumnarValue::values_to_arrays(args)?;
        let persons = as_string_view_array(&persons[0])?;
        let Some(city) = &city else {
            return Ok(ColumnarValue::Array(text(persons.iter().map(|_| None::<&str>))));
        };
        let names = persons.iter().map(Option::unwrap_or_default);
        let numbers = city.taken.moment.registers().each_person(names);
        Ok(ColumnarValue::Array(text(numbers.into_iter().map(|person| class_of(city, person?)))))
    };
    create_udf("class_now", vec![DataType::Utf8View], DataType::Utf8View, Volatility::Stable, Arc::new(class))
}

fn class_of(city: &City, person: u32) -> Option<&'static str> {
    let moment = &city.taken.moment;
    // Who is a case is that, whoever else it has met.
    if moment.reported(person).is_some() {
        return Some(Class::F0.name());
    }
    moment.is_followed(person).then(|| Class::F1.name())
}
