//! One moment of the city, as tables read it.

use crate::error::{SqlError, SqlErrorKind};
use crate::history::{Cut, History};
use crate::moments::Taken;
use crate::names::Names;
use datafusion::error::{DataFusionError, Result};
use std::sync::Arc;
use vonglau_core::params::Params;
use vonglau_core::rows::AlertRow;
use vonglau_core::time::Time;
use vonglau_core::view::View;

/// The city at one position of the stream, with its rules and the name of its zone.
#[derive(Debug)]
pub struct City {
    pub taken: Taken,
    pub params: Arc<Params>,
    /// Names and numbers of its people, venues and words.
    pub names: Arc<Names>,
    /// The name of the city's zone.
    pub zone: Arc<str>,
    /// Where it stands for one day of the archive: which rows are meant.
    pub cut: Option<Cut>,
    /// The days before the moment's edge.
    pub history: History,
}

impl City {
    /// The city of a moment.
    pub fn new(
        taken: Taken,
        params: Arc<Params>,
        zone: Arc<str>,
        cut: Option<Cut>,
        history: History,
    ) -> Self {
        let names = Arc::new(Names::new(taken.moment.registers().clone(), &params));
        Self { taken, params, names, zone, cut, history }
    }

    /// Figures, cells and alerts.
    ///
    /// # Errors
    /// When they were not asked for.
    pub fn view(&self) -> Result<&View> {
        self.taken.view.as_deref().ok_or_else(|| unasked("view"))
    }

    /// The alerts, by id.
    ///
    /// # Errors
    /// When they were not asked for.
    pub fn alerts(&self) -> Result<Vec<&AlertRow>> {
        Ok(self.view()?.alerts.values().collect())
    }

    /// Event time, or the beginning of time before the first event.
    pub fn now(&self) -> Time {
        self.taken.moment.now().unwrap_or(Time(0))
    }

    /// One pseudonym.
    pub fn person(&self, number: u32) -> String {
        self.taken.moment.registers().pseudonym(number).into()
    }

    /// A district's code by its place in the list.
    pub fn district(&self, place: Option<u16>) -> Option<&str> {
        place.and_then(|place| self.params.districts.get(usize::from(place))).map(|district| &*district.code)
    }

    /// A ward's code by its place in the list.
    pub fn ward(&self, place: Option<u16>) -> Option<&str> {
        place.and_then(|place| self.params.wards.get(usize::from(place))).map(|ward| &*ward.code)
    }
}

fn unasked(what: &str) -> DataFusionError {
    let message = format!("{what} was not taken with the moment; this is a fault of ours, please tell us");
    DataFusionError::External(Box::new(SqlError::new(SqlErrorKind::Internal, message)))
}
