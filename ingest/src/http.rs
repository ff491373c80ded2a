//! `POST /v1/events`: bodies in, receipts or problems out.

use crate::gateway::{Gateway, Receipt, Source, Unavailable};
use crate::openapi;
use crate::wire::{BodyError, Decoded};
use axum::body::BodyDataStream;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::StreamExt;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Header of a request that says where the events are from.
pub const SOURCE_HEADER: &str = "vonglau-source";
/// The value of it that `vonglau import` sends.
pub const SOURCE_IMPORT: &str = "import";

/// A body must be there within this.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);
/// Bytes and time that the rest of a refused body is read for.
const DRAINED_BYTES_MAX: usize = 64 << 20;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// A sender that is silent for so long waits for the answer.
const DRAIN_SILENCE: Duration = Duration::from_millis(500);
/// Bodies of all requests together, at least.
const BODIES_KIB_MIN: usize = 64 << 10;
/// No event is shorter than this, so that a body has at most so many.
const EVENT_BYTES_MIN: usize = 32;
/// Longer bodies are decoded beside the runtime's threads.
const DECODED_INLINE_BYTES_MAX: usize = 256 << 10;

#[derive(Clone, Debug)]
struct Door {
    gateway: Gateway,
    /// A permit is a KiB of bodies.
    bodies: Arc<Semaphore>,
}

/// `POST /v1/events`, `GET /openapi.json` and `GET /openapi` with its files.
pub fn router(gateway: Gateway) -> Router {
    let bodies = BODIES_KIB_MIN.max(gateway.body_bytes_max() / 256).min(Semaphore::MAX_PERMITS);
    let door = Door { gateway, bodies: Arc::new(Semaphore::new(bodies)) };
    Router::new()
        .route("/v1/events", post(events).fallback(only_post))
        .with_state(door)
        .route("/openapi.json", get(openapi::document))
        .route("/openapi", get(openapi::page))
        .route("/openapi/page.css", get(openapi::style))
        .route("/openapi/page.js", get(openapi::script))
}

/// An error as the contract writes it (`application/problem+json`).
pub fn problem(status: StatusCode, detail: &str, field: Option<&str>) -> Response {
    #[derive(Serialize)]
    struct Problem<'p> {
        r#type: &'static str,
        title: &'static str,
        status: u16,
        detail: &'p str,
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<&'p str>,
    }
    let title = status.canonical_reason().unwrap_or("Error");
    let body = Problem { r#type: "about:blank", title, status: status.as_u16(), detail, field };
    let mut response = (status, Json(body)).into_response();
    let json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

async fn only_post() -> Response {
    let mut response =
        problem(StatusCode::METHOD_NOT_ALLOWED, "events are sent with POST: see /openapi", None);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn events(State(door): State<Door>, request: Request) -> Response {
    match taken(&door, request).await {
        Ok(receipt) => Json(receipt).into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn taken(door: &Door, request: Request) -> Result<Receipt, Refused> {
    let (parts, body) = request.into_parts();
    let source = match parts.headers.get(SOURCE_HEADER) {
        Some(value) if value == SOURCE_IMPORT => Source::Import,
        _ => Source::Http,
    };
    let mut chunks = body.into_data_stream();
    match read(door, &parts.headers, &mut chunks).await {
        Ok((form, held)) => {
            let events = door.decode(held, form).await?;
            Ok(door.gateway.accept(events, source).await?)
        }
        Err(refused) => {
            drain(chunks).await;
            Err(refused)
        }
    }
}

async fn read(
    door: &Door,
    headers: &HeaderMap,
    chunks: &mut BodyDataStream,
) -> Result<(Form, Held), Refused> {
    let form = Form::of(headers)?;
    let held = tokio::time::timeout(BODY_TIMEOUT, door.hold(headers, chunks)).await;
    Ok((form, held.map_err(|_elapsed| Refused::Slow)??))
}

/// Reads what is left of a refused body and throws it away, so that its sender gets to read why.
async fn drain(mut chunks: BodyDataStream) {
    let drained = async {
        let mut left = DRAINED_BYTES_MAX;
        while left > 0
            && let Ok(Some(Ok(chunk))) = tokio::time::timeout(DRAIN_SILENCE, chunks.next()).await
        {
            left = left.saturating_sub(chunk.len());
        }
    };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::debug!("a refused body goes on and on; its connection is closed");
    }
}

/// How events are written in a body.
#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Ndjson,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Refused> {
        let encoding = headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Refused::Encoded);
        }
        let content_type =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let media = content_type.split(';').next().unwrap_or("").trim();
        if media.eq_ignore_ascii_case("application/json") {
            Ok(Self::Json)
        } else if media.eq_ignore_ascii_case("application/x-ndjson") {
            Ok(Self::Ndjson)
        } else {
            Err(Refused::MediaType)
        }
    }
}

