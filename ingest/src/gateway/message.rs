//! A message of EVENTS while lines are joined into it, and what is sent of it.

use crate::identity::hex;
use crate::nats::{NOW_HEADER, SCHEMA, SCHEMA_HEADER, SOURCE_HEADER};
use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{Error as JetStreamError, ErrorCode};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::error::Error as _;
use vonglau_core::time::Time;

use super::receipt::{Source, Unavailable};

/// Events joined into one message.
pub const MESSAGE_EVENTS_MAX: u64 = 500;
/// Bytes joined into one message: what is usual of the server's bound of 1 MiB, less room for headers.
pub const MESSAGE_BYTES_MAX: usize = 1_000_000;
/// Bytes of a message's id out of the 32 of its hash.
const ID_BYTES: usize = 16;

/// Lines of one subject that came together.
#[derive(Debug)]
pub struct Message {
    pub subject: &'static str,
    /// How its lines came in.
    source: Source,
    payload: Vec<u8>,
    events: u64,
    /// How many of its lines are whose, in the order of their coming.
    pub shares: Vec<(u64, u64)>,
    /// What `now` is moved to by it.
    pub moves_to: Option<Time>,
}

impl Message {
    pub fn new(subject: &'static str, source: Source) -> Self {
        Self { subject, source, payload: Vec::new(), events: 0, shares: Vec::new(), moves_to: None }
    }

    /// Room for one more line of that subject from there?
    pub fn takes(&self, subject: &'static str, source: Source, line: &str, bytes_max: usize) -> bool {
        self.subject == subject
            && self.source == source
            && self.events < MESSAGE_EVENTS_MAX
            && self.payload.len() + 1 + line.len() <= bytes_max
    }

    pub fn add(&mut self, parcel: u64, line: &str, moves_to: Option<Time>) {
        if !self.payload.is_empty() {
            self.payload.push(b'\n');
        }
        self.payload.extend_from_slice(line.as_bytes());
        self.events += 1;
        self.moves_to = self.moves_to.max(moves_to);
        match self.shares.last_mut() {
            Some((of, lines)) if *of == parcel => *lines += 1,
            _ => self.shares.push((parcel, 1)),
        }
    }

    /// Nothing can join it any more.
    pub fn is_full(&self) -> bool {
        self.events >= MESSAGE_EVENTS_MAX
    }

    /// What is sent; `now` as it will be once this is in EVENTS.
    pub fn publish(&mut self, now: Option<Time>) -> PublishMessage {
        let payload = std::mem::take(&mut self.payload);
        publish(payload, now, Some(self.source), &[])
    }
}

/// A message with the contract's headers. `salt` tells apart what has the same content and is not the same.
pub fn publish(payload: Vec<u8>, now: Option<Time>, source: Option<Source>, salt: &[u8]) -> PublishMessage {
    let hash = Sha256::new().chain_update(salt).chain_update(&payload).finalize();
    let mut headers = HeaderMap::new();
    headers.insert(SCHEMA_HEADER, SCHEMA);
    if let Some(now) = now {
        headers.insert(NOW_HEADER, now.0.to_string().as_str());
    }
    if let Some(source) = source {
        headers.insert(SOURCE_HEADER, source.name());
    }
    headers.insert(async_nats::header::NATS_MESSAGE_ID, hex(&hash[..ID_BYTES]).as_str());
    PublishMessage::build().headers(headers).payload(Bytes::from(payload))
}

/// What a failed publish means for who has sent the events.
pub fn unavailable(error: &PublishError) -> Unavailable {
    let full = [
        ErrorCode::STREAM_STORE_FAILED,
        ErrorCode::STORAGE_RESOURCES_EXCEEDED,
        ErrorCode::INSUFFICIENT_RESOURCES,
    ];
    let cause = error.source().and_then(|cause| cause.downcast_ref::<JetStreamError>());
    match (error.kind(), cause) {
        (PublishErrorKind::StreamNotFound, _) => Unavailable::Cut,
        (_, Some(cause)) if full.contains(&cause.error_code()) => Unavailable::StreamFull,
        _ => Unavailable::NotAcked,
    }
}
