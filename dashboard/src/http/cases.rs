//! Cases, contacts, chains, visits.

use super::asked::Asked;
use super::page::{Key, Part, page};
use super::problem::Problem;
use super::{Named, Reply, Shares, json, mismatch};
use crate::wire::rows::{BackwardRow, CaseRow, Chain, ContactRow, FollowRow, VisitRow, episode_status};
use axum::extract::{Path, State};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::rows;
use vonglau_core::rows::Class;

/// Links of a chain where nothing is said.
const DEPTH_DEFAULT: u8 = 3;
/// Links of a chain at most.
const DEPTH_MAX: u8 = 10;

fn no_case() -> Problem {
    Problem::not_found("nobody of this pseudonym has been a case")
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

fn ascending(number: impl Into<i128>) -> Part {
    Part::Number(number.into())
}

fn descending(number: impl Into<i128>) -> Part {
    Part::Number(-number.into())
}

pub(super) async fn list(State(app): Shares, asked: Asked) -> Reply {
    let district =
        asked.district(&app.params)?.and_then(|place| app.params.districts.get(usize::from(place)));
    let since = asked.time("since")?;
    let status = asked.word("status", &["active", "recovered", "cleared", "deceased"])?;
    let answered = app.ask(Question::Cases).await?;
    let stamp = answered.stamp();
    let Answer::Cases(mut rows) = answered.answer else { return Err(mismatch()) };
    rows.retain(|row| {
        district.is_none_or(|district| row.district.as_ref() == Some(&district.code))
            && since.is_none_or(|since| row.reported >= since)
            && status.is_none_or(|status| episode_status(row) == status)
    });
    let key =
        |row: &rows::CaseRow| vec![descending(row.reported.0), text(&row.person), ascending(row.episode)];
    json(&page(stamp, &rows, "ntn", key, |row| CaseRow::new(row, app.zone()), (&asked, app.zone()))?)
}

pub(super) async fn contacts(State(app): Shares, Path(person): Named, asked: Asked) -> Reply {
    let class = asked.word("class", &["f0", "f1", "f2"])?;
    let second_order = class == Some(Class::F2.name());
    let question =
        if second_order { Question::SecondOrder(person.into()) } else { Question::Contacts(person.into()) };
    let answered = app.ask(question).await?;
    let stamp = answered.stamp();
    let mut rows = match answered.answer {
        Answer::Contacts(rows) => rows,
        Answer::NotFound => return Err(no_case()),
        _ => return Err(mismatch()),
    };
    rows.retain(|row| class.is_none_or(|class| row.class.name() == class));
    let key = |row: &rows::ContactRow| -> Key {
        let first = if second_order { ascending(row.first.0) } else { descending(row.score_sum) };
        vec![first, text(&row.person)]
    };
    json(&page(stamp, &rows, "nt", key, |row| ContactRow::new(row, app.zone()), (&asked, app.zone()))?)
}

pub(super) async fn chain(State(app): Shares, Path(person): Named, asked: Asked) -> Reply {
    let depth = asked.number("depth", 1, usize::from(DEPTH_MAX))?;
    let depth = depth.and_then(|depth| u8::try_from(depth).ok()).unwrap_or(DEPTH_DEFAULT);
    let answered = app.ask(Question::Chain(person.into(), depth)).await?;
    let stamp = answered.stamp();
    match answered.answer {
        Answer::Chain(chain) => app.stamped(stamp, Chain::new(&chain, app.zone())),
        Answer::NotFound => Err(no_case()),
        _ => Err(mismatch()),
    }
}

pub(super) async fn backward(State(app): Shares, Path(person): Named, asked: Asked) -> Reply {
    let answered = app.ask(Question::Backward(person.into())).await?;
    let stamp = answered.stamp();
    let rows = match answered.answer {
        Answer::Backward(rows) => rows,
        Answer::NotFound => return Err(no_case()),
        _ => return Err(mismatch()),
    };
    let key =
        |row: &rows::BackwardRow| vec![descending(row.score_sum), text(&row.venue), ascending(row.hour.0)];
    json(&page(stamp, &rows, "ntn", key, |row| BackwardRow::new(row, app.zone()), (&asked, app.zone()))?)
}

pub(super) async fn visits(State(app): Shares, Path(person): Named, asked: Asked) -> Reply {
    let question = Question::Visits(person.into(), asked.time("from")?, asked.time("to")?);
    let answered = app.ask(question).await?;
    let stamp = answered.stamp();
    let rows = match answered.answer {
        Answer::Visits(rows) => rows,
        // A person never heard of has made no visits.
        Answer::NotFound => Vec::new(),
        _ => return Err(mismatch()),
    };
    let key = |row: &rows::VisitRow| vec![ascending(row.from.0), text(&row.venue)];
    json(&page(stamp, &rows, "nt", key, |row| VisitRow::new(row, app.zone()), (&asked, app.zone()))?)
}

pub(super) async fn followed(State(app): Shares, asked: Asked) -> Reply {
    let district =
        asked.district(&app.params)?.and_then(|place| app.params.districts.get(usize::from(place)));
    let overdue = asked.word("state", &["open", "overdue"])? == Some("overdue");
    let answered = app.ask(Question::Followed).await?;
    let stamp = answered.stamp();
    let Answer::Followed(mut rows) = answered.answer else { return Err(mismatch()) };
    rows.retain(|row| {
        district.is_none_or(|district| row.district.as_ref() == Some(&district.code))
            && (!overdue || row.overdue)
    });
    let key = |row: &rows::FollowRow| vec![descending(row.last_exposure.0), text(&row.person)];
    json(&page(stamp, &rows, "nt", key, |row| FollowRow::new(row, app.zone()), (&asked, app.zone()))?)
}
