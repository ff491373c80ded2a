//! Where the archive lies: a folder, or a bucket of an object store.

use arrow::error::ArrowError;
use datafusion::datasource::object_store::ObjectStoreUrl;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::SpawnedReqwestConnector;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, RetryConfig};
use parquet::errors::ParquetError;
use rustc_hash::FxHashSet;
use std::error::Error;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// Under which address sessions know the archive; nobody can write it in a statement.
const ADDRESS: &str = "archive://days";
/// A bucket that does not answer is asked again so often, and for so long: who waits for a statement is told why before
/// the statement's own time is over.
const RETRIES_MAX: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);
/// Objects that are asked about at once, since each takes a way to the store and back.
pub(super) const ASKED_AT_ONCE: usize = 16;

/// How S3 says that it does not let in who asks.
const REFUSALS: [&str; 4] =
    ["(AccessDenied)", "(InvalidAccessKeyId)", "(SignatureDoesNotMatch)", "403 Forbidden"];
/// What to look at when a store gives nothing.
const DISK: &str = "check the disk, and whom the folder belongs to";
const REACH: &str =
    "check that the store runs and AWS_ENDPOINT leads to it (one of http:// with AWS_ALLOW_HTTP=true)";
const NO_KEY: &str =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for this machine has no role of its own";
const KEY: &str = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they may do in the bucket";
const BUCKET: &str = "check the bucket in [archive] url; it must be there";
const ANY: &str =
    "check that the store or disk of [archive] url is well and its days are whole, then ask again";
const SETTINGS: &str = "check [archive] url, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// Why the archive cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{url}: {why}; {advice}")]
    Store { url: String, why: String, advice: &'static str },
    #[error("{url}: {why}; {DISK}")]
    Folder { url: String, why: std::io::Error },
    #[error("{url}: an archive's address must be \"\", file:///… or s3://bucket/prefix")]
    Address { url: String },
    #[error(
        "{path} in the archive is not what was written ({why}); put it back from a copy, or remove {manifest} \
             so that the day counts as lost"
    )]
    Damaged { path: String, manifest: String, why: String },
    #[error("{path}: {why}")]
    Written { path: String, why: String },
}

/// Where the archive lies.
#[derive(Clone, Debug)]
pub struct Place {
    pub(super) store: Arc<dyn ObjectStore>,
    /// As it was given.
    pub(super) url: String,
    /// Files can be read whole at little cost.
    pub(super) is_local: bool,
    /// What to look at when it does not answer.
    advice: &'static str,
    /// Files that were found whole, so that each is looked through once.
    pub(super) whole: Arc<Mutex<FxHashSet<String>>>,
}

