//! Functions that are asked of the moment: when it is, and who met whom.

use crate::city::City;
use crate::column::{Column, Holds, TableDoc, column, int, real, seconds, text, time};
use crate::error::{SqlError, SqlErrorKind};
use crate::read::{Asked, Bound, Reading, Source};
use crate::tables::contacts;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use std::sync::Arc;
use vonglau_core::moment::{RowFilter, VisitColumns, Wanted};
use vonglau_core::rows::{ChainNode, Class};
use vonglau_core::time::Time;

/// How `lag()` is called within, so that the window function of that name stays what it is.
pub const LAG: &str = "lag_s";
/// Functions that give tables.
pub const TABLE_FUNCTIONS: [&str; 3] = ["contacts_of", "chain_of", "exposed_at"];

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
    let now = city.and_then(|city| city.taken.moment.now()).map(|now| now.0 * 1_000_000);
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
        let source: Arc<dyn Source> = match (self.name, values.as_slice()) {
            ("contacts_of", [person]) => Arc::new(ContactsOf { person: word(self.name, person)? }),
            ("chain_of", [person] | [person, _]) => Arc::new(ChainOf { person: word(self.name, person)? }),
            ("exposed_at", [venue, from, to]) => Arc::new(ExposedAt {
                venue: word(self.name, venue)?,
                from: moment(self.name, from, &self.zone)?,
                to: moment(self.name, to, &self.zone)?,
            }),
            (name, _) => return Err(wrong(name, "has other arguments")),
        };
        Ok(Arc::new(Bound::new(source, &self.zone, self.city.clone())))
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
struct ContactsOf {
    person: String,
}

impl Source for ContactsOf {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "contacts_of",
            vi: "Người tiếp xúc của một F0",
            en: "Contacts of one case",
            columns: contacts::columns(),
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        let case = asked.city.taken.moment.registers().person(&self.person);
        Ok(contacts::plan_of(asked, case.into_iter().collect()))
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

#[derive(Debug)]
struct ExposedAt {
    venue: String,
    from: Time,
    to: Time,
}

impl Source for ExposedAt {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "exposed_at",
            vi: "Ai có mặt ở địa điểm trong [from, to), cắt theo khoảng đó",
            en: "Who was at a venue in [from, to), cut to it",
            columns: vec![
                column("person", Holds::Person, "mã giả danh", "pseudonym"),
                column(
                    "class",
                    Holds::Word,
                    "f0, f1 đang theo dõi, hoặc trống",
                    "f0, f1 (followed now), or null",
                ),
                column("from_at", Holds::Time, "từ", "from"),
                column("to_at", Holds::Time, "đến", "to"),
                column("seconds", Holds::Int, "thời gian", "how long").unit("s"),
            ],
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        let (venue, from, to) = (self.venue.clone(), self.from, self.to);
        Ok(asked.made(move |city| exposed(city, &venue, from, to)))
    }
}

fn exposed(city: &City, venue: &str, from: Time, to: Time) -> Result<Vec<ArrayRef>> {
    let moment = &city.taken.moment;
    let filter = RowFilter {
        venues: Some(moment.registers().venue_number(venue).into_iter().collect()),
        first: Some(from.plus(-i64::from(u16::MAX))),
        to: Some(to),
        ..RowFilter::default()
    };
    let mut visits = VisitColumns::default();
    for piece in moment.pieces(&filter) {
        moment.visits(&piece, &filter, Wanted::ALL, &mut visits);
    }
    let followed: std::collections::HashSet<&str> = city.followed()?.iter().map(|row| &*row.person).collect();
    let spans =
        visits.start.iter().zip(visits.ends()).map(|(start, end)| ((*start).max(from.0), end.min(to.0)));
    let mut there: Vec<(i64, String, u32, i64)> = visits
        .person
        .iter()
        .zip(spans)
        .filter(|(_, (start, end))| start < end)
        .map(|(person, (start, end))| (start, city.person(*person), *person, end))
        .collect();
    there.sort_unstable();
    let cases: std::collections::HashSet<u32> = moment.cases().collect();
    let class = |name: &str, person: &u32| {
        let is_followed = followed.contains(name).then_some(Class::F1);
        cases.contains(person).then_some(Class::F0).or(is_followed).map(Class::name)
    };
    Ok(vec![
        text(there.iter().map(|(_, name, ..)| Some(name))),
        text(there.iter().map(|(_, name, person, _)| class(name, person))),
        seconds(&city.zone, there.iter().map(|(start, ..)| *start)),
        seconds(&city.zone, there.iter().map(|(.., end)| *end)),
        int(there.iter().map(|(start, .., end)| Some(end - start))),
    ])
}
