//! Series.

use super::asked::Asked;
use super::page::whole;
use super::problem::Problem;
use super::{Reply, Shares, json, mismatch};
use crate::wire::Num;
use axum::extract::State;
use vonglau_core::ask::{Answer, Question, SERIES_ITEMS_MAX, SeriesAsked, SeriesName, Step};
use vonglau_core::figure::Figure;
use vonglau_core::params::Params;
use vonglau_core::time::{DAY, HOUR, MINUTE, Time};
use vonglau_core::view::Area;

pub(super) async fn series(State(app): Shares, asked: Asked) -> Reply {
    let wanted = Wanted::read(&asked, &app.params)?;
    let picture = app.picture().await?;
    let Some(question) = wanted.at(picture.view.now)? else {
        return json(&whole::<(String, Option<Num>)>(picture.stamp(), Vec::new(), app.zone()));
    };
    let name = question.name;
    let answered = app.ask(Question::Series(question)).await?;
    let stamp = answered.stamp();
    let bins = match answered.answer {
        Answer::Series(bins) => bins,
        Answer::TooLong => return Err(too_long()),
        _ => return Err(mismatch()),
    };
    let items =
        bins.into_iter().map(|(at, held)| (app.zone().write(at), held.map(|held| number(name, held))));
    json(&whole(stamp, items.collect(), app.zone()))
}

/// What a query asks for, before it is known what time it is.
#[derive(Debug)]
struct Wanted {
    name: SeriesName,
    area: Area,
    step: Step,
    from: Option<Time>,
    to: Option<Time>,
}

impl Wanted {
    fn read(asked: &Asked, params: &Params) -> Result<Self, Problem> {
        let area = asked.district(params)?.map_or(Area::City, Area::District);
        let name = match asked.text("name") {
            Some("scans") => SeriesName::Scans,
            Some("f0_new") => SeriesName::F0New,
            Some(other) => SeriesName::Shown(Figure::named(other).ok_or_else(unknown_name)?),
            None => return Err(unknown_name()),
        };
        let step = match asked.word("step", &["minute", "hour", "day"])? {
            Some("minute") => Step::Minute,
            Some("day") => Step::Day,
            _ => Step::Hour,
        };
        match name {
            SeriesName::Shown(_) if step == Step::Minute => Err(Problem::field(
                "step",
                "figures are kept as they were shown at full hours: step=hour or day",
            )),
            SeriesName::Shown(figure) if figure.city_only() && area != Area::City => {
                Err(Problem::field("name", "this figure is told for the city alone"))
            }
            _ => Ok(Self { name, area, step, from: asked.time("from")?, to: asked.time("to")? }),
        }
    }

    /// The question with its times: the last 24 hours where nothing is said; None before there is a time.
    fn at(self, now: Option<Time>) -> Result<Option<SeriesAsked>, Problem> {
        let Some(now) = now else { return Ok(None) };
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.plus(-DAY));
        // No bin begins after now; days may be an hour shorter where the clock changes.
        let shortest = match self.step {
            Step::Minute => MINUTE,
            Step::Hour => HOUR,
            Step::Day => DAY - HOUR,
        };
        let bins = (to.min(now.plus(1)).0 - from.0).max(0) / shortest;
        if usize::try_from(bins).is_ok_and(|bins| bins > 2 * SERIES_ITEMS_MAX) {
            return Err(too_long());
        }
        Ok(Some(SeriesAsked { name: self.name, area: self.area, from, to, step: self.step }))
    }
}

fn unknown_name() -> Problem {
    Problem::field("name", "must be scans, f0_new, or the name of a figure")
}

fn too_long() -> Problem {
    Problem::field(
        "from",
        format!("more than {SERIES_ITEMS_MAX} items; ask for a shorter time or a wider step"),
    )
}

/// A value as it is shown.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn number(name: SeriesName, held: i64) -> Num {
    match name {
        SeriesName::Shown(figure) => Num(figure.number(held)),
        SeriesName::Scans | SeriesName::F0New => Num(held as f64),
    }
}
