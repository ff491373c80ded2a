//! Decoding ahead of the driver, on a thread of its own: while the driver works events in, the lines of the next
//! messages are read.

use std::io;
use std::mem;
use std::thread;
use tokio::sync::mpsc;
use vonglau_core::event::Event;
use vonglau_ingest::{JournalBatch, Source, decode_message};

/// Portions that wait for the driver.
const PORTIONS_MAX: usize = 4;
/// A portion is handed on once it holds so many events: they stay in the processor's cache until they are taken.
const PORTION_EVENTS: usize = 4_096;

/// Messages in the journal's order, and the events of all of them.
#[derive(Debug, Default)]
pub struct Portion {
    pub messages: Vec<Decoded>,
    pub events: Vec<Event>,
}

/// One message, without its events.
#[derive(Clone, Copy, Debug)]
pub struct Decoded {
    pub seq: u64,
    /// When JetStream received it, in ms since 1970.
    pub received_ms: i64,
    pub source: Source,
    /// How many of the portion's events are of this message.
    pub events: usize,
    /// Lines that could not be read and are left out.
    pub unreadable: usize,
}

/// Starts the thread. It ends with the journal, or when nobody receives any more.
///
/// # Errors
/// There is no thread to be had.
pub fn decode(mut journal: mpsc::Receiver<JournalBatch>) -> io::Result<mpsc::Receiver<Portion>> {
    let (portions, receiver) = mpsc::channel(PORTIONS_MAX);
    thread::Builder::new().name("decoder".to_owned()).spawn(move || {
        while let Some(batch) = journal.blocking_recv() {
            if !hand_on(batch, &portions) {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// Hands a batch on, portion by portion; false when nobody wants it.
fn hand_on(batch: JournalBatch, portions: &mpsc::Sender<Portion>) -> bool {
    let mut portion = Portion::default();
    for message in batch.messages {
        let before = portion.events.len();
        let unreadable = decode_message(&message, |event| portion.events.push(event));
        let events = portion.events.len() - before;
        let (seq, received_ms, source) = (message.seq, message.received_ms, message.source);
        portion.messages.push(Decoded { seq, received_ms, source, events, unreadable });
        if portion.events.len() >= PORTION_EVENTS && portions.blocking_send(mem::take(&mut portion)).is_err()
        {
            return false;
        }
    }
    portion.messages.is_empty() || portions.blocking_send(portion).is_ok()
}
