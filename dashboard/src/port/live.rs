//! Live queries, as the hub knows them: feeds that are pulled, and frames that are shared.

use super::SqlRefused;
use axum::extract::ws::Utf8Bytes;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// How a client begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveBegin {
    /// With the whole result.
    Fresh,
    /// It held a position, but of another run: with the whole result, and it is told to forget what it held.
    Anew,
    /// After the position that it holds, if what came since is still held; else anew.
    After(u64),
}

/// A query to be followed.
#[derive(Clone, Debug)]
pub struct LiveAsked {
    pub sql: String,
    pub begin: LiveBegin,
    /// Is notified whenever there may be something new to tell.
    pub changed: Arc<Notify>,
}

/// One client's place in the feed of a query. Dropping it leaves the feed.
pub trait LiveFeed: Send + Sync + Debug {
    /// What this client is to be told next.
    fn next(&mut self) -> LiveNext;
}

/// What there is to tell.
#[derive(Debug)]
pub enum LiveNext {
    /// Nothing new.
    Nothing,
    /// One frame; there may be more.
    Frame(Arc<LiveFrame>),
    /// The whole result, in place of what the client held.
    Resync(Arc<LiveFrame>),
    /// The feed is over.
    Ended(SqlRefused),
}

/// A frame without the client's name of its query; written once for all clients that call it the same.
#[derive(Debug)]
pub struct LiveFrame {
    body: Box<str>,
    written: OnceLock<(Box<str>, Utf8Bytes)>,
}

impl LiveFrame {
    /// `fields`: the fields of the frame's object, without braces: `"position":4,"added":[[1]]`.
    pub fn new(fields: impl Into<Box<str>>) -> Self {
        Self { body: fields.into(), written: OnceLock::new() }
    }

    /// The fields.
    pub fn fields(&self) -> &str {
        &self.body
    }

    /// The frame for a query that a client calls `id` (as JSON).
    pub(crate) fn text(&self, id: &str) -> Utf8Bytes {
        let (of, text) = self.written.get_or_init(|| (id.into(), self.write(id, "")));
        if **of == *id { text.clone() } else { self.write(id, "") }
    }

    /// The same, with the word that what the client held is to be forgotten.
    pub(crate) fn resync_text(&self, id: &str) -> Utf8Bytes {
        self.write(id, r#""resync":true,"#)
    }

    fn write(&self, id: &str, more: &str) -> Utf8Bytes {
        format!(r#"{{"sql":{{"id":{id},{more}{}}}}}"#, self.body).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_that_name_their_query_alike_share_one_text() {
        let frame = LiveFrame::new(r#""position":4"#);
        let (a, b) = (frame.text(r#""q1""#), frame.text(r#""q1""#));
        assert_eq!(a.as_str(), r#"{"sql":{"id":"q1","position":4}}"#);
        assert_eq!(a.as_str().as_ptr(), b.as_str().as_ptr(), "it is written once");
        assert_eq!(frame.text(r#""q2""#).as_str(), r#"{"sql":{"id":"q2","position":4}}"#);
        assert_eq!(
            frame.resync_text(r#""q1""#).as_str(),
            r#"{"sql":{"id":"q1","resync":true,"position":4}}"#
        );
    }
}
