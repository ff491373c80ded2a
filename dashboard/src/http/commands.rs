//! What operators do with alerts.

use super::body::{self, is_json};
use super::problem::Problem;
use super::{Reply, Shares};
use crate::port::CommandDraft;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
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
    is_json(request.headers(), "a command")?;
    let bytes = body::read(request, "a command", COMMAND_BYTES_MAX).await?;
    // What serde says of a value may quote it; the place is enough.
    serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::field("", format!("must be one JSON object, each field once; line {line}, column {column}"))
    })
}
