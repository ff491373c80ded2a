//! What people see: HTTP API, websocket hub, the web app.
//!
//! Everything shown is the fold of the situation's deltas, asked for through [`port::Query`] and followed as
//! [`port::Picture`]s; the engine stands behind that port. IO is in [`serve`] and the hub's clients; what an answer
//! says is made by plain functions in `wire`, `topic` and `headline`.

mod access;
pub mod geometry;
pub mod headline;
mod http;
mod hub;
mod packed;
pub mod patch;
pub mod port;
#[cfg(test)]
#[path = "../tests/it/shipped.rs"]
mod shipped;
pub mod topic;
mod web;
pub mod wire;

pub use hub::{CLIENTS_MAX, FRAME_LATE_MS_MAX, FRAME_MS_MIN, Hub};

use axum::serve::ListenerExt;
use axum::{Router, middleware};
use futures_util::future::BoxFuture;
use geometry::Geometry;
use http::App;
use port::{Observer, Picture, Query, Sql};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vonglau_core::params::Params;

/// Requests under way at the shutdown are waited for at most so long.
const DRAIN_S_MAX: u64 = 10;

/// What the dashboard works with.
pub struct Setup {
    pub params: Arc<Params>,
    pub query: Arc<dyn Query>,
    pub sql: Arc<dyn Sql>,
    /// The newest picture whenever something changed; the empty one at first.
    pub pictures: watch::Receiver<Arc<Picture>>,
    pub geometry: Geometry,
    pub observer: Arc<dyn Observer>,
    /// The text of `GET /metrics`.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Anybody who reaches the address may ask (`[access] open`).
    pub access_open: bool,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("access_open", &self.access_open).finish_non_exhaustive()
    }
}

/// All routes, guarded, and the hub's task, to be spawned. `others`: the gateway's routes, without a fallback; they
/// are guarded likewise.
pub fn app(setup: Setup, others: Router) -> (Router, Hub) {
    let Setup { params, query, sql, pictures, geometry, observer, metrics, access_open } = setup;
    let hub = Hub::new(Arc::clone(&params), Arc::clone(&query), Arc::clone(&sql), pictures, observer);
    let ids_made = std::sync::atomic::AtomicU64::new(0);
    let shares = App { params, query, sql, hub: hub.shared(), geometry, metrics, ids_made };
    let router = http::routes(Arc::new(shares))
        .merge(others)
        .method_not_allowed_fallback(web::method_not_allowed)
        .fallback(web::serve)
        .layer(middleware::from_fn_with_state(access_open, access::guard))
        .layer(middleware::from_fn(access::headers));
    (router, hub)
}

/// Answers on `listener` until the shutdown; then ends within [`DRAIN_S_MAX`] seconds.
///
/// # Errors
/// When the listener breaks.
pub fn serve(
    listener: TcpListener,
    setup: Setup,
    others: Router,
    shutdown: CancellationToken,
) -> BoxFuture<'static, io::Result<()>> {
    Box::pin(async move {
        let (router, hub) = app(setup, others);
        let feeding = tokio::spawn(hub.run(shutdown.clone()));
        // Frames are small and wanted at once.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection may be slower than it could");
            }
        });
        let serving =
            axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let drained = async {
            shutdown.cancelled().await;
            tokio::time::sleep(Duration::from_secs(DRAIN_S_MAX)).await;
        };
        let ended = tokio::select! {
            ended = serving.into_future() => ended,
            () = drained => Ok(()),
        };
        feeding.abort();
        ended
    })
}
