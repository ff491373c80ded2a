//! The link to NATS: connects in the background, keeps the streams there, and knows where they stand.

mod durable;
mod streams;

use crate::config::NatsConfig;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, connection::State};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use streams::StreamsError;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use vonglau_core::time::Time;

pub use streams::{EVENTS, INBOX, REJECTED};

/// An answer of JetStream later than this is none.
pub const ACK_TIMEOUT: Duration = Duration::from_secs(5);
/// Header of a message: the gateway's `now` once it is in EVENTS, in seconds since 1970.
pub const NOW_HEADER: &str = "Vonglau-Now";
/// How the events of a message came in: `http`, `nats` or `import`.
pub const SOURCE_HEADER: &str = "Vonglau-Source";
/// Header of a message: the version of the events in it; absent means 1.
pub const SCHEMA_HEADER: &str = "Vonglau-Schema";
/// The one version there is.
pub const SCHEMA: &str = "1";
/// How often the streams are looked at, and how long a try to connect waits for the next.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Messages whose acknowledgement the client library follows.
const ACKS_MAX: usize = 8_192;

/// Can events be written?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// NATS cannot be reached, or its streams are not there.
    Cut,
    /// Connected, and the streams are there.
    Connected,
}

/// Handle to the link; cheap to clone.
#[derive(Clone, Debug)]
pub struct Nats {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: NatsConfig,
    context: OnceLock<Context>,
    link: watch::Sender<Link>,
    /// Something happened to the connection: look now.
    woken: Notify,
    head: AtomicU64,
    inbox_waiting: AtomicU64,
    durable: Mutex<Option<bool>>,
    trouble: Mutex<Option<String>>,
}

/// Called with `now` as the last message of EVENTS tells it.
pub type Restored = Box<dyn Fn(Time) + Send + Sync>;

impl Nats {
    pub fn new(config: NatsConfig) -> Self {
        let inner = Inner {
            config,
            context: OnceLock::new(),
            link: watch::Sender::new(Link::Cut),
            woken: Notify::new(),
            head: AtomicU64::new(0),
            inbox_waiting: AtomicU64::new(0),
            durable: Mutex::new(None),
            trouble: Mutex::new(Some("not connected yet".into())),
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn link(&self) -> Link {
        *self.inner.link.borrow()
    }

    /// To wait for changes of the link.
    pub fn watch(&self) -> watch::Receiver<Link> {
        self.inner.link.subscribe()
    }

    /// Whether NATS writes to disk before it acknowledges; none where nobody could tell.
    pub fn durable(&self) -> Option<bool> {
        *lock(&self.inner.durable)
    }

    /// Last sequence of EVENTS as far as is known; 0 where it is empty or was never seen.
    pub fn head(&self) -> u64 {
        self.inner.head.load(Relaxed)
    }

    /// Last sequence of EVENTS, asked now; none while it does not answer.
    pub async fn ask_head(&self) -> Option<u64> {
        let head = streams::state(self.context()?, EVENTS).await.ok()?.last_sequence;
        self.saw(head);
        Some(head)
    }

    /// Messages that wait in INBOX, asked each second.
    pub fn inbox_waiting(&self) -> u64 {
        self.inner.inbox_waiting.load(Relaxed)
    }

    /// For messages outside the streams.
    pub fn client(&self) -> Option<Client> {
        self.inner.context.get().map(Context::client)
    }

    /// Why the link is cut, for people.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.inner.trouble).clone()
    }

    /// `EVENTS` reaches at least to here.
    pub(crate) fn saw(&self, sequence: u64) {
        self.inner.head.fetch_max(sequence, Relaxed);
    }

    pub(crate) fn context(&self) -> Option<&Context> {
        self.inner.context.get()
    }

    /// Keeps the link until `shutdown`.
    pub(crate) async fn keep(self, restored: Restored, shutdown: CancellationToken) {
        let kept = async {
            let client = self.connect().await;
            let builder = jetstream::ContextBuilder::new().timeout(ACK_TIMEOUT).ack_timeout(ACK_TIMEOUT);
            let context = self.inner.context.get_or_init(|| builder.max_ack_inflight(ACKS_MAX).build(client));
            loop {
                // Before the first look too: it is connecting, which is not a cut.
                tokio::select! {
                    () = self.inner.woken.notified() => {}
                    () = tokio::time::sleep(LOOK_INTERVAL) => {}
                }
                self.look(context, &restored).await;
            }
        };
        tokio::select! {
            () = kept => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Gives a client that goes on trying for ever.
    async fn connect(&self) -> Client {
        loop {
            let inner = Arc::clone(&self.inner);
            let options = ConnectOptions::new()
                .name("vonglau")
                .retry_on_initial_connect()
                .reconnect_delay_callback(|tries| {
                    LOOK_INTERVAL.min(Duration::from_millis(100 * tries as u64))
                })
                .event_callback(move |event| {
                    inner.happened(&event);
                    std::future::ready(())
                });
            let servers: Vec<&str> = self.inner.config.url.split(',').collect();
            match options.connect(servers).await {
                Ok(client) => return client,
                Err(error) => self.cut(format!("[nats] url cannot be used ({error}): look at it")),
            }
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Sees whether everything is there, and makes it so where it can.
    async fn look(&self, context: &Context, restored: &Restored) {
        if context.client().connection_state() != State::Connected {
            self.cut(format!("no connection to {}: is nats-server running there?", self.inner.config.url));
            return;
        }
        let seen = match self.link() {
            Link::Connected => self.poll(context).await,
            Link::Cut => self.take_up(context, restored).await,
        };
        match seen {
            Ok(()) if context.client().connection_state() == State::Connected => self.connected(),
            Ok(()) => {}
            Err(error) => self.cut(error.to_string()),
        }
    }

    async fn poll(&self, context: &Context) -> Result<(), StreamsError> {
        self.saw(streams::state(context, EVENTS).await?.last_sequence);
        let waiting = streams::state(context, INBOX).await?.messages;
        self.inner.inbox_waiting.store(waiting, Relaxed);
        Ok(())
    }

    async fn take_up(&self, context: &Context, restored: &Restored) -> Result<(), StreamsError> {
        streams::ensure(context, self.inner.config.events_gib_max).await?;
        // Not the greatest ever seen: the stream may be another one now.
        self.inner.head.store(streams::state(context, EVENTS).await?.last_sequence, Relaxed);
        self.poll(context).await?;
        if let Some(now) = streams::last_now(context, self.head()).await? {
            restored(now);
        }
        let durable = match &self.inner.config.monitor {
            Some(monitor) => durable::ask(monitor, &context.client().server_info().server_id).await,
            None => None,
        };
        *lock(&self.inner.durable) = durable;
        Ok(())
    }

    fn connected(&self) {
        *lock(&self.inner.trouble) = None;
        if self.link() == Link::Cut {
            tracing::info!(head = self.head(), durable = ?self.durable(), "NATS is connected");
        }
        self.inner.link.send_replace(Link::Connected);
    }

    fn cut(&self, why: String) {
        let news = lock(&self.inner.trouble).as_deref() != Some(why.as_str());
        if news {
            tracing::warn!(why, "NATS is cut");
            *lock(&self.inner.trouble) = Some(why);
        }
        self.inner.link.send_replace(Link::Cut);
    }
}

impl Inner {
    fn happened(&self, event: &Event) {
        tracing::debug!(%event, "nats");
        if matches!(event, Event::Disconnected | Event::Closed) {
            self.link.send_replace(Link::Cut);
        }
        self.woken.notify_one();
    }
}

/// What a panic elsewhere left is still a whole value: all are set in one go.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
