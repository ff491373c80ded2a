//! The web app, out of the binary: nothing a page needs comes from another machine.

use crate::http::problem::Problem;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Files;

/// Files below it carry their content's hash in their name.
const HASHED: &str = "assets/";
/// The page that the app starts from.
const START: &str = "index.html";

const NOT_BUILT: &str = "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Vọng Lâu</title>\
    <p>Trang web chưa được dựng: chạy <code>make web</code> rồi dựng lại chương trình.</p>\
    <p lang=\"en\">The web app is not built: run <code>make web</code>, then build the program again.</p></html>";

/// Whatever no route answers: a file of the app, the app itself at `/` and `/district/<code>`, else 404.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let page = path.is_empty()
        || path.strip_prefix("district/").is_some_and(|code| !code.is_empty() && !code.contains('/'));
    let name = if page { START } else { path };
    let file = Files::get(name);
    if file.is_none() && !page {
        return Problem::not_found("there is nothing at this path").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let allow = [(header::ALLOW, "GET, HEAD")];
        return (allow, method_not_allowed().await).into_response();
    }
    file.map_or_else(|| Html(NOT_BUILT).into_response(), |file| answer(name, file, &headers))
}

/// 405 where a path is known but not for this method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
}

fn answer(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag = format!("\"{:016x}\"", u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default()));
    let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, cache.into())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|held| held.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let kind = match file.metadata.mimetype() {
        text @ ("text/html" | "text/css" | "text/javascript" | "text/plain") => {
            format!("{text}; charset=utf-8")
        }
        other => other.to_owned(),
    };
    (about, [(header::CONTENT_TYPE, kind)], file.data).into_response()
}
