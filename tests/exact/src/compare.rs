//! The engine's picture beside the judge's: every figure, cell, alert, minute and answer.

use crate::histories::{cells, people, venues};
use std::cmp::Reverse;
use std::fmt::Debug;
use std::sync::Arc;
use vonglau_core::ask::{Answer, Question, SeriesAsked, SeriesName, Step};
use vonglau_core::batch::Batch;
use vonglau_core::event::Event;
use vonglau_core::figure::Figure;
use vonglau_core::params::Params;
use vonglau_core::rows::{Class, ContactRow, Layer, RESOLUTIONS};
use vonglau_core::settle::F2;
use vonglau_core::situation::{Pace, Progress, Situation};
use vonglau_core::time::{DAY, HOUR, Time};
use vonglau_core::trace::Traced;
use vonglau_core::view::{Area, Delta, Shown, View};
use vonglau_core::wards::WardMap;
use vonglau_oracle::{Oracle, Picture};

/// An engine and the view folded of its deltas.
#[derive(Debug)]
pub struct Engine {
    pub situation: Situation,
    pub view: View,
}

impl Engine {
    /// An empty engine whose long work is cut at such a pace.
    pub fn new(params: &Params, wards: &Arc<WardMap>, pace: Pace) -> Self {
        let situation = Situation::paced(Arc::new(params.clone()), Arc::clone(wards), pace);
        Self { situation, view: View::new(params.districts.len(), params.wards.len()) }
    }

    /// Takes an event in and folds what it changed.
    pub fn step(&mut self, event: &Event) {
        let mut deltas = Vec::new();
        let mut progress = self.situation.step(event.clone(), &mut deltas);
        while progress == Progress::More {
            progress = self.situation.work(&mut deltas);
        }
        self.fold(deltas);
    }

    /// Takes events together, as the driver does, and folds what they changed.
    pub fn take(&mut self, events: &[Event]) {
        let (mut batch, mut deltas) = (events.iter().cloned().collect::<Batch>(), Vec::new());
        self.situation.look_up(&mut batch);
        while self.situation.take(&mut batch, &mut deltas) == Progress::More {}
        self.fold(deltas);
    }

    /// Brings the view up to date.
    pub fn settle(&mut self) {
        let mut deltas = Vec::new();
        self.situation.settle(F2::Now, &mut deltas);
        self.fold(deltas);
    }

    /// Brings the rows of open clusters up to date.
    pub fn tell_clusters(&mut self) {
        let mut deltas = Vec::new();
        self.situation.tell_clusters(&mut deltas);
        self.fold(deltas);
    }

    fn fold(&mut self, deltas: Vec<Delta>) {
        for delta in deltas {
            self.view.apply(delta);
        }
    }
}

/// The judge of a city under these rules.
pub fn judge(params: &Params, wards: &Arc<WardMap>) -> Oracle {
    let wards = Arc::clone(wards);
    Oracle::new(params, move |cell| wards.ward_of(cell))
}

fn same<T: PartialEq + Debug>(what: impl Fn() -> String, engine: &T, judge: &T) -> Result<(), String> {
    if engine == judge {
        return Ok(());
    }
    Err(format!("{}\n engine: {engine:?}\n  judge: {judge:?}", what()))
}

/// All areas of a city.
pub fn areas(params: &Params) -> Vec<Area> {
    let districts = (0..params.districts.len()).map(|n| Area::District(u16::try_from(n).unwrap()));
    let wards = (0..params.wards.len()).map(|n| Area::Ward(u16::try_from(n).unwrap()));
    std::iter::once(Area::City).chain(districts).chain(wards).collect()
}

/// Compares all that is shown. The engine must have been settled.
///
/// # Errors
/// The first difference, in words.
pub fn compare_view(params: &Params, view: &View, judge: &Oracle) -> Result<(), String> {
    same(|| "now".into(), &view.now, &judge.now())?;
    for area in areas(params) {
        let (engine, judged) = (view.area(area).unwrap(), judge.figures(area));
        for figure in Figure::ALL {
            let n = *figure as usize;
            let part = |shown: &Shown| (shown.now[n], shown.day_before[n], shown.week_before[n]);
            let what = || format!("{area:?} {} (now, day before, week before)", figure.name());
            same(what, &part(engine), &part(&judged))?;
        }
    }
    same(|| "level table".into(), &view.level_table, &judge.level_table())?;
    let picture = judge.picture();
    for layer in Layer::ALL {
        for res in RESOLUTIONS {
            let what = || format!("{} at {res}", layer.name());
            let cells = picture.as_ref().map(|picture| picture.cells(layer, res)).unwrap_or_default();
            same(what, view.layer(layer, res).unwrap(), &cells)?;
        }
    }
    same(|| "minutes".into(), &view.minutes, &judge.minutes())?;
    same(|| "trend".into(), &view.trend, &judge.trend())?;
    compare_alerts(view, judge)
}

/// Compares the alerts.
///
/// # Errors
/// The first difference, in words.
pub fn compare_alerts(view: &View, judge: &Oracle) -> Result<(), String> {
    let mut rows: Vec<_> = view.alerts.values().cloned().collect();
    rows.sort_by(|a, b| (b.since, &a.id).cmp(&(a.since, &b.id)));
    let judged = judge.alerts();
    for (row, other) in rows.iter().zip(&judged) {
        same(|| "alert".into(), row, other)?;
    }
    same(|| format!("number of alerts of {rows:?} and {judged:?}"), &rows.len(), &judged.len())
}

