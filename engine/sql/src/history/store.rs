//! Where the archive lies: a folder, or a bucket of an object store.

use datafusion::datasource::object_store::ObjectStoreUrl;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use object_store::prefix::PrefixStore;
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Under which address sessions know the archive; nobody can write it in a statement.
const ADDRESS: &str = "archive://days";

/// Why the archive cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{url}: {source}")]
    Store { url: String, source: object_store::Error },
    #[error("{url}: {source}")]
    Folder { url: String, source: std::io::Error },
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
    /// Files that were found whole, so that each is looked through once.
    pub(super) whole: Arc<Mutex<FxHashSet<String>>>,
}

impl Place {
    /// Finds it: `url` is "" for the folder, else `file:///…` or `s3://bucket/prefix`, whose credentials come from the
    /// environment.
    ///
    /// # Errors
    /// When the address is none, or the folder cannot be made.
    pub fn open(url: &str, folder: &Path) -> Result<Self, ArchiveError> {
        if let Some(rest) = url.strip_prefix("s3://") {
            let (_, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let store = AmazonS3Builder::from_env().with_url(url).build();
            let store = store.map_err(|source| ArchiveError::Store { url: url.to_owned(), source })?;
            let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(store, StorePath::from(prefix)));
            return Ok(Self { store, url: url.to_owned(), is_local: false, whole: Arc::default() });
        }
        let folder = match url.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => PathBuf::from(path),
            None if url.is_empty() => folder.to_owned(),
            _ => return Err(ArchiveError::Address { url: url.to_owned() }),
        };
        let url = folder.display().to_string();
        make_folder(&folder).map_err(|source| ArchiveError::Folder { url: url.clone(), source })?;
        let store = LocalFileSystem::new_with_prefix(&folder);
        let store = store.map_err(|source| ArchiveError::Store { url: url.clone(), source })?;
        Ok(Self { store: Arc::new(store), url, is_local: true, whole: Arc::default() })
    }

    /// Under which address a session reads it.
    ///
    /// # Errors
    /// None in practice.
    pub fn address() -> datafusion::error::Result<ObjectStoreUrl> {
        ObjectStoreUrl::parse(ADDRESS)
    }

    pub(super) fn error(&self, source: object_store::Error) -> ArchiveError {
        ArchiveError::Store { url: self.url.clone(), source }
    }
}

/// A folder that only its owner may read.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
