//! PostgreSQL's protocol, started with the service.

use crate::config::Config;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vonglau_sql::Sql;
use vonglau_sql::pg::{PgOptions, password_file, serve, users_file};

/// Connections at once; one more is closed at once.
const CONNECTIONS_MAX: usize = 100;

/// Starts it where the configuration says so. A port that is taken is told and does not keep the service from
/// starting: the city is watched without it too.
///
/// # Errors
/// A file of passwords that cannot be used.
pub async fn start(config: &Config, data: &Path, sql: &Sql, shutdown: CancellationToken) -> io::Result<()> {
    let Some(listen) = config.pg_listen else { return Ok(()) };
    let options = PgOptions {
        listen,
        password: password_file(data)?,
        users: config.pg_users_file.as_deref().map_or_else(|| Ok(Vec::new()), users_file)?,
        tls: config.pg_tls.clone(),
        connections_max: CONNECTIONS_MAX,
    };
    match TcpListener::bind(listen).await {
        Ok(listener) => {
            let sql = sql.clone();
            tokio::spawn(async move {
                if let Err(error) = serve(listener, sql, options, shutdown).await {
                    tracing::error!(%error, "PostgreSQL's protocol has ended; HTTP goes on");
                }
            });
        }
        Err(error) => taken(listen, &error),
    }
    Ok(())
}

fn taken(listen: SocketAddr, error: &io::Error) {
    tracing::warn!(
        address = %listen, %error,
        "PostgreSQL's protocol cannot be listened for; choose another address with [sql] pg_listen, or \"\" for none"
    );
}