/// What the judge answers, from one picture.
struct Answers<'a> {
    judge: &'a Oracle,
    picture: Option<Picture<'a>>,
}

impl<'a> Answers<'a> {
    fn of(judge: &'a Oracle) -> Self {
        Self { judge, picture: judge.picture() }
    }

    /// The answer to a question. Only the judge of the journal knows what was shown.
    fn to(&self, question: &Question) -> Answer {
        match &self.picture {
            Some(picture) if !matches!(question, Question::Series(_)) => picture.ask(question),
            _ => self.judge.ask(question),
        }
    }
}

/// Compares all answers.
///
/// # Errors
/// The first difference, in words.
pub fn compare_answers(situation: &Situation, judge: &Oracle) -> Result<(), String> {
    let (now, answers) = (situation.now().unwrap_or(Time::MIN), Answers::of(judge));
    for question in questions(now) {
        let judged = answers.to(&question);
        same(|| format!("{question:?}"), &situation.ask(&question), &judged)?;
        if let (Question::Contacts(case), Answer::Contacts(rows)) = (&question, &judged) {
            compare_traced(situation, case, rows)?;
        }
    }
    Ok(())
}

/// What tracing sums up is what the list of contacts says.
fn compare_traced(situation: &Situation, case: &str, judged: &[ContactRow]) -> Result<(), String> {
    let mut traced = situation.trace(case).unwrap_or_default();
    traced.sort_by_key(|one| (Reverse(one.score_sum), situation.pseudonym(one.person)));
    let of_row = |row: &ContactRow| {
        let seconds = (row.seconds, row.indirect_seconds, row.score_sum);
        (row.person.clone(), row.class == Class::F0, row.first, row.last, seconds)
    };
    let of_traced = |one: &Traced| {
        let seconds = (one.seconds, one.indirect_seconds, one.score_sum);
        (situation.pseudonym(one.person), one.is_case, one.first, one.last, seconds)
    };
    let (traced, rows) = (traced.iter().map(of_traced), judged.iter().map(of_row));
    same(|| format!("traced of {case}"), &traced.collect::<Vec<_>>(), &rows.collect())
}

/// The questions that a small city can be asked.
pub fn questions(now: Time) -> Vec<Question> {
    let mut questions = vec![Question::Cases, Question::CaseHistory, Question::Followed, Question::Venues];
    for name in people() {
        questions.extend([
            Question::Contacts(name.clone()),
            Question::SecondOrder(name.clone()),
            Question::Chain(name.clone(), 1),
            Question::Chain(name.clone(), 5),
            Question::Backward(name.clone()),
            Question::Visits(name.clone(), None, None),
            Question::Visits(name, Some(now.plus(-HOUR)), Some(now.plus(-600))),
        ]);
    }
    for name in venues() {
        questions.extend([
            Question::Venue(name.clone()),
            Question::Present(name.clone(), None, None),
            Question::Present(name, Some(now.plus(-2 * HOUR)), Some(now.plus(-900))),
        ]);
    }
    questions.extend(cells().into_iter().map(Question::Cell));
    questions.extend(series(now).into_iter().map(Question::Series));
    questions
}

/// Series of all steps; the last of minutes is too long.
fn series(now: Time) -> Vec<SeriesAsked> {
    let mut series = Vec::new();
    for area in [Area::City, Area::District(1)] {
        let asked = |name, step, back: i64| SeriesAsked {
            name,
            area,
            from: now.plus(-back),
            to: now.plus(HOUR),
            step,
        };
        for name in [SeriesName::Scans, SeriesName::F0New, SeriesName::Shown(Figure::F1Open)] {
            series.extend([asked(name, Step::Hour, 30 * HOUR), asked(name, Step::Day, 9 * DAY)]);
        }
        for name in [SeriesName::Scans, SeriesName::F0New] {
            series.extend([asked(name, Step::Minute, HOUR), asked(name, Step::Minute, 51 * HOUR)]);
        }
    }
    series
}

/// What is a function of the set of events and of `now` alone: all but what was shown and when alerts changed.
#[derive(Debug, PartialEq)]
pub struct SetPicture {
    now: Option<Time>,
    figures: Vec<vonglau_core::figure::Figures>,
    cells: String,
    minutes: String,
    open_alerts: Vec<String>,
    answers: Vec<Answer>,
}

impl SetPicture {
    /// But for the case events held: those taken back are told there too.
    #[must_use]
    pub fn without_case_history(mut self) -> Self {
        self.answers.retain(|answer| !matches!(answer, Answer::CaseHistory(_)));
        self
    }

    /// Settles the engine and takes its picture.
    pub fn of(engine: &mut Engine, params: &Params) -> Self {
        engine.settle();
        let Engine { situation, view } = engine;
        let now = situation.now();
        let open = view.alerts.values().filter(|row| row.ended.is_none());
        let asked = questions(now.unwrap_or(Time::MIN)).into_iter().filter(|question| {
            !matches!(question, Question::Series(SeriesAsked { name: SeriesName::Shown(_), .. }))
        });
        Self {
            now,
            figures: areas(params).into_iter().map(|area| view.area(area).unwrap().now).collect(),
            cells: format!("{:?}", view.cells),
            minutes: format!("{:?}", view.minutes),
            open_alerts: open
                .map(|row| {
                    format!("{:?} {:?} {:?} {} {:?}", row.rule, row.venue, row.person, row.value, row.facts)
                })
                .collect(),
            answers: asked.map(|question| situation.ask(&question)).collect(),
        }
    }
}
