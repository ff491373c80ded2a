//! What the retention edge passes is handed to the archive before it is gone.

use std::time::Duration;
use vonglau_core::moment::Registers;
use vonglau_core::situation::Situation;
use vonglau_sql::history::{Archive, Handed};

/// A replay, or a city whose time is not the world's, waits so long for the archive; who lives does not wait.
const PATIENCE: Duration = Duration::from_mins(10);

/// Where what is passed goes.
#[derive(Debug)]
pub(super) struct Keeper<'a> {
    pub archive: Option<&'a Archive>,
    pub registers: &'a mut Registers,
    /// Time is the world's, and the journal is read up to its head at start.
    pub is_live: bool,
}

impl Keeper<'_> {
    /// Hands on what the edge is passing, if it is.
    pub fn keep(&mut self, situation: &mut Situation) {
        let Some(archive) = self.archive else { return };
        let Some(passed) = situation.take_passed() else { return };
        if archive.knows(&passed) {
            return;
        }
        // No event is taken meanwhile, so that names and numbers fit.
        while !situation.refresh(self.registers) {}
        let passed = passed.named(self.registers.clone());
        let patience = if self.is_live { Duration::ZERO } else { PATIENCE };
        if archive.hand(&passed, patience) == Handed::Lost {
            let day = passed.days().first().map(|day| day.day.civil());
            tracing::error!(
                ?day,
                "what the retention edge passes is not archived, since earlier days still wait to be written; the \
                 next start archives it, as long as the journal has it"
            );
        }
    }
}
