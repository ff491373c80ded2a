//! One websocket client: what it asked for, and how far it has been told.

use super::live::Subscriptions;
use super::topics::Frame;
use super::{Moment, Shared, json};
use crate::topic::Topic;
use crate::wire::messages::{ClientMessage, ErrorBody, ErrorMessage, Resync};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use futures_util::SinkExt;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::timeout;

/// A message of a client is at most so long; a longer one ends the connection with 1009.
pub const MESSAGE_BYTES_MAX: usize = 64 << 10;
/// What is read at all before the connection is given up, so that the close can still be said.
const READ_BYTES_MAX: usize = 1 << 20;
/// Read at a time. The whole buffer is cleared before each look whether a client said something, which is after each
/// frame; the library's 128 KiB cost more than the frame.
const READ_AT_ONCE_BYTES: usize = 1 << 10;
/// Topics named in one message.
const TOPICS_A_MESSAGE_MAX: usize = 256;
/// A client that takes nothing for so long is let go.
const SEND_S_MAX: u64 = 30;
/// How long a closing client is waited for.
const CLOSE_S_MAX: u64 = 5;

/// Takes a client over from HTTP; 503 when all places are taken.
pub(crate) fn accept(shared: Arc<Shared>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
        let unavailable = crate::port::Unavailable {
            reason: format!("all {} places for live pages are taken; try again later", super::CLIENTS_MAX),
            retry_after_s: 10,
        };
        return crate::http::problem::Problem::from(unavailable).into_response();
    };
    upgrade
        .read_buffer_size(READ_AT_ONCE_BYTES)
        .max_message_size(READ_BYTES_MAX)
        .max_frame_size(READ_BYTES_MAX)
        .on_upgrade(move |socket| Client::new(shared, socket, place).run())
}

/// Why a client goes.
enum Gone {
    /// It left, or its connection broke.
    Left,
    /// It is sent away with this code.
    Sent(u16, &'static str),
}

struct Client {
    shared: Arc<Shared>,
    socket: WebSocket,
    /// The last `seq` told of each topic.
    told: BTreeMap<Topic, u64>,
    /// Queries that it follows.
    live: Subscriptions,
    _place: OwnedSemaphorePermit,
}

impl Drop for Client {
    fn drop(&mut self) {
        for topic in self.told.keys() {
            self.shared.leave(*topic);
        }
    }
}

impl Client {
    fn new(shared: Arc<Shared>, socket: WebSocket, place: OwnedSemaphorePermit) -> Self {
        let live = Subscriptions::new(Arc::clone(&shared.sql));
        Self { shared, socket, told: BTreeMap::new(), live, _place: place }
    }

    async fn run(mut self) {
        let moments = self.shared.moments.subscribe();
        if let Err(Gone::Sent(code, reason)) = self.serve(moments).await {
            self.close(code, reason).await;
        }
    }

