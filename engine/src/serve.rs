//! The whole service: gateway, driver thread and dashboard around one journal.

use crate::archive;
use crate::config::Config;
use crate::driver::{Driver, Ports, QUESTIONS_WAITING_MAX, decode};
use crate::latency::Latency;
use crate::notify::{self, ALERTS_WAITING_MAX};
use crate::progress::Progress;
use crate::query::Engine;
use crate::sql::{Workbench, leave_a_core};
use crate::{files, metrics, postgres};
use futures_util::future::BoxFuture;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use vonglau_core::situation::Situation;
use vonglau_core::view::View;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::Setup;
use vonglau_dashboard::geometry::{Geometry, GeometryError};
use vonglau_dashboard::port::{Picture, Query};
use vonglau_ingest::{Ingest, IngestConfig, Nats, NatsConfig};
use vonglau_sql::Sql;
use vonglau_sql::history::{Archive, ArchiveError};
use vonglau_sql::live::{Live, LiveBounds};
use vonglau_sql::moments::Moments;
use vonglau_sql::threads::Threads;

/// The journal is replayed from its first message.
const FIRST_SEQ: u64 = 1;
/// With the pages, which drain for up to 10 s, everything ends within 20 s.
const GATEWAY_STOP_TIMEOUT: Duration = Duration::from_secs(3);
const DRIVER_STOP_TIMEOUT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(50);

/// Why the service could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{address}: cannot be listened on: {source}; choose another with --http")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Ingest(#[from] vonglau_ingest::StartError),
    #[error("the map cannot be made: {0}")]
    Geometry(#[from] GeometryError),
    #[error("the histograms cannot be made: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
    #[error("SQL cannot be started: {0}")]
    Sql(io::Error),
    #[error("the archive cannot be opened (see [archive])")]
    Archive(#[from] ArchiveError),
    #[error("HTTP ended: {0}")]
    Http(io::Error),
    #[error("the engine's thread ended by itself; its last words are in the log")]
    Driver,
}

/// What is told once HTTP answers.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub progress: Arc<Progress>,
}

/// Runs until shutdown. `listening` is told once HTTP answers.
pub fn serve<'a>(
    config: Config,
    data: &'a Path,
    listening: Box<dyn FnOnce(Running) + Send + 'a>,
    shutdown: CancellationToken,
) -> BoxFuture<'a, Result<(), ServeError>> {
    Box::pin(async move {
        let config = Arc::new(config);
        files::secret_folder(data).map_err(|source| ServeError::File { path: data.to_owned(), source })?;
        let listen = |source| ServeError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let wards = Arc::new(WardMap::new(&config.params.wards));
        let geometry = geometry(&config, &wards)?;
        // The gateway and the journal end after the pages, so that what came in last is still taken.
        let ending = CancellationToken::new();
        let ingest = vonglau_ingest::start(ingest_config(&config, data), ending.clone()).await?;

        let archive = archive::open(&config, data).await?;
        let (questions, asked) = mpsc::channel(QUESTIONS_WAITING_MAX);
        let (alerts, told) = mpsc::channel(ALERTS_WAITING_MAX);
        let empty = View::new(config.params.districts.len(), config.params.wards.len());
        let (pictures, picture) = watch::channel(Arc::new(Picture::new(Arc::new(empty.clone()), 0)));
        let progress = Arc::new(Progress::default());
        let latency = Arc::new(Latency::new()?);
        let threads = Threads::start(&config.sql).map_err(ServeError::Sql)?;
        let decoder = |source| ServeError::File { path: "the decoder's thread".into(), source };
        let ports = Ports {
            journal: decode(ingest.journal(FIRST_SEQ)).map_err(decoder)?,
            questions: asked,
            pictures,
            alerts,
            gateway: ingest.gateway.clone(),
            progress: Arc::clone(&progress),
            latency: Arc::clone(&latency),
            archive: archive.clone(),
            screens: threads.screens(),
        };
        let writing = archive.as_ref().map(Archive::start).transpose().map_err(ServeError::Sql)?;
        let situation = Situation::new(Arc::clone(&config.params), wards);
        let driver = drive(Driver::new(situation, empty, ports), &threads, &ending, &shutdown);
        tokio::spawn(note_head(ingest.nats.clone(), Arc::clone(&progress)));
        tokio::spawn(notify::run(told, ingest.nats.clone(), config.params.zone.clone()));

        let engine = Arc::new(Engine {
            config: Arc::clone(&config),
            questions,
            pictures: picture.clone(),
            progress: Arc::clone(&progress),
            ingest: ingest.clone(),
        });
        let leaving = leave_a_core(threads.cores().clone(), Arc::clone(&engine));
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(leaving));
        let moments: Arc<dyn Moments> = Arc::clone(&engine) as Arc<dyn Moments>;
        let sql = Sql::new(moments, Arc::clone(&config.params), &config.zone_name, config.sql, &threads)
            .map_err(ServeError::Sql)?;
        if let Some(archive) = &archive {
            sql.read_history(archive.clone());
        }
        postgres::start(&config, data, &sql, shutdown.clone()).await.map_err(ServeError::Sql)?;
        let live = Live::new(sql.clone(), LiveBounds::default());
        let setup = setup(&config, &engine, &ingest, (sql, live), latency, picture, geometry);
        let pages =
            tokio::spawn(vonglau_dashboard::serve(listener, setup, ingest.router(), shutdown.clone()));
        tracing::info!(%address, nats = crate::config::without_password(&config.nats_url), "serving");
        listening(Running { address, progress });
        let served = pages.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        shutdown.cancel();
        ending.cancel();
        let ended = end(&ingest, driver, archive.as_ref(), writing).await;
        served.map_err(ServeError::Http).and(ended)
    })
}

