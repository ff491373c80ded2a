//! Events that are taken together, and the numbers of their names, looked up for all of them beforehand.

use crate::event::{Event, Scan};
use std::collections::VecDeque;

/// The numbers of a scan's names, where both were heard before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub person: u32,
    pub venue: u32,
}

/// Events in their order. Looked up by one situation ([`crate::situation::Situation::look_up`]), it is of no use to
/// another.
#[derive(Debug, Default)]
pub struct Batch {
    events: VecDeque<(Event, Option<Known>)>,
}

impl Batch {
    /// Adds an event behind all others.
    pub fn push(&mut self, event: Event) {
        self.events.push_back((event, None));
    }

    /// Events not yet taken.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Are all events taken?
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(crate) fn pop(&mut self) -> Option<(Event, Option<Known>)> {
        self.events.pop_front()
    }

    pub(crate) fn scans(&self) -> impl Iterator<Item = &Scan> + Clone {
        self.events.iter().filter_map(|(event, _)| match event {
            Event::Scan(scan) => Some(scan),
            _ => None,
        })
    }

    /// Puts down what is known of each scan, in their order.
    pub(crate) fn know(&mut self, known: impl Iterator<Item = Option<Known>>) {
        let scans = self.events.iter_mut().filter(|(event, _)| matches!(event, Event::Scan(_)));
        scans.zip(known).for_each(|((_, before), known)| *before = known);
    }
}

impl FromIterator<Event> for Batch {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        Self { events: events.into_iter().map(|event| (event, None)).collect() }
    }
}