    async fn serve(&mut self, mut moments: Receiver<Moment>) -> Result<(), Gone> {
        let closing = self.shared.closing.clone();
        let mut closing = pin!(closing.cancelled());
        let greeting = vec![self.shared.hello_text(), self.shared.status_text()];
        self.send(greeting).await?;
        loop {
            tokio::select! {
                biased;
                () = &mut closing => return Err(Gone::Sent(close_code::AWAY, "the service stops")),
                moment = moments.recv() => self.tell(moment).await?,
                () = self.live.changed(), if !self.live.is_empty() => {
                    let texts = self.live.next();
                    self.send(texts).await?;
                }
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(error)) => return Err(broken(&error)),
                    None => return Err(Gone::Left),
                }
            }
        }
    }

    /// Passes on what happened, or starts anew where too much happened meanwhile.
    async fn tell(&mut self, moment: Result<Moment, RecvError>) -> Result<(), Gone> {
        let texts = match moment {
            Ok(Moment { frames, status }) => {
                frames.iter().flat_map(|frame| self.next(frame)).chain(status).collect()
            }
            Err(RecvError::Lagged(_)) => {
                let topics: Vec<_> = self.told.keys().copied().collect();
                topics.into_iter().flat_map(|topic| self.resync(topic)).collect()
            }
            // The hub closes before its ring does.
            Err(RecvError::Closed) => return Err(Gone::Left),
        };
        self.send(texts).await
    }

    /// What to send of a frame: nothing if it is not listened to or already known.
    fn next(&mut self, frame: &Frame) -> Vec<Utf8Bytes> {
        match self.told.get_mut(&frame.topic) {
            Some(seq) if frame.seq == *seq + 1 => {
                *seq = frame.seq;
                vec![frame.text.clone()]
            }
            Some(seq) if frame.seq > *seq => self.resync(frame.topic),
            _ => Vec::new(),
        }
    }

    fn resync(&mut self, topic: Topic) -> Vec<Utf8Bytes> {
        let start = self.shared.start(topic, None, false);
        self.told.insert(topic, start.seq);
        let mut texts = vec![self.resync_text(topic)];
        texts.extend(start.frames);
        texts
    }

    fn resync_text(&self, topic: Topic) -> Utf8Bytes {
        json(&Resync { topic: topic.name(&self.shared.params), resync: true })
    }

    async fn hear(&mut self, message: Message) -> Result<(), Gone> {
        match message {
            Message::Text(text) if text.len() > MESSAGE_BYTES_MAX => Err(TOO_LONG),
            Message::Text(text) => {
                let texts = self.obey(&text);
                self.send(texts).await
            }
            Message::Binary(_) => Err(Gone::Sent(close_code::UNSUPPORTED, "text messages only")),
            Message::Close(_) => Err(Gone::Left),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    /// Does what a message asks: the answers.
    fn obey(&mut self, text: &str) -> Vec<Utf8Bytes> {
        let message = match read(text) {
            Ok(message) => message,
            Err(detail) => return vec![error("message not understood", detail, None)],
        };
        let mut answers = Vec::new();
        if let Some(asked) = message.sql {
            answers.extend(self.live.obey(asked, self.shared.run_name()));
        }
        for name in &message.unsubscribe {
            match Topic::named(name, &self.shared.params) {
                Some(topic) => self.unsubscribe(topic),
                None => answers.push(unknown(name)),
            }
        }
        let same_run = message.run.as_deref() == Some(self.shared.run_name());
        let resumed = message.resume.keys().filter(|name| !message.subscribe.contains(name));
        for name in message.subscribe.iter().chain(resumed) {
            match Topic::named(name, &self.shared.params) {
                Some(topic) => {
                    answers.extend(self.subscribe(topic, message.resume.get(name).copied(), same_run));
                }
                None => answers.push(unknown(name)),
            }
        }
        answers
    }

    fn subscribe(&mut self, topic: Topic, resume: Option<u64>, same_run: bool) -> Vec<Utf8Bytes> {
        let new = !self.told.contains_key(&topic);
        let start = self.shared.start(topic, resume.filter(|_| same_run), new);
        self.told.insert(topic, start.seq);
        let mut texts = Vec::new();
        if start.resync || (resume.is_some() && !same_run) {
            texts.push(self.resync_text(topic));
        }
        texts.extend(start.frames);
        texts
    }

    fn unsubscribe(&mut self, topic: Topic) {
        if self.told.remove(&topic).is_some() {
            self.shared.leave(topic);
        }
    }

    /// Writes as fast as the client reads; one that reads nothing for long is let go.
    async fn send(&mut self, texts: Vec<Utf8Bytes>) -> Result<(), Gone> {
        let write = async {
            for text in texts {
                self.socket.feed(Message::Text(text)).await?;
            }
            self.socket.flush().await
        };
        match timeout(Duration::from_secs(SEND_S_MAX), write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone::Left),
        }
    }

    /// Says why, and waits a little for the client to hear it.
    async fn close(&mut self, code: u16, reason: &'static str) {
        let say = async {
            let frame = CloseFrame { code, reason: reason.into() };
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        if timeout(Duration::from_secs(CLOSE_S_MAX), say).await.is_err() {
            tracing::debug!(code, "a websocket client did not answer the close");
        }
    }
}

const TOO_LONG: Gone = Gone::Sent(close_code::SIZE, "messages are at most 64 KiB");

/// Why reading failed: a message too long for the reader, or a connection that is no more.
fn broken(error: &axum::Error) -> Gone {
    let too_long =
        std::error::Error::source(error).is_some_and(|source| source.to_string().contains("too long"));
    if too_long { TOO_LONG } else { Gone::Left }
}

/// Reads a message of a client.
fn read(text: &str) -> Result<ClientMessage, String> {
    let message: ClientMessage = serde_json::from_str(text).map_err(|error| {
        format!("{error}; a message is {{\"subscribe\":[…],\"unsubscribe\":[…],\"resume\":{{topic: seq}},\"run\":…}}")
    })?;
    let named = message.subscribe.len() + message.unsubscribe.len() + message.resume.len();
    match named {
        0 if message.sql.is_none() => Err("it names no topic in subscribe, unsubscribe or resume".into()),
        0..=TOPICS_A_MESSAGE_MAX => Ok(message),
        _ => Err(format!("it names {named} topics; at most {TOPICS_A_MESSAGE_MAX} go into one message")),
    }
}

fn unknown(name: &str) -> Utf8Bytes {
    let shown: String = name.chars().take(100).collect();
    error("unknown topic", "the first message of the connection lists the topics".into(), Some(shown))
}

fn error(title: &str, detail: String, topic: Option<String>) -> Utf8Bytes {
    json(&ErrorMessage { error: ErrorBody { title: title.into(), detail, topic } })
}