/// Ends all that takes in and keeps, once nobody is served.
async fn end(
    ingest: &Ingest,
    driver: io::Result<JoinHandle<()>>,
    archive: Option<&Archive>,
    writing: Option<JoinHandle<()>>,
) -> Result<(), ServeError> {
    if timeout(GATEWAY_STOP_TIMEOUT, ingest.stopped()).await.is_err() {
        tracing::warn!(
            "the gateway did not end in time; what it had not acknowledged its senders send again"
        );
    }
    // A driver that waits for the archive is let go too.
    archive.into_iter().for_each(Archive::end);
    let ended = join(driver).await;
    if let Some(writing) = writing {
        archive::join(writing).await;
    }
    ended
}

fn ingest_config(config: &Config, data: &Path) -> IngestConfig {
    IngestConfig {
        params: Arc::clone(&config.params),
        data: data.to_owned(),
        identity_key: config.identity_key.clone(),
        nats: NatsConfig {
            url: config.nats_url.clone(),
            monitor: Some(config.nats_monitor.clone()),
            events_gib_max: config.events_gib_max,
        },
        body_mib_max: config.body_mib_max,
    }
}

fn geometry(config: &Config, wards: &WardMap) -> Result<Geometry, ServeError> {
    let [outlines, landmarks] =
        config.map_texts().map_err(|(path, source)| ServeError::File { path, source })?;
    Ok(Geometry::build(&config.params, wards, outlines.as_deref(), landmarks.as_deref())?)
}

fn setup(
    config: &Arc<Config>,
    engine: &Arc<Engine>,
    ingest: &Ingest,
    (sql, live): (Sql, Live),
    latency: Arc<Latency>,
    picture: watch::Receiver<Arc<Picture>>,
    geometry: Geometry,
) -> Setup {
    let (counters, asked, shown) = (Arc::clone(&ingest.counters), Arc::clone(engine), picture.clone());
    let summaries = Arc::clone(&latency);
    let feeds = live.clone();
    let metrics = move || {
        let (done, standing) = asked.standing();
        let view = Arc::clone(&shown.borrow().view);
        metrics::text(&counters, &done, &standing, &view, &summaries) + &metrics::of_live(feeds.counts())
    };
    Setup {
        params: Arc::clone(&config.params),
        query: Arc::clone(engine) as Arc<dyn Query>,
        sql: Arc::new(Workbench::new(sql, live)),
        pictures: picture,
        geometry,
        observer: latency,
        metrics: Arc::new(metrics),
        access_open: config.open,
    }
}

/// Starts the driver's thread. If it ends by itself, whatever the cause, the service ends.
fn drive(
    driver: Driver,
    threads: &Threads,
    ending: &CancellationToken,
    shutdown: &CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let (runtime, cores) = (tokio::runtime::Handle::current(), threads.cores().clone());
    let (ending, shutdown) = (ending.clone(), shutdown.clone());
    std::thread::Builder::new().name("driver".to_owned()).spawn(move || {
        let _ends_with_us = shutdown.drop_guard();
        cores.go_first();
        runtime.block_on(driver.run(ending));
    })
}

/// Waits for the driver's thread, which looks up between two messages.
async fn join(driver: io::Result<JoinHandle<()>>) -> Result<(), ServeError> {
    let driver = driver.map_err(|source| ServeError::File { path: "the driver's thread".into(), source })?;
    let ended = timeout(DRIVER_STOP_TIMEOUT, async {
        while !driver.is_finished() {
            sleep(POLL).await;
        }
    });
    if ended.await.is_err() {
        tracing::warn!("the engine is within a long step and is left behind; the journal has everything");
        return Ok(());
    }
    driver.join().map_err(|_panic| ServeError::Driver)
}

/// Notes the head of EVENTS as soon as NATS can tell it.
async fn note_head(nats: Nats, progress: Arc<Progress>) {
    loop {
        if let Some(head) = nats.ask_head().await {
            progress.starts_at(head);
            return;
        }
        sleep(POLL).await;
    }
}
