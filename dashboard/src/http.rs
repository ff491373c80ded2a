//! The paths of the contract's HTTP table that read the picture, and the commands.

mod areas;
mod asked;
mod body;
mod cases;
mod commands;
mod page;
pub(crate) mod problem;
mod series;
mod service;
pub(crate) mod sql;
mod venues;

use crate::geometry::Geometry;
use crate::hub::Shared;
use crate::hub::client;
use crate::port::{Answered, Picture, Query, Sql};
use crate::wire::{Stamped, written};
use axum::Router;
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use page::Stamp;
use problem::Problem;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use vonglau_core::ask::Question;
use vonglau_core::params::Params;
use vonglau_core::time::Zone;

/// What all handlers share.
pub(crate) struct App {
    pub params: Arc<Params>,
    pub query: Arc<dyn Query>,
    pub sql: Arc<dyn Sql>,
    pub hub: Arc<Shared>,
    pub geometry: Geometry,
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Ids of commands made so far.
    pub ids_made: AtomicU64,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("hub", &self.hub).finish_non_exhaustive()
    }
}

type Shares = State<Arc<App>>;
type Reply = Result<Response, Problem>;

/// The routes, without what guards them.
pub(crate) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(service::health))
        .route("/readyz", get(service::ready))
        .route("/metrics", get(service::metrics))
        .route("/api/v1/status", get(service::status))
        .route("/api/v1/city", get(areas::city))
        .route("/api/v1/districts", get(areas::districts))
        .route("/api/v1/districts/{code}", get(areas::district))
        .route("/api/v1/wards", get(areas::wards))
        .route("/api/v1/hexes", get(venues::hexes))
        .route("/api/v1/hexes/{cell}", get(venues::hex))
        .route("/api/v1/venues", get(venues::list))
        .route("/api/v1/venues/{venue}", get(venues::one))
        .route("/api/v1/venues/{venue}/present", get(venues::present))
        .route("/api/v1/cases", get(cases::list))
        .route("/api/v1/cases/{person}/contacts", get(cases::contacts))
        .route("/api/v1/cases/{person}/chain", get(cases::chain))
        .route("/api/v1/cases/{person}/backward", get(cases::backward))
        .route("/api/v1/persons/{person}/visits", get(cases::visits))
        .route("/api/v1/contacts", get(cases::followed))
        .route("/api/v1/series", get(series::series))
        .route("/api/v1/alerts", get(areas::alerts))
        .route("/api/v1/geometry", get(geometry))
        .route("/api/v1/commands", post(commands::take))
        .route("/api/v1/sql", post(sql::run))
        .route("/api/v1/sql/catalog", get(sql::catalog))
        .route("/ws", get(websocket))
        .with_state(app)
}

impl App {
    async fn picture(&self) -> Result<Arc<Picture>, Problem> {
        Ok(self.query.picture().await?)
    }

    async fn ask(&self, question: Question) -> Result<Answered, Problem> {
        Ok(self.query.ask(question).await?)
    }

    fn zone(&self) -> &Zone {
        &self.params.zone
    }

    /// An object with its position.
    fn stamped<T: Serialize>(&self, stamp: Stamp, body: T) -> Reply {
        let event_time = written(self.zone(), stamp.event_time);
        json(&Stamped { stream_seq: stamp.stream_seq, event_time, body })
    }
}

impl Picture {
    fn stamp(&self) -> Stamp {
        Stamp { stream_seq: self.stream_seq, event_time: self.view.now }
    }
}

impl Answered {
    const fn stamp(&self) -> Stamp {
        Stamp { stream_seq: self.stream_seq, event_time: self.event_time }
    }
}

/// 200 with a wire object.
fn json(body: &impl Serialize) -> Reply {
    match serde_json::to_string(body) {
        Ok(text) => Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response()),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the answer could not be written; this is a fault of ours",
            ))
        }
    }
}

/// The answer was of another kind than the question: a fault of ours, said as such.
fn mismatch() -> Problem {
    tracing::error!("an answer was of another kind than its question");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the answer is of another kind than the question; this is a fault of ours",
    )
}

/// The one part of a path that is a parameter.
type Named = Path<String>;

async fn geometry(State(app): Shares, headers: HeaderMap) -> Response {
    app.geometry.answer(&headers)
}

async fn websocket(
    State(app): Shares,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => client::accept(Arc::clone(&app.hub), upgrade),
        Err(rejection) => {
            Problem::new(rejection.status(), "this path takes websocket connections only").into_response()
        }
    }
}
