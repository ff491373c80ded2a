//! A server on a free port over a situation that the test holds in its hands.

use crate::sample;
use axum::Router;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vonglau_core::ask::Question;
use vonglau_core::params::{Clock, Params};
use vonglau_core::view::View;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::geometry::Geometry;
use vonglau_dashboard::port::{
    Answered, Arrived, BoxFuture, CommandDraft, CommandRefused, CommandTaken, Observer, Picture, Query,
    State, Status, Unavailable,
};
use vonglau_dashboard::{Setup, serve};

/// The situation.
pub struct Fake {
    pub params: Arc<Params>,
    pictures: watch::Sender<Arc<Picture>>,
    pub status: Mutex<Status>,
    /// Commands that were taken.
    pub commands: Mutex<Vec<CommandDraft>>,
    /// What the gateway says to a command.
    pub refuse: Mutex<Option<CommandRefused>>,
    /// What the engine says to every question.
    pub unavailable: Mutex<Option<Unavailable>>,
    /// The position of which frames were sent last.
    pub sent: AtomicU64,
}

impl Fake {
    fn new(params: Params, view: Arc<View>, stream_seq: u64) -> Self {
        Self {
            params: Arc::new(params),
            pictures: watch::Sender::new(Arc::new(Picture::new(view, stream_seq))),
            status: Mutex::new(status()),
            commands: Mutex::default(),
            refuse: Mutex::default(),
            unavailable: Mutex::default(),
            sent: AtomicU64::new(0),
        }
    }

    pub fn newest(&self) -> Arc<Picture> {
        Arc::clone(&self.pictures.borrow())
    }

    /// Goes on to the next position with a change.
    pub fn change(&self, change: impl FnOnce(&mut View)) {
        let mut view = View::clone(&self.newest().view);
        change(&mut view);
        let stream_seq = self.newest().stream_seq + 1;
        self.pictures.send_replace(Arc::new(Picture::new(Arc::new(view), stream_seq)));
    }

    fn available(&self) -> Result<(), Unavailable> {
        self.unavailable.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

/// Live, nothing behind.
pub fn status() -> Status {
    Status {
        stream_seq: 41,
        stream_head: 42,
        event_time: Some(sample::at("10:30:00")),
        server_time: sample::at("10:30:01"),
        behind_events: 1,
        behind_ms: 12,
        events_per_s: 245.25,
        arrived: Arrived { scan: Some(sample::at("10:30:00")), case: None },
        state: State::Live,
        stopped_since: None,
        durable: Some(true),
        clock: Clock::Wall,
        rejected: 3,
        version: "0.1.0".into(),
        catch_up: None,
        access_open: false,
        scaled_note: None,
    }
}

impl Query for Fake {
    fn picture(&self) -> BoxFuture<'_, Result<Arc<Picture>, Unavailable>> {
        Box::pin(async { self.available().map(|()| self.newest()) })
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answered, Unavailable>> {
        Box::pin(async move {
            self.available()?;
            let picture = self.newest();
            Ok(Answered {
                answer: sample::answer(&question),
                stream_seq: picture.stream_seq,
                event_time: picture.view.now,
            })
        })
    }

    fn status(&self) -> Status {
        self.status.lock().unwrap().clone()
    }

    fn command(&self, draft: CommandDraft) -> BoxFuture<'_, Result<CommandTaken, CommandRefused>> {
        Box::pin(async move {
            if let Some(refused) = self.refuse.lock().unwrap().clone() {
                return Err(refused);
            }
            let id = draft.event.get("id").and_then(Value::as_str).unwrap_or_default().into();
            self.commands.lock().unwrap().push(draft);
            Ok(CommandTaken { id, stream_seq: 43 })
        })
    }
}

struct Sent(Arc<Fake>);

impl Observer for Sent {
    fn frame_sent(&self, stream_seq: u64, _made_in: std::time::Duration) {
        self.0.sent.store(stream_seq, Ordering::Relaxed);
    }
}

/// A server, ended when it is dropped.
pub struct Server {
    pub fake: Arc<Fake>,
    pub address: SocketAddr,
    pub shutdown: CancellationToken,
    client: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Server {
    /// Over the sample at position 41, for this machine alone.
    pub fn start() -> Self {
        let params = sample::params();
        let view = sample::shared(&params);
        Self::over(Fake::new(params, view, 41), false)
    }

    /// Over a city of which nothing is known yet.
    pub fn empty() -> Self {
        let params = sample::params();
        let view = Arc::new(View::new(params.districts.len(), params.wards.len()));
        Self::over(Fake::new(params, view, 0), false)
    }

    /// As [`Server::start`], for everybody.
    pub fn open() -> Self {
        let params = sample::params();
        let view = sample::shared(&params);
        Self::over(Fake::new(params, view, 41), true)
    }

    fn over(fake: Fake, access_open: bool) -> Self {
        let fake = Arc::new(fake);
        let (listener, shutdown) = (narrow_listener(), CancellationToken::new());
        let address = listener.local_addr().unwrap();
        let map = WardMap::new(&fake.params.wards);
        let setup = Setup {
            params: Arc::clone(&fake.params),
            query: Arc::clone(&fake) as Arc<dyn Query>,
            sql: Arc::new(vonglau_dashboard::port::NoSql),
            pictures: fake.pictures.subscribe(),
            geometry: Geometry::build(&fake.params, &map, None, None).unwrap(),
            observer: Arc::new(Sent(Arc::clone(&fake))),
            metrics: Arc::new(|| "vonglau_stream_seq 41\n".into()),
            access_open,
        };
        tokio::spawn(serve(listener, setup, Router::new(), shutdown.clone()));
        Self { fake, address, shutdown, client: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(path))
    }

    pub fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.post(self.url(path))
    }

    /// A command, sent as it should be.
    pub fn command(&self, command: &Value) -> reqwest::RequestBuilder {
        self.post("/api/v1/commands").header("content-type", "application/json").body(command.to_string())
    }

    /// The JSON of a path that answers 200.
    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = answer(self.get(path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

/// Status and JSON of an answer.
pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What the system keeps for a client that does not read is small, so that tests need not send much.
fn narrow_listener() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(16 << 10).unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    socket.listen(64).unwrap()
}
