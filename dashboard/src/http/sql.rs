//! `POST /api/v1/sql` and its catalog.

use super::body;
use super::problem::Problem;
use super::{Reply, Shares};
use crate::port::{SqlAsked, SqlFormat, SqlRefused};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// Until there are accounts, all who ask over HTTP are one.
const USER: &str = "page";
/// A body at most: a statement may have 256 KiB, and JSON writes some letters in six.
const BODY_BYTES_MAX: usize = 2 << 20;
/// When it is worth asking again, where too many ask at once.
const RETRY_AFTER_S: u32 = 1;

#[derive(Deserialize)]
struct Asked {
    sql: String,
}

#[derive(Serialize)]
struct Body400<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    line: Option<u64>,
    column: Option<u64>,
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<&'static str>,
}

/// Runs a statement.
pub async fn run(State(app): Shares, headers: HeaderMap, request: Request) -> Reply {
    let body = body::read(request, "a statement", BODY_BYTES_MAX).await?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        Problem::field("sql", format!("the body must be {{\"sql\": \"SELECT …\"}}: {error}"))
    })?;
    let format = format(&headers)?;
    let asked = SqlAsked { sql: asked.sql, format, user: USER.into() };
    match app.sql.run(asked).await {
        Ok(answer) => {
            let headers = [(header::CONTENT_TYPE, answer.media_type), (header::CACHE_CONTROL, "no-store")];
            Ok((headers, Body::from_stream(answer.body)).into_response())
        }
        Err(refused) => Ok(refusal(&refused)),
    }
}

/// What there is to ask of.
pub async fn catalog(State(app): Shares) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.sql.catalog().to_string()).into_response()
}

/// What Accept wants most of what can be given, the first of equals; JSON where nothing is said.
fn format(headers: &HeaderMap) -> Result<SqlFormat, Problem> {
    let Some(accept) = headers.get(header::ACCEPT) else { return Ok(SqlFormat::Json) };
    let accept = accept.to_str().unwrap_or_default();
    let wanted = accept.split(',').filter_map(|part| {
        let mut parts = part.split(';').map(str::trim);
        let format = known(parts.next()?)?;
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        (weight > 0.0).then_some((format, weight))
    });
    let most = wanted.reduce(|most, next| if next.1 > most.1 { next } else { most });
    most.map(|(format, _)| format).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "SQL answers application/json, text/csv, application/vnd.apache.arrow.stream or \
             application/vnd.apache.parquet",
        )
    })
}

fn known(media_type: &str) -> Option<SqlFormat> {
    match media_type {
        "application/json" | "application/*" | "*/*" | "" => Some(SqlFormat::Json),
        "text/csv" | "text/*" => Some(SqlFormat::Csv),
        "application/vnd.apache.arrow.stream" => Some(SqlFormat::Arrow),
        "application/vnd.apache.parquet" => Some(SqlFormat::Parquet),
        _ => None,
    }
}

fn refusal(refused: &SqlRefused) -> Response {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = refusal_text(refused);
    let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], text).into_response();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
    }
    response
}

/// Why a statement gives no answer, as JSON.
pub(crate) fn refusal_text(refused: &SqlRefused) -> String {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let SqlRefused { detail, line, column, hint, bound, .. } = refused;
    let body = Body400 {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: refused.status,
        detail,
        line: *line,
        column: *column,
        hint: hint.as_deref(),
        bound: *bound,
    };
    // Texts and numbers: nothing that JSON cannot hold.
    serde_json::to_string(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &'static str) -> Option<SqlFormat> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        format(&headers).ok()
    }

    #[test]
    fn what_is_wanted_most_is_given() {
        assert_eq!(chosen("text/csv"), Some(SqlFormat::Csv));
        assert_eq!(chosen("text/html, application/json"), Some(SqlFormat::Json));
        assert_eq!(chosen("text/csv;q=0.1, application/json"), Some(SqlFormat::Json));
        assert_eq!(chosen("application/json;q=0, text/csv;q=0.2"), Some(SqlFormat::Csv));
        assert_eq!(chosen("text/csv, application/json"), Some(SqlFormat::Csv), "the first of equals");
        assert_eq!(chosen("text/html, */*;q=0.1"), Some(SqlFormat::Json));
        assert_eq!(chosen("text/html, application/json;q=0"), None);
    }
}
