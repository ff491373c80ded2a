//! The gateway's answers.

use crate::http::problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use thiserror::Error;

/// What became of the events of one request; the three counts sum to the events sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// In EVENTS by now.
    pub accepted: u64,
    /// In EVENTS already, as far as the gateway can know.
    pub duplicates: u64,
    /// Refused, and in REJECTED by now.
    pub rejected: Vec<Rejected>,
    /// The last sequence of EVENTS that holds one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_seq: Option<u64>,
}

/// A refused event of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its place in the request, from 0.
    pub index: u64,
    /// The field that is wrong; empty for the event as a whole.
    pub field: &'static str,
    pub reason: &'static str,
}

/// How events came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Http,
    Nats,
    Import,
}

impl Source {
    /// The word in REJECTED, in headers and in SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Nats => "nats",
            Self::Import => "import",
        }
    }

    /// The source of that word.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Http, Self::Nats, Self::Import].into_iter().find(|source| source.name() == name)
    }
}

/// Why events cannot be taken now. Nothing of them is lost by sending all of them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unavailable {
    #[error("more arrives than can be written: slow down and send it again")]
    QueueFull,
    #[error("NATS cannot be reached: send it again")]
    Cut,
    #[error("NATS did not acknowledge in time: send it again")]
    NotAcked,
    #[error("a stream is full: the operator must make room, then send it again")]
    StreamFull,
    #[error("identities could not be written: the operator must look at the data folder, then send it again")]
    Vault,
    #[error("the service is stopping: send it again")]
    Stopping,
}

impl Unavailable {
    pub const fn status(self) -> StatusCode {
        match self {
            Self::QueueFull => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Seconds after which another try makes sense.
    pub const fn retry_after_s(self) -> u64 {
        match self {
            Self::QueueFull | Self::NotAcked => 1,
            Self::Cut | Self::Stopping => 2,
            Self::StreamFull | Self::Vault => 30,
        }
    }
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        let mut response = problem(self.status(), &self.to_string(), None);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(self.retry_after_s()));
        response
    }
}
