//! A websocket client that folds what it is told.

use crate::fake::Server;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Nothing in these tests takes so long.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub hello: Value,
    /// The fold of each topic.
    pub held: BTreeMap<String, Value>,
    pub seqs: BTreeMap<String, u64>,
}

impl Socket {
    pub async fn open(server: &Server) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(8 << 10).unwrap();
        let tcp = socket.connect(server.address).await.unwrap();
        let url = format!("ws://{}/ws", server.address);
        let (stream, _) = client_async_with_config(url, tcp, Some(WebSocketConfig::default())).await.unwrap();
        let mut socket = Self { stream, hello: Value::Null, held: BTreeMap::new(), seqs: BTreeMap::new() };
        socket.hello = socket.message().await["hello"].clone();
        socket
    }

    pub fn run(&self) -> String {
        self.hello["run"].as_str().unwrap().into()
    }

    pub async fn send(&mut self, message: Value) {
        self.raw(Message::text(message.to_string())).await;
    }

    pub async fn raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next message of any kind.
    pub async fn message(&mut self) -> Value {
        serde_json::from_str(self.next().await.to_text().unwrap()).unwrap()
    }

    async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.stream.next()).await.unwrap().unwrap().unwrap()
    }

    /// The code with which the server closes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.unwrap().code.into();
            }
        }
    }

    /// The next message that is no status; frames are folded.
    pub async fn told(&mut self) -> Value {
        let other = async {
            loop {
                let message = self.message().await;
                if message.get("status").is_none() {
                    return message;
                }
            }
        };
        let message = timeout(PATIENCE, other).await.unwrap();
        self.fold(&message);
        message
    }

    fn fold(&mut self, message: &Value) {
        let Some(topic) = message["topic"].as_str() else { return };
        let seq = message["seq"].as_u64().unwrap_or_default();
        if let Some(snapshot) = message.get("snapshot") {
            self.held.insert(topic.into(), snapshot.clone());
        } else if let Some(delta) = message.get("delta") {
            assert_eq!(Some(seq), self.seqs.get(topic).map(|seq| seq + 1), "{topic}");
            merge(self.held.get_mut(topic).unwrap(), delta);
        } else {
            return;
        }
        self.seqs.insert(topic.into(), seq);
    }

    /// Subscribes and waits for the snapshots.
    pub async fn subscribe(&mut self, topics: &[&str]) {
        self.send(json!({ "subscribe": topics })).await;
        for topic in topics {
            let message = self.told().await;
            assert_eq!(
                (&message["topic"], message["snapshot"].is_object()),
                (&json!(topic), true),
                "{message}"
            );
        }
    }

    /// Reads on until a frame of this position or a later one.
    pub async fn until(&mut self, stream_seq: u64) -> Value {
        loop {
            let message = self.told().await;
            if message["stream_seq"].as_u64().is_some_and(|seq| seq >= stream_seq) {
                return message;
            }
        }
    }
}

/// RFC 7396.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let held = target.as_object_mut().unwrap();
    for (key, value) in fields {
        if value.is_null() {
            held.remove(key);
        } else {
            merge(held.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
