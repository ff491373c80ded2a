//! The service's SQL over HTTP.

use super::catalog::Catalog;
use super::failure::{Failure, Problem};
use reqwest::{Client as Http, Response, Url, header};
use std::error::Error as _;
use std::time::{Duration, Instant};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A catalog is at hand; a statement may take as long as the service lets it.
const CATALOG_TIMEOUT: Duration = Duration::from_secs(10);
/// A service that went away without a word is noticed so.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A service to ask.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    base: String,
}

/// An answer whose bytes are still coming.
#[derive(Debug)]
pub struct Coming {
    response: Response,
    client: Client,
    began: Instant,
    bytes: u64,
}

impl Client {
    /// For an address like `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// The address is none, or is not HTTP.
    pub fn new(to: &str) -> Result<Self, Failure> {
        let address = || Failure::Address { url: to.to_owned() };
        let base = to.trim_end_matches('/').trim_end_matches("/api/v1/sql").to_owned();
        let url = Url::parse(&base).map_err(|_not_one| address())?;
        if url.scheme() != "http" || !url.has_host() {
            return Err(address());
        }
        let http = Http::builder().connect_timeout(CONNECT_TIMEOUT).tcp_keepalive(KEEPALIVE).build();
        let http = http.map_err(|error| Failure::Unreachable { url: base.clone(), why: why(&error) })?;
        Ok(Self { http, base })
    }

    /// The address asked.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks; dropping what comes ends the work.
    ///
    /// # Errors
    /// The statement was refused, or nobody answers.
    pub async fn ask(&self, sql: &str, media_type: &str) -> Result<Coming, Failure> {
        let began = Instant::now();
        let body = serde_json::json!({ "sql": sql }).to_string();
        let request = self.http.post(format!("{}/api/v1/sql", self.base)).header(header::ACCEPT, media_type);
        let sent = request.header(header::CONTENT_TYPE, "application/json").body(body).send().await;
        let response = self.checked(sent, media_type).await?;
        Ok(Coming { response, client: self.clone(), began, bytes: 0 })
    }

    /// What there is to ask of.
    ///
    /// # Errors
    /// Nobody answers, or not a service of ours.
    pub async fn catalog(&self) -> Result<Catalog, Failure> {
        let request = self.http.get(format!("{}/api/v1/sql/catalog", self.base)).timeout(CATALOG_TIMEOUT);
        let response = self.checked(request.send().await, "application/json").await?;
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|_other| self.stranger(200))
    }

    async fn checked(&self, sent: reqwest::Result<Response>, wanted: &str) -> Result<Response, Failure> {
        let response = sent.map_err(|error| self.unreachable(&error))?;
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        if status == 200 && media_type.starts_with(wanted) {
            return Ok(response);
        }
        if !media_type.starts_with("application/problem+json") || matches!(status, 404 | 405) {
            return Err(self.stranger(status));
        }
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        let problem: Problem = serde_json::from_slice(&body).map_err(|_other| self.stranger(status))?;
        Err(match status {
            502..=504 => Failure::Unavailable { url: self.base.clone(), detail: problem.detail },
            _ => Failure::Refused(Box::new(problem)),
        })
    }

    fn stranger(&self, status: u16) -> Failure {
        Failure::Stranger { url: self.base.clone(), status }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        Failure::Unreachable { url: self.base.clone(), why: why(error) }
    }
}

impl Coming {
    /// The next bytes; None once the answer is whole.
    ///
    /// # Errors
    /// The answer broke off.
    pub async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Failure> {
        match self.response.chunk().await {
            Ok(chunk) => {
                let length = chunk.as_ref().map_or(0, tokio_util::bytes::Bytes::len);
                self.bytes += u64::try_from(length).unwrap_or(0);
                Ok(chunk)
            }
            Err(error) => Err(self.broken_off(&why(&error)).await),
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// The answer broke off.
    pub async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(bytes) = self.next().await? {
            body.extend_from_slice(bytes.as_ref());
        }
        Ok(body)
    }

    /// A service that still answers broke it off itself: most likely a bound was hit.
    async fn broken_off(&self, why: &str) -> Failure {
        let catalog = self.client.catalog().await;
        let is_over = |catalog: &Catalog| {
            self.began.elapsed() >= Duration::from_secs(catalog.bounds.statement_timeout_s)
        };
        let bound = catalog.as_ref().is_ok_and(is_over).then(|| "statement_timeout_s".to_owned());
        Failure::BrokenOff { bytes: self.bytes, why: why.to_owned(), bound, reachable: catalog.is_ok() }
    }
}

/// The innermost reason, which says most.
fn why(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}
