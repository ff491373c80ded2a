//! What says that a day is there: one small file a day, written last.

use super::store::{ASKED_AT_ONCE, ArchiveError, Place};
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

/// The form of the files; another is refused.
pub(super) const FORM: u32 = 1;
/// Where the days are listed.
const DAYS: &str = "days";

/// A file of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub table: String,
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    /// Hex digits.
    pub sha256: String,
}

/// A day that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub form: u32,
    /// The local date of its begin.
    pub day: String,
    /// [from, to), in seconds since 1970.
    pub from: i64,
    pub to: i64,
    /// The event time at which the edge passed it.
    pub passed_at: i64,
    /// How often it was written anew.
    pub part: u32,
    pub files: Vec<File>,
}

impl Written {
    /// The file of a table; None where the day has no row of it.
    pub fn file(&self, table: &str) -> Option<&File> {
        self.files.iter().find(|file| file.table == table && file.rows > 0)
    }

    /// How many rows of a table.
    pub fn rows(&self, table: &str) -> u64 {
        self.file(table).map_or(0, |file| file.rows)
    }

    /// Where it stands itself.
    pub(super) fn path(&self) -> Path {
        Path::from(format!("{DAYS}/{}.json", self.day))
    }

    /// Puts it down: from now on the day is there.
    pub(super) async fn put(&self, place: &Place) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec_pretty(self);
        let text = text
            .map_err(|why| ArchiveError::Written { path: self.path().to_string(), why: why.to_string() })?;
        place.store.put(&self.path(), text.into()).await.map(drop).map_err(|error| place.error(&error))
    }

    /// Takes the day out: first that it is there, then its files.
    pub(super) async fn remove(&self, place: &Place) -> Result<(), ArchiveError> {
        place.store.delete(&self.path()).await.map_err(|error| place.error(&error))?;
        self.remove_files(place).await
    }

    /// Takes its files out, as far as they are there.
    pub(super) async fn remove_files(&self, place: &Place) -> Result<(), ArchiveError> {
        for file in &self.files {
            match place.store.delete(&Path::from(file.path.as_str())).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(place.error(&error)),
            }
        }
        Ok(())
    }
}

/// All days that are there.
pub(super) async fn list(place: &Place) -> Result<Vec<Written>, ArchiveError> {
    let listed: Result<Vec<_>, _> = place.store.list(Some(&Path::from(DAYS))).try_collect().await;
    let listed = listed.map_err(|error| place.error(&error))?;
    // What a crash has left half written has another ending.
    let whole: Vec<Path> = listed
        .into_iter()
        .map(|meta| meta.location)
        .filter(|path| path.extension() == Some("json"))
        .collect();
    let mut days = Vec::new();
    for some in whole.chunks(ASKED_AT_ONCE) {
        days.extend(try_join_all(some.iter().map(|path| read(place, path))).await?);
    }
    Ok(days)
}

async fn read(place: &Place, path: &Path) -> Result<Written, ArchiveError> {
    let text = place.store.get(path).await.map_err(|error| place.error(&error))?;
    let text = text.bytes().await.map_err(|error| place.error(&error))?;
    let damaged =
        |why: String| ArchiveError::Damaged { path: path.to_string(), manifest: path.to_string(), why };
    let day: Written = serde_json::from_slice(&text).map_err(|why| damaged(why.to_string()))?;
    if day.form != FORM {
        return Err(damaged(format!("form {} where {FORM} is known", day.form)));
    }
    Ok(day)
}
