//! The queries that one client follows.
//!
//! Nothing waits for a client here: a feed holds what came, and the client asks for it at its own pace.

use crate::http::sql::refusal_text;
use crate::port::live::{LiveAsked, LiveBegin, LiveFeed, LiveNext};
use crate::port::{Sql, SqlRefused};
use crate::wire::messages::LiveMessage;
use axum::extract::ws::Utf8Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// Queries that one client may follow at once.
const QUERIES_MAX: usize = 16;
/// Bytes of the client's name of a query.
const ID_BYTES_MAX: usize = 100;
/// Frames written in one go before the client is looked at for other things.
const FRAMES_AT_ONCE: usize = 64;

/// The queries of one client, by its name of them, as JSON.
pub(super) struct Subscriptions {
    sql: Arc<dyn Sql>,
    changed: Arc<Notify>,
    open: BTreeMap<String, Box<dyn LiveFeed>>,
}

impl Subscriptions {
    pub fn new(sql: Arc<dyn Sql>) -> Self {
        Self { sql, changed: Arc::default(), open: BTreeMap::new() }
    }

    /// It follows none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// There may be something to tell.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Does what a message asks: what is to be said at once.
    pub fn obey(&mut self, asked: LiveMessage, run: &str) -> Option<Utf8Bytes> {
        let id = Value::String(asked.id).to_string();
        match (asked.subscribe, asked.unsubscribe) {
            _ if id.len() > ID_BYTES_MAX => {
                Some(error("null", &wrong(format!("an id is at most {ID_BYTES_MAX} bytes"))))
            }
            (None, true) => {
                self.open.remove(&id);
                None
            }
            (Some(sql), false) => {
                let begin = match asked.resume {
                    None => LiveBegin::Fresh,
                    Some(resume) if resume.run == run => LiveBegin::After(resume.position),
                    Some(_) => LiveBegin::Anew,
                };
                self.subscribe(&id, sql, begin).err().map(|refused| error(&id, &refused))
            }
            _ => Some(error(&id, &wrong("write either subscribe or unsubscribe".to_owned()))),
        }
    }

    fn subscribe(&mut self, id: &str, sql: String, begin: LiveBegin) -> Result<(), SqlRefused> {
        // The same name again: the query that had it is followed no more.
        self.open.remove(id);
        if self.open.len() >= QUERIES_MAX {
            let detail = format!("a connection follows {QUERIES_MAX} queries at most; unsubscribe one first");
            return Err(SqlRefused { status: 429, bound: Some("live_per_connection"), ..wrong(detail) });
        }
        let feed = self.sql.follow(LiveAsked { sql, begin, changed: Arc::clone(&self.changed) })?;
        self.open.insert(id.to_owned(), feed);
        self.changed.notify_one();
        Ok(())
    }

    /// What there is to send.
    pub fn next(&mut self) -> Vec<Utf8Bytes> {
        let mut texts = Vec::new();
        self.open.retain(|id, feed| {
            for _ in 0..FRAMES_AT_ONCE {
                match feed.next() {
                    LiveNext::Nothing => return true,
                    LiveNext::Frame(frame) => texts.push(frame.text(id)),
                    LiveNext::Resync(frame) => texts.push(frame.resync_text(id)),
                    LiveNext::Ended(refused) => {
                        texts.push(error(id, &refused));
                        return false;
                    }
                }
            }
            self.changed.notify_one();
            true
        });
        texts
    }
}

fn wrong(detail: String) -> SqlRefused {
    SqlRefused { status: 400, detail, line: None, column: None, hint: None, bound: None }
}

fn error(id: &str, refused: &SqlRefused) -> Utf8Bytes {
    format!(r#"{{"sql":{{"id":{id},"error":{}}}}}"#, refusal_text(refused)).into()
}
