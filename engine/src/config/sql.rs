//! `[sql]`: where PostgreSQL's protocol is spoken, and what statements may take.

use super::read::Reader;
use std::net::SocketAddr;
use std::path::PathBuf;
use vonglau_sql::bounds::Bounds;

/// Where PostgreSQL's protocol is spoken.
pub fn pg_listen(reader: &mut Reader<'_>, open: bool) -> Option<SocketAddr> {
    let text = reader.text("sql.pg_listen").replace("localhost:", "127.0.0.1:");
    if text.is_empty() {
        return None;
    }
    let Ok(address) = text.parse::<SocketAddr>() else {
        reader
            .fault("sql.pg_listen", "must be an address and port like \"127.0.0.1:5432\", or \"\" for none");
        return None;
    };
    if !address.ip().is_loopback() && !open {
        reader.fault(
            "sql.pg_listen",
            "is not a loopback address: give [access] open = true if everybody who reaches it and knows the \
             password may see everything",
        );
    }
    Some(address)
}

/// A path, if there is one.
pub fn path(reader: &mut Reader<'_>, key: &str) -> Option<PathBuf> {
    Some(reader.text(key)).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Certificate and key.
pub fn pg_tls(reader: &mut Reader<'_>) -> Option<(PathBuf, PathBuf)> {
    let (cert, key) = (path(reader, "sql.pg_tls_cert"), path(reader, "sql.pg_tls_key"));
    if cert.is_some() != key.is_some() {
        reader.fault("sql.pg_tls_cert", "pg_tls_cert and pg_tls_key come together");
    }
    cert.zip(key)
}

/// What statements may take.
pub fn bounds(reader: &mut Reader<'_>) -> Bounds {
    let mut whole = |key, range, unit| usize::try_from(reader.int(key, range, unit)).unwrap_or_default();
    let (rows_max, memory_mib) =
        (whole("sql.rows_max", 1..=1_000_000, "rows"), whole("sql.memory_mib", 16..=1_048_576, "MiB"));
    let queries_per_user = whole("sql.queries_per_user", 1..=1_000, "statements");
    let queries = whole("sql.queries", 1..=1_000, "statements");
    let statement_timeout_s = reader.int("sql.statement_timeout_s", 1..=86_400, "seconds").unsigned_abs();
    Bounds { statement_timeout_s, rows_max, memory_mib, queries_per_user, queries, ..Bounds::default() }
}
