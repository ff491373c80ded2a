//! Bodies of requests.

use super::problem::Problem;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};

/// The body of a request; `what` it is, in English, for those who are refused.
///
/// # Errors
/// It is more than `bytes_max`, or compressed.
pub async fn read(request: Request, what: &str, bytes_max: usize) -> Result<Bytes, Problem> {
    let (head, body) = request.into_parts();
    let encoding = head.headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Err(unsupported(format!("{what} is sent without Content-Encoding")));
    }
    let too_long = || {
        let detail = format!("{what} is at most {bytes_max} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    let announced =
        head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > bytes_max) {
        return Err(too_long());
    }
    to_bytes(body, bytes_max).await.map_err(|_too_long_or_cut| too_long())
}

/// Checks that a body is said to be JSON.
///
/// # Errors
/// It is not.
pub fn is_json(headers: &HeaderMap, what: &str) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(unsupported(format!("{what} is sent as application/json")))
}

fn unsupported(detail: String) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}
