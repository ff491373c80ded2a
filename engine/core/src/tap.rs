//! New scans, told to those who watch: each distinct scan as it is taken.

use crate::event::{Direction, Mode, Scan};
use crate::situation::Situation;
use crate::time::Time;
use smol_str::SmolStr;

/// A distinct scan that was just taken, with where its venue lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TappedScan {
    pub person: SmolStr,
    pub venue: SmolStr,
    pub at: Time,
    pub mode: Mode,
    pub direction: Option<Direction>,
    /// Places in the lists of districts and wards.
    pub district: Option<u16>,
    pub ward: Option<u16>,
}

/// What is new since it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewScans {
    /// In the order in which they were taken.
    pub scans: Vec<TappedScan>,
    /// Scans taken before are not what they were: the edge of the retention moved, or a venue got another place.
    pub remade: bool,
}

impl Situation {
    /// New scans are noted from here on, or no more; whoever watches asks for them soon, since they are kept until then.
    pub fn watch_scans(&mut self, watch: bool) {
        self.watched = watch.then(NewScans::default);
    }

    /// What was noted since the last time; None where nothing was.
    pub fn take_new_scans(&mut self) -> Option<NewScans> {
        let noted = self.watched.as_mut()?;
        let is_empty = noted.scans.is_empty() && !noted.remade;
        (!is_empty).then(|| std::mem::take(noted))
    }

    pub(crate) fn note_new(&mut self, scan: &Scan, venue: u32) {
        let Some(noted) = &mut self.watched else { return };
        let place = self.venues.get(venue).place;
        noted.scans.push(TappedScan {
            person: scan.person.clone(),
            venue: scan.venue.clone(),
            at: scan.at,
            mode: scan.mode,
            direction: scan.direction,
            district: place.district,
            ward: place.ward,
        });
    }

    pub(crate) fn note_remade(&mut self) {
        if let Some(noted) = &mut self.watched {
            noted.remade = true;
        }
    }
}