impl Place {
    /// Finds it: `url` is "" for the folder, else `file:///…` or `s3://bucket/prefix`, whose credentials come from the
    /// environment. Within a Tokio runtime, which speaks with a bucket for all threads.
    ///
    /// # Errors
    /// When the address is none, or the folder cannot be made.
    pub fn open(url: &str, folder: &Path) -> Result<Self, ArchiveError> {
        if let Some(place) = url.strip_prefix("s3://") {
            return Self::bucket(url, place);
        }
        let folder = match url.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => PathBuf::from(path),
            None if url.is_empty() => folder.to_owned(),
            _ => return Err(ArchiveError::Address { url: url.to_owned() }),
        };
        let url = folder.display().to_string();
        make_folder(&folder).map_err(|why| ArchiveError::Folder { url: url.clone(), why })?;
        let store = LocalFileSystem::new_with_prefix(&folder);
        let store = store.map_err(|error| failed(&url, error.to_string(), DISK))?;
        Ok(Self { store: Arc::new(store), url, is_local: true, advice: DISK, whole: Arc::default() })
    }

    fn bucket(url: &str, place: &str) -> Result<Self, ArchiveError> {
        let (_, prefix) = place.split_once('/').unwrap_or((place, ""));
        let retry =
            RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
        // Connections are kept for later requests of any thread, but move only while the runtime that opened them runs.
        let connector = SpawnedReqwestConnector::new(Handle::current());
        let builder =
            AmazonS3Builder::from_env().with_url(url).with_retry(retry).with_http_connector(connector);
        let has_key = builder.get_config_value(&AmazonS3ConfigKey::AccessKeyId).is_some();
        let store = builder.build().map_err(|error| failed(url, root(&error), SETTINGS))?;
        let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(store, StorePath::from(prefix)));
        let advice = if has_key { REACH } else { NO_KEY };
        Ok(Self { store, url: url.to_owned(), is_local: false, advice, whole: Arc::default() })
    }

    /// Under which address a session reads it.
    ///
    /// # Errors
    /// None in practice.
    pub fn address() -> datafusion::error::Result<ObjectStoreUrl> {
        ObjectStoreUrl::parse(ADDRESS)
    }

    pub(super) fn error(&self, error: &object_store::Error) -> ArchiveError {
        if self.is_local {
            return failed(&self.url, error.to_string(), self.advice);
        }
        let why = root(error);
        let advice = if why.contains("(NoSuchBucket)") {
            BUCKET
        } else if REFUSALS.iter().any(|refusal| why.contains(refusal)) {
            KEY
        } else {
            self.advice
        };
        failed(&self.url, why, advice)
    }
}

fn failed(url: &str, why: String, advice: &'static str) -> ArchiveError {
    ArchiveError::Store { url: url.to_owned(), why, advice }
}

/// Why the archive failed while it was read, and what to do, if that is what an error of a statement tells: statements
/// read no other files.
pub fn failed_reading(error: &(dyn Error + 'static)) -> Option<String> {
    let is_of_files = |error: &(dyn Error + 'static)| {
        error.is::<object_store::Error>()
            || error.is::<ParquetError>()
            || matches!(error.downcast_ref(), Some(ArrowError::ParquetError(_)))
    };
    iter::successors(Some(error), |error| (*error).source())
        .any(is_of_files)
        .then(|| format!("{}; {ANY}", root(error)))
}

/// What lies under an error, in a line: each level above says the same once more.
pub(super) fn root(error: &dyn Error) -> String {
    let mut root = error;
    while let Some(under) = root.source() {
        root = under;
    }
    let text = root.to_string();
    // S3's own words stand in XML.
    match (element(&text, "Code"), element(&text, "Message")) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        _ => text.lines().next().unwrap_or_default().to_owned(),
    }
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// A folder that only its owner may read.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::error::DataFusionError;

    fn denied() -> object_store::Error {
        object_store::Error::PermissionDenied { path: "days".to_owned(), source: "not for you".into() }
    }

    #[test]
    fn a_store_that_fails_while_it_is_read_is_known_under_all_that_is_said_above_it() {
        let parquet = || ParquetError::External(Box::new(denied()));
        for error in [
            DataFusionError::ObjectStore(Box::new(denied())),
            DataFusionError::ParquetError(Box::new(parquet())),
            DataFusionError::External(Box::new(parquet())).context("in a join"),
            DataFusionError::ArrowError(Box::new(ArrowError::ExternalError(Box::new(parquet()))), None),
            DataFusionError::Shared(Arc::new(DataFusionError::ParquetError(Box::new(parquet())))),
        ] {
            assert_eq!(failed_reading(&error), Some(format!("not for you; {ANY}")), "{error:?}");
        }
        let damaged = DataFusionError::ParquetError(Box::new(ParquetError::General("no magic".to_owned())));
        assert!(failed_reading(&damaged).is_some_and(|why| why.contains("no magic")));
    }

    #[test]
    fn a_statement_that_is_wrong_is_no_fault_of_the_archive() {
        let error = DataFusionError::ArrowError(Box::new(ArrowError::DivideByZero), None);
        assert_eq!(failed_reading(&error), None);
    }
}
