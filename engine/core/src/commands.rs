//! Operators' commands, and what the standing ones say of an alert.

use crate::event::{Command, Deed, EventId, journaled};
use crate::time::{MINUTE, Time};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// All commands held; of one id the one with the greater (`at`, journaled form).
#[derive(Debug, Default)]
pub(crate) struct CommandBook {
    held: BTreeMap<EventId, Command>,
    by_alert: BTreeMap<Box<str>, BTreeSet<EventId>>,
    conflicts: FxHashSet<EventId>,
}

/// What operators have said of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handling {
    pub acknowledged_by: Option<Box<str>>,
    pub silenced_until: Option<Time>,
    pub note: Option<Box<str>>,
}

impl CommandBook {
    /// Takes a command in; gives the alerts it speaks of, now or before.
    pub fn take(&mut self, command: Command) -> Vec<Box<str>> {
        let mut alerts = vec![command.alert.clone()];
        if let Some(held) = self.held.get(&command.id) {
            let (old, new) = (journaled(held), journaled(&command));
            if old == new {
                return Vec::new();
            }
            self.conflicts.insert(command.id.clone());
            if (command.at, new) <= (held.at, old) {
                return Vec::new();
            }
            if let Some(ids) = self.by_alert.get_mut(&held.alert) {
                ids.remove(&command.id);
            }
            alerts.push(held.alert.clone());
        }
        self.by_alert.entry(command.alert.clone()).or_default().insert(command.id.clone());
        self.held.insert(command.id.clone(), command);
        alerts
    }

    /// What the commands on an alert say; of each deed the latest by (`at`, `id`).
    pub fn handling(&self, alert: &str) -> Handling {
        let ids = self.by_alert.get(alert).into_iter().flatten();
        let mut commands: Vec<&Command> = ids.filter_map(|id| self.held.get(id)).collect();
        commands.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let mut handling = Handling::default();
        for command in commands {
            match command.deed {
                Deed::Acknowledge => handling.acknowledged_by = Some(command.by.clone()),
                Deed::Silence => {
                    let minutes = i64::from(command.for_min.unwrap_or_default());
                    handling.silenced_until = Some(command.at.plus(minutes * MINUTE));
                }
                Deed::Note => {}
            }
            handling.note = command.note.clone().or(handling.note);
        }
        handling
    }

    pub fn conflicts(&self) -> usize {
        self.conflicts.len()
    }

    /// The commands held, by id.
    pub fn held(&self) -> impl Iterator<Item = &Command> {
        self.held.values()
    }
}
