//! The archive, wired to the service.

use crate::config::Config;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use vonglau_sql::history::{Archive, ArchiveError};

/// The folder in the data folder, where no other place is given.
const FOLDER: &str = "archive";
/// The day that is being written is waited for so long; what is half written nobody sees, and it is written anew.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);

/// Opens the archive; None where none is wanted.
///
/// # Errors
/// Why it cannot be read.
pub async fn open(config: &Config, data: &Path) -> Result<Option<Archive>, ArchiveError> {
    let Some(settings) = &config.archive else { return Ok(None) };
    let folder = data.join(FOLDER);
    Archive::open(settings, &folder, Arc::clone(&config.params), &config.zone_name).await.map(Some)
}

/// Waits for its thread.
pub async fn join(writing: JoinHandle<()>) {
    let ended = timeout(STOP_TIMEOUT, async {
        while !writing.is_finished() {
            sleep(POLL).await;
        }
    });
    if ended.await.is_err() {
        tracing::warn!("a day is being archived and is left behind; the next start writes it");
    }
}
