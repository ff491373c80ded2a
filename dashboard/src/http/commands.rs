//! What operators do with alerts.

use super::problem::Problem;
use super::{Reply, Shares};
use crate::port::CommandDraft;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use std::sync::atomic::Ordering;

/// A command's body at most.
const COMMAND_BYTES_MAX: usize = 64 << 10;

/// The fields of a JSON object; a field that comes twice is an error, as in events.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Map<String, Value>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Map::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    // `null` is absent.
                    if fields.insert(key, value).is_some() {
                        return Err(A::Error::custom("a field comes twice"));
                    }
                }
                fields.retain(|_, value| !value.is_null());
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

pub(super) async fn take(State(app): Shares, request: Request) -> Reply {
    let Fields(mut event) = read(request).await?;
    let picture = app.picture().await?;
    let Some(now) = picture.view.now else {
        return Err(Problem::new(StatusCode::CONFLICT, "there is no event yet, so no alert to act on"));
    };
    let alert = match event.get("alert") {
        Some(Value::String(alert)) => alert,
        Some(_) => return Err(Problem::field("alert", "must be the id of an alert, as text")),
        None => return Err(Problem::field("alert", "required")),
    };
    if !picture.view.alerts.contains_key(alert.as_str()) {
        return Err(Problem::not_found("no alert has this id; /api/v1/alerts lists them"));
    }
    event.insert("kind".into(), "command".into());
    event.insert("at".into(), app.zone().write(now).into());
    event.entry("id").or_insert_with(|| {
        let n = app.ids_made.fetch_add(1, Ordering::Relaxed);
        format!("k-{}-{n}", app.hub.run_name()).into()
    });
    let taken = app.query.command(CommandDraft { event }).await?;
    let body = json!({ "id": &*taken.id, "stream_seq": taken.stream_seq }).to_string();
    Ok((StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The fields of a command in a request.
async fn read(request: Request) -> Result<Fields, Problem> {
    let (head, body) = request.into_parts();
    is_plain_json(&head.headers)?;
    let too_long = || {
        let detail = format!("a command is at most {COMMAND_BYTES_MAX} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    let announced =
        head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > COMMAND_BYTES_MAX) {
        return Err(too_long());
    }
    let Ok(bytes) = to_bytes(body, COMMAND_BYTES_MAX).await else { return Err(too_long()) };
    // What serde says of a value may quote it; the place is enough.
    serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::field("", format!("must be one JSON object, each field once; line {line}, column {column}"))
    })
}

fn is_plain_json(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported = |detail: &str| Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return unsupported("commands are sent as application/json");
    }
    match text(header::CONTENT_ENCODING) {
        None | Some("identity") => Ok(()),
        Some(_) => unsupported("commands are sent without Content-Encoding"),
    }
}
