use crate::{DEADLINE, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A client that follows queries and folds what it is sent.
#[derive(Debug)]
pub struct LiveClient {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub run: String,
    /// By the client's name of the query.
    pub queries: BTreeMap<String, LiveQuery>,
}

/// A query as a client knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveQuery {
    pub position: u64,
    pub stream_seq: u64,
    pub rows: Vec<Value>,
    /// All frames, in order.
    pub frames: Vec<Value>,
    pub error: Option<Value>,
}

impl LiveQuery {
    /// The rows in an order of their own.
    pub fn sorted(&self) -> Vec<String> {
        sorted(&self.rows)
    }

    fn fold(&mut self, frame: &Value) {
        self.frames.push(frame.clone());
        if let Some(error) = frame.get("error") {
            self.error = Some(error.clone());
            return;
        }
        let position = frame["position"].as_u64().unwrap();
        if let Some(snapshot) = frame.get("snapshot") {
            self.rows.clone_from(snapshot.as_array().unwrap());
        } else if frame.get("resumed").is_some() {
            assert_eq!(position, self.position, "it goes on elsewhere");
        } else {
            assert_eq!(position, self.position + 1, "a frame is missing or comes again: {frame}");
            let rows = |name: &str| frame[name].as_array().cloned().unwrap_or_default();
            let changed = rows("changed");
            let before = changed.iter().map(|pair| pair[0].clone());
            for row in rows("removed").into_iter().chain(before) {
                let place = self.rows.iter().position(|held| *held == row);
                self.rows.remove(place.unwrap_or_else(|| panic!("not there and removed: {row}")));
            }
            self.rows.extend(rows("added"));
            self.rows.extend(changed.iter().map(|pair| pair[1].clone()));
        }
        self.position = position;
        self.stream_seq = frame["stream_seq"].as_u64().unwrap_or(self.stream_seq);
    }
}

/// Rows in an order of their own.
pub fn sorted(rows: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = rows.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

impl LiveClient {
    /// Connects and reads the hello.
    pub async fn connect(server: &Server) -> Self {
        let address = format!("{}/ws", server.url.replacen("http", "ws", 1));
        let (mut stream, _) = connect_async(address).await.unwrap();
        let hello = stream.next().await.unwrap().unwrap().into_text().unwrap();
        let hello: Value = serde_json::from_str(&hello).unwrap();
        let run = hello["hello"]["run"].as_str().unwrap().to_owned();
        Self { stream, run, queries: BTreeMap::new() }
    }

    /// Sends one message.
    pub async fn say(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Follows a query from its whole result on.
    pub async fn follow(&mut self, id: &str, sql: &str) {
        self.say(&json!({"sql": {"id": id, "subscribe": sql}})).await;
    }

    /// Goes on with a query that another connection followed.
    pub async fn resume(&mut self, id: &str, sql: &str, from: (&str, LiveQuery)) {
        let (run, query) = from;
        let resume = json!({"run": run, "position": query.position});
        self.queries.insert(id.to_owned(), query);
        self.say(&json!({"sql": {"id": id, "subscribe": sql, "resume": resume}})).await;
    }

    /// Reads until something holds of a query; fails after the deadline.
    pub async fn until(&mut self, id: &str, what: &str, holds: impl Fn(&LiveQuery) -> bool) -> &LiveQuery {
        let end = Instant::now() + DEADLINE;
        while !self.queries.get(id).is_some_and(&holds) {
            let message = timeout_at(end, self.stream.next()).await;
            let message = message.unwrap_or_else(|_| panic!("waited in vain for {what}: {:?}", self.queries));
            if let Message::Text(text) = message.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if let Some(frame) = message.get("sql") {
                    let id = frame["id"].as_str().unwrap().to_owned();
                    self.queries.entry(id).or_default().fold(frame);
                }
            }
        }
        &self.queries[id]
    }
}
