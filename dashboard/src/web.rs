//! The web app, out of the binary: nothing a page needs comes from another machine.

use crate::http::problem::Problem;
use crate::packed::Packed;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

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

/// Whatever no route answers: a file of the app, the app itself at `/`, `/sql` and `/district/<code>`, else 404.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let page = path.is_empty()
        || path == "sql"
        || path.strip_prefix("district/").is_some_and(|code| !code.is_empty() && !code.contains('/'));
    let name = if page { START } else { path };
    let file = PACKED.get(name);
    if file.is_none() && !page {
        return Problem::not_found("there is nothing at this path").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let allow = [(header::ALLOW, "GET, HEAD")];
        return (allow, method_not_allowed().await).into_response();
    }
    file.map_or_else(|| Html(NOT_BUILT).into_response(), |file| file.answer(&headers))
}

/// 405 where a path is known but not for this method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
}

/// All files, packed when the first is asked for.
static PACKED: LazyLock<HashMap<String, Packed>> = LazyLock::new(|| {
    let packed =
        |name: Cow<'static, str>| Files::get(&name).map(|file| (name.to_string(), pack(&name, file)));
    Files::iter().filter_map(packed).collect()
});

fn pack(name: &str, file: EmbeddedFile) -> Packed {
    let hash = file.metadata.sha256_hash();
    let tag = format!("{:016x}", u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default()));
    let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = match file.metadata.mimetype() {
        text @ ("text/html" | "text/css" | "text/javascript" | "text/plain") => {
            format!("{text}; charset=utf-8")
        }
        other => other.to_owned(),
    };
    let body = match file.data {
        Cow::Borrowed(body) => Bytes::from_static(body),
        Cow::Owned(body) => body.into(),
    };
    Packed::new(body, kind, cache, &tag)
}
