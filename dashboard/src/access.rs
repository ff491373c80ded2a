//! Who may ask at all, and what every answer carries.
//!
//! Until there are accounts the service is for this machine alone: a request must name a loopback host, and where a
//! browser says which page it comes from, that page's host too. So neither another machine nor another site's page in
//! a browser here can read a thing.

use crate::http::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::Ipv4Addr;

/// Everything a page needs comes from here; the map's worker is made of a blob, and elements carry sizes as style.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; \
     style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Answers 403 where the request does not come from this machine. `open`: nothing is looked at.
pub(crate) async fn guard(State(open): State<bool>, request: Request, next: Next) -> Response {
    if !open && !is_local(request.uri(), request.headers()) {
        let detail = "this service has no sign-in yet and answers on this machine alone: ask for it by a loopback \
                      name, or start it with --allow-anonymous";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    if let Err(problem) = check_path(request.uri().path()) {
        return problem.into_response();
    }
    next.run(request).await
}

/// Headers of every answer, where the route has not set its own.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let all_local =
        |name| headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(is_loopback_origin));
    let hosts_local = headers.get_all(header::HOST).iter().all(|value| value.to_str().is_ok_and(is_loopback));
    let named = headers.contains_key(header::HOST) || uri.host().is_some();
    named
        && hosts_local
        && uri.authority().is_none_or(|host| is_loopback(host.as_str()))
        && all_local(header::ORIGIN)
}

/// `scheme://host[:port]`; `null` is nobody we know.
fn is_loopback_origin(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, host)| is_loopback(host))
}

/// `localhost`, `127.x.x.x` or `[::1]`, with any port or none.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, rest)) => (if inside == "::1" { "localhost" } else { inside }, rest),
        None => host.find(':').map_or((host, ""), |colon| host.split_at(colon)),
    };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let local =
        name.eq_ignore_ascii_case("localhost") || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    port_fits && local
}

/// A path names pseudonyms, never people: a personal number in it is answered 400, and not repeated.
fn check_path(path: &str) -> Result<(), Problem> {
    for segment in path.split('/') {
        let Some(segment) = unescaped(segment) else {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "the path is not UTF-8"));
        };
        if segment.len() == 12 && segment.bytes().all(|b| b.is_ascii_digit()) {
            let detail = "a path must not hold a personal number; people are asked for by their pseudonym";
            return Err(Problem::field("person", detail));
        }
    }
    Ok(())
}

/// A segment without its escapes; None where it is not UTF-8.
fn unescaped(segment: &str) -> Option<String> {
    let mut parts = segment.split('%');
    let mut plain = parts.next()?.as_bytes().to_vec();
    for part in parts {
        if let Some(byte) = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            plain.extend_from_slice(&part.as_bytes()[2..]);
        } else {
            plain.push(b'%');
            plain.extend_from_slice(part.as_bytes());
        }
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_are_known_with_any_port() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
    }

    #[test]
    fn other_names_are_not_loopback() {
        for host in [
            "",
            "example.org",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "128.0.0.1",
            "[::2]",
            "127.0.0.1:x",
            "localhost:",
            "[::1]x",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(!is_loopback_origin("null"));
        assert!(is_loopback_origin("http://localhost:5173"));
    }

    #[test]
    fn a_personal_number_in_a_path_is_refused_however_it_is_written() {
        for path in ["/api/v1/cases/001099012345/contacts", "/x/00109901%32345", "/001099012345"] {
            assert!(check_path(path).is_err(), "{path}");
        }
        for path in
            ["/api/v1/cases/P00109901234/contacts", "/api/v1/hexes/884153392bfffff", "/x/0010990123456"]
        {
            assert!(check_path(path).is_ok(), "{path}");
        }
        assert!(check_path("/%ff").is_err());
    }
}
