//! TLS with a certificate of the operator's.

use datafusion_postgres::pgwire::tokio::TlsAcceptor;
use datafusion_postgres::pgwire::tokio::tokio_rustls::rustls::ServerConfig;
use datafusion_postgres::pgwire::tokio::tokio_rustls::rustls::crypto::ring;
use datafusion_postgres::pgwire::tokio::tokio_rustls::rustls::pki_types::pem::PemObject;
use datafusion_postgres::pgwire::tokio::tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Name of the protocol, for clients that begin with TLS at once.
const ALPN: &[u8] = b"postgresql";

/// What makes connections secret, and the certificate as it stands in its file (PEM).
pub struct Tls {
    pub acceptor: TlsAcceptor,
    pub certificate: Vec<u8>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate (with those that sign it) and its key, both PEM.
    ///
    /// # Errors
    /// A file cannot be read, holds nothing of the kind, or the two do not fit each other.
    pub fn read(certificate: &Path, key: &Path) -> io::Result<Self> {
        let pem = std::fs::read(certificate)?;
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(certificate, error))?;
        if chain.is_empty() {
            return Err(wrong(certificate, "there is no certificate in it"));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| wrong(key, error))?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: pem })
    }
}

fn wrong(path: &Path, what: impl Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}
