//! How the service is.

use super::problem::Problem;
use super::{Reply, Shares, json};
use crate::wire::status::Status;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::timeout;

/// So long a status waits for a picture of its own position.
const HEADLINE_TIMEOUT: Duration = Duration::from_millis(500);

pub(super) async fn health() -> &'static str {
    "ok\n"
}

pub(super) async fn ready(State(app): Shares) -> Response {
    let state = app.query.status().state;
    if state.is_ready() {
        return format!("{}\n", state.name()).into_response();
    }
    let detail = format!("the state is {}; the picture is not up to date", state.name());
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    Problem { retry_after_s: Some(1), ..problem }.into_response()
}

pub(super) async fn metrics(State(app): Shares) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, (app.metrics)()).into_response()
}

pub(super) async fn status(State(app): Shares) -> Reply {
    let status = app.query.status();
    // The headline is of the position that is told, or of a later one; who reads back is not held up for it.
    let fresh = if status.state.is_ready() {
        timeout(HEADLINE_TIMEOUT, app.query.picture()).await.ok().and_then(Result::ok)
    } else {
        None
    };
    json(&Status::new(&status, &fresh.unwrap_or_else(|| app.hub.current()), &app.params))
}
