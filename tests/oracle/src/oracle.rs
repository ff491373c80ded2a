//! The judge of a journal: events in the order in which they came.

use crate::alert_log::AlertLog;
use crate::figures::AreaFigures;
use crate::picture::{Picture, picture};
use crate::places::WardOfCell;
use crate::series::series;
use crate::shown::ShownHours;
use crate::trend::trend;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use vonglau_core::ask::{Answer, Question, SeriesName};
use vonglau_core::cells::Cells;
use vonglau_core::event::Event;
use vonglau_core::figure::{FIGURES, Figures};
use vonglau_core::params::{Clock, Params};
use vonglau_core::rows::{AlertRow, Layer};
use vonglau_core::time::{HOUR, Time};
use vonglau_core::view::{Area, Shown, Trend};

/// Takes a journal's events one by one and says what everybody must see after each.
pub struct Oracle {
    params: Params,
    ward_of_cell: Box<WardOfCell>,
    /// All but ticks, in journal order.
    events: Vec<Event>,
    now: Option<Time>,
    shown: ShownHours,
    alerts: AlertLog,
    /// Figures counted already, by how many of the events and at which moment. Saves time, changes nothing.
    counted: RefCell<BTreeMap<(usize, Time), Rc<AreaFigures>>>,
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oracle").field("now", &self.now).field("events", &self.events).finish_non_exhaustive()
    }
}

impl Oracle {
    /// A judge by these rules; `ward_of_cell` is the configuration's table from a cell of resolution 10 to the
    /// place of its ward in `params.wards`.
    pub fn new(params: &Params, ward_of_cell: impl Fn(u64) -> Option<usize> + 'static) -> Self {
        Self {
            params: params.clone(),
            ward_of_cell: Box::new(ward_of_cell),
            events: Vec::new(),
            now: None,
            shown: ShownHours::default(),
            alerts: AlertLog::default(),
            counted: RefCell::default(),
        }
    }

    /// Takes the journal's next event; judges the hours it passes, then the alerts after it.
    pub fn push(&mut self, event: &Event) {
        let now = self.clock_after(event);
        if let Some(to) = now.filter(|to| self.now.is_none_or(|from| *to > from)) {
            self.shown.pass(&self.params.zone, self.now, to, self.events.len());
        }
        self.now = now;
        if !matches!(event, Event::Tick(_)) {
            self.events.push(event.clone());
        }
        if let Some(now) = now {
            let picture = picture(&self.params, &*self.ward_of_cell, &self.events, now);
            self.alerts.judge(&picture);
        }
        let shown = |(events, at): &(usize, Time)| self.shown.events_before(*at) == Some(*events);
        self.counted.get_mut().retain(|key, _| shown(key));
    }

    /// `wall`, `simulated`: the last tick; one not later than the last changes nothing. `events`: the greatest `at`
    /// of all events; there are no ticks.
    fn clock_after(&self, event: &Event) -> Option<Time> {
        let ticks = self.params.clock != Clock::Events;
        if matches!(event, Event::Tick(_)) == ticks { self.now.max(Some(event.at())) } else { self.now }
    }

    /// Event time; none before the first event (`wall`, `simulated`: before the first tick).
    pub fn now(&self) -> Option<Time> {
        self.now
    }

    /// The figures now, and as they were shown at the last full hour at least 24 h and 168 h ago.
    pub fn figures(&self, area: Area) -> Shown {
        let Some(now) = self.now else { return Shown::default() };
        let before = |hours: i64| {
            let hour = self.params.zone.hour_floor(now.plus(-hours * HOUR));
            self.shown_at(hour).map_or([None; FIGURES], |figures| figures.of(area))
        };
        Shown {
            now: self.figures_now(area, now),
            day_before: Arc::new(before(24)),
            week_before: Arc::new(before(168)),
        }
    }

    fn figures_now(&self, area: Area, now: Time) -> Figures {
        self.counted_at(self.events.len(), now).of(area)
    }

    /// The figures as they were shown at a full hour; none where they were not.
    fn shown_at(&self, hour: Time) -> Option<Rc<AreaFigures>> {
        self.shown.events_before(hour).map(|events| self.counted_at(events, hour))
    }

    fn counted_at(&self, events: usize, now: Time) -> Rc<AreaFigures> {
        let count = || {
            let picture = picture(&self.params, &*self.ward_of_cell, &self.events[..events], now);
            Rc::new(picture.all_figures())
        };
        Rc::clone(self.counted.borrow_mut().entry((events, now)).or_insert_with(count))
    }

    /// The picture now; none before the first event.
    pub fn picture(&self) -> Option<Picture<'_>> {
        Some(picture(&self.params, &*self.ward_of_cell, &self.events, self.now?))
    }

    /// The name of the level table in force.
    pub fn level_table(&self) -> Option<Box<str>> {
        self.picture()?.level_table().map(|table| table.name.clone())
    }

    /// The cells of one layer at a resolution of 7-10.
    pub fn cells(&self, layer: Layer, res: u8) -> Cells {
        self.picture().map(|picture| picture.cells(layer, res)).unwrap_or_default()
    }

    /// By (since descending, id).
    pub fn alerts(&self) -> Vec<AlertRow> {
        self.alerts.rows()
    }

    /// Today's scans of the city by local minute.
    pub fn minutes(&self) -> BTreeMap<Time, u64> {
        self.picture().map(|picture| picture.minutes()).unwrap_or_default()
    }

    /// What the headline is made of.
    pub fn trend(&self) -> Trend {
        let Some(picture) = self.picture() else { return Trend::default() };
        let zone = &self.params.zone;
        let midnight = self.shown_at(zone.at(zone.day(picture.now), 0));
        trend(&picture, midnight.as_deref())
    }

    /// The answer to a question.
    pub fn ask(&self, question: &Question) -> Answer {
        let Some(picture) = self.picture() else { return self.ask_before_the_first_event(question) };
        match question {
            Question::Series(asked) => series(&picture, asked, |hour| {
                let SeriesName::Shown(figure) = asked.name else { return None };
                self.shown_at(hour).map(|figures| figures.of(asked.area)[figure as usize])
            }),
            _ => picture.ask(question),
        }
    }

    /// Nothing has come: as of no events, at any moment; and no bin has begun.
    fn ask_before_the_first_event(&self, question: &Question) -> Answer {
        match question {
            Question::Series(_) => Answer::Series(Vec::new()),
            _ => picture(&self.params, &*self.ward_of_cell, &[], Time::MIN).ask(question),
        }
    }
}
