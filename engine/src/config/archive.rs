//! `[archive]`: where what the retention edge passes is kept.

use super::read::Reader;
use vonglau_sql::history::Settings;

/// What is kept and where; None: nothing.
pub fn settings(reader: &mut Reader<'_>) -> Option<Settings> {
    let is_enabled = reader.flag("archive.enabled");
    let (url, keep_days) = (reader.text("archive.url"), reader.int("archive.keep_days", 0..=36_500, "days"));
    let is_known = url.is_empty() || url.starts_with("file:///") || url.starts_with("s3://");
    if !is_known {
        reader
            .fault("archive.url", "must be \"\", or like \"file:///srv/archive\" or \"s3://bucket/prefix\"");
    }
    is_enabled.then_some(Settings { url, keep_days })
}
