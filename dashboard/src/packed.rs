//! Bodies that are made once and given many times: plain, and packed with gzip for those who take it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// A body in both forms, under one tag.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    plain: Bytes,
    /// None where packing does not make it smaller.
    gzip: Option<Bytes>,
    content_type: String,
    cache: &'static str,
    /// Names the content, quotes included.
    tag: String,
}

impl Packed {
    /// Packs a body. `tag` has no quotes; `cache` is the value of Cache-Control.
    pub fn new(plain: Bytes, content_type: String, cache: &'static str, tag: &str) -> Self {
        let gzip = gzip(&plain).filter(|packed| packed.len() < plain.len());
        Self { plain, gzip, content_type, cache, tag: format!("\"{tag}\"") }
    }

    /// The form that the asker takes, or that it has the content already.
    ///
    /// Two forms must not share a strong tag; the packed one has the same tag as a weak one (RFC 9110, 8.8.3).
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let packed = self.gzip.as_ref().filter(|_| takes_gzip(headers));
        let tag = if packed.is_some() { format!("W/{}", self.tag) } else { self.tag.clone() };
        let about = [
            (header::ETAG, tag.as_str()),
            (header::CACHE_CONTROL, self.cache),
            (header::VARY, "accept-encoding"),
        ];
        if self.is_held(headers) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.content_type.as_str())];
        match packed {
            Some(body) => (about, kind, [(header::CONTENT_ENCODING, "gzip")], body.clone()).into_response(),
            None => (about, kind, self.plain.clone()).into_response(),
        }
    }

    fn is_held(&self, headers: &HeaderMap) -> bool {
        let ours = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == self.tag;
        listed(headers.get(header::IF_NONE_MATCH)).any(ours)
    }
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    // A vector takes everything; were it otherwise, the plain form remains.
    packing.write_all(plain).and_then(|()| packing.finish()).ok().map(Bytes::from)
}

/// `gzip` or `*` is among the accepted encodings, and not with weight 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let weight = |name: &str| {
        listed(headers.get(header::ACCEPT_ENCODING)).find_map(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            coding.trim().eq_ignore_ascii_case(name).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// The parts of a header that is a list.
fn listed(value: Option<&HeaderValue>) -> impl Iterator<Item = &str> {
    value.and_then(|value| value.to_str().ok()).unwrap_or_default().split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(accepted: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        takes_gzip(&headers)
    }

    #[test]
    fn gzip_is_given_to_those_alone_who_take_it() {
        for accepted in ["gzip", "deflate, GZIP;q=0.5, br", "gzip; q=1", "*", "identity, *;q=0.1"] {
            assert!(takes(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "gzip;q=0.000, *", "xgzip", "gzip;q=high", "*;q=0"] {
            assert!(!takes(accepted), "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