/// A body, and its share of the room that all bodies have.
struct Held {
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl Door {
    async fn hold(&self, headers: &HeaderMap, chunks: &mut BodyDataStream) -> Result<Held, Refused> {
        let bytes_max = self.gateway.body_bytes_max();
        let told = headers.get(header::CONTENT_LENGTH);
        let told = told.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|bytes| bytes > bytes_max) {
            return Err(Refused::TooLarge { bytes_max });
        }
        let mut held = Held { bytes: Vec::new(), room: None };
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_gone| Refused::Broken)?;
            if held.bytes.len() + chunk.len() > bytes_max {
                return Err(Refused::TooLarge { bytes_max });
            }
            held.bytes.extend_from_slice(&chunk);
            self.make_room(&mut held)?;
        }
        Ok(held)
    }

    fn make_room(&self, held: &mut Held) -> Result<(), Refused> {
        let has = held.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let lacks = held.bytes.len().div_ceil(1 << 10).saturating_sub(has);
        let permits = u32::try_from(lacks).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.bodies).try_acquire_many_owned(permits);
        let more = more.map_err(|_full| Refused::Unavailable(Unavailable::QueueFull))?;
        match &mut held.room {
            Some(room) => room.merge(more),
            None => held.room = Some(more),
        }
        Ok(())
    }

    async fn decode(&self, held: Held, form: Form) -> Result<Vec<Decoded>, Refused> {
        let events_max = self.gateway.body_bytes_max() / EVENT_BYTES_MIN;
        let inline = held.bytes.len() <= DECODED_INLINE_BYTES_MAX;
        let gateway = self.gateway.clone();
        let decode = move || {
            let events = match form {
                Form::Json => gateway.decoder().body(&held.bytes, events_max),
                Form::Ndjson => gateway.decoder().lines(&held.bytes, events_max),
            };
            drop(held.room);
            events
        };
        let events = if inline {
            decode()
        } else {
            let beside = tokio::task::spawn_blocking(decode).await;
            beside.map_err(|_ended| Refused::Unavailable(Unavailable::Stopping))?
        };
        Ok(events?)
    }
}

/// Why a request as a whole is not taken.
#[derive(Debug)]
enum Refused {
    MediaType,
    Encoded,
    TooLarge { bytes_max: usize },
    Slow,
    Broken,
    Body(BodyError),
    Unavailable(Unavailable),
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Unavailable> for Refused {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Unavailable(error) => return error.into_response(),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the Content-Type is neither application/json nor application/x-ndjson: send one of them"
                    .into(),
            ),
            Self::Encoded => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "a Content-Encoding is not taken: send the body as it is".into(),
            ),
            Self::TooLarge { bytes_max } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "the body is larger than {bytes_max} bytes ([http] body_mib_max): send fewer events at once"
                ),
            ),
            Self::Slow => (
                StatusCode::REQUEST_TIMEOUT,
                format!("the body was not there within {} s: send it again", BODY_TIMEOUT.as_secs()),
            ),
            Self::Broken => (StatusCode::BAD_REQUEST, "the body broke off: send it again".into()),
            Self::Body(error @ BodyError::TooMany { .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            Self::Body(error) => (StatusCode::BAD_REQUEST, error.to_string()),
        };
        problem(status, &detail, None)
    }
}
