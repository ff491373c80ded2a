//! What the gateway is told; plain data, filled by whoever wires it.

use std::path::PathBuf;
use std::sync::Arc;
use vonglau_core::params::Params;

/// Everything that events coming in depend on.
#[derive(Clone, Debug)]
pub struct IngestConfig {
    /// The city's rules: clock, zone, retention, districts, wards, kinds of venues.
    pub params: Arc<Params>,
    /// Folder of `identity.key`, `vault.key` and `identities.vault`; it must be there.
    pub data: PathBuf,
    /// `[identity] key`: hex of 16 to 64 bytes. None: made at first start.
    pub identity_key: Option<String>,
    pub nats: NatsConfig,
    /// `[http] body_mib_max`: largest body of `POST /v1/events`.
    pub body_mib_max: usize,
}

/// Where the streams are.
#[derive(Clone, Debug)]
pub struct NatsConfig {
    /// `nats://host:port`, several separated by commas.
    pub url: String,
    /// Its monitoring port, `http://host:port`: the only place that tells whether it writes before it acknowledges.
    pub monitor: Option<String>,
    /// Size of EVENTS past which events are answered 503.
    pub events_gib_max: u64,
}

impl IngestConfig {
    /// Bytes of the largest body.
    pub const fn body_bytes_max(&self) -> usize {
        self.body_mib_max.saturating_mul(1 << 20)
    }
}
