use crate::{DEADLINE, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A client that folds what it is sent.
#[derive(Debug)]
pub struct Websocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub hello: Value,
    /// What it is told of each topic, folded.
    pub topics: BTreeMap<String, Topic>,
    /// The last status.
    pub status: Value,
}

/// A topic as a client knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topic {
    pub seq: u64,
    pub stream_seq: u64,
    pub value: Value,
}

impl Websocket {
    /// Connects, reads the hello and subscribes.
    pub async fn subscribe(server: &Server, topics: &[&str]) -> Self {
        let address = format!("{}/ws", server.url.replacen("http", "ws", 1));
        let (stream, _) = connect_async(address).await.unwrap();
        let mut client = Self { stream, hello: Value::Null, topics: BTreeMap::new(), status: Value::Null };
        client.until("hello", |client| !client.hello.is_null()).await;
        client.say(&json!({ "subscribe": topics })).await;
        client
    }

    /// Sends one message.
    pub async fn say(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Reads until something holds; fails after the deadline.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !holds(self) {
            let message = timeout_at(end, self.stream.next()).await;
            let message = message.unwrap_or_else(|_| panic!("waited in vain for {what}: {:?}", self.topics));
            if let Message::Text(text) = message.unwrap().unwrap() {
                self.fold(&serde_json::from_str(&text).unwrap());
            }
        }
    }

    /// What is known of a topic.
    pub fn topic(&self, name: &str) -> &Value {
        self.topics.get(name).map_or(&Value::Null, |topic| &topic.value)
    }

    fn fold(&mut self, message: &Value) {
        if let Some(hello) = message.get("hello") {
            self.hello = hello.clone();
        } else if let Some(status) = message.get("status") {
            self.status = status.clone();
        } else if let Some(name) = message["topic"].as_str().filter(|_| message.get("resync").is_none()) {
            let (seq, stream_seq) =
                (message["seq"].as_u64().unwrap(), message["stream_seq"].as_u64().unwrap());
            let topic = self.topics.entry(name.to_owned()).or_default();
            if let Some(snapshot) = message.get("snapshot") {
                topic.value = snapshot.clone();
            } else {
                assert_eq!(seq, topic.seq + 1, "a frame of {name} is missing");
                merge(&mut topic.value, &message["delta"]);
            }
            (topic.seq, topic.stream_seq) = (seq, stream_seq);
        }
    }
}

/// RFC 7396: null removes, objects go in, all else takes the place.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
