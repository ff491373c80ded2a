//! PostgreSQL's protocol, for the tools that epidemiologists have: psql, R, Python, DBeaver, Metabase, Grafana.
//!
//! Every statement takes a fresh moment of the city, in a transaction too, and runs within the bounds of SQL: memory,
//! time, statements at once. The bound on rows does not apply, because rows are sent as they come and wait nowhere.
//! A statement that a client cancels stops; so does one whose client is gone. Nothing can be written.

mod auth;
mod copy;
mod errors;
mod extended;
mod names;
mod params;
mod password;
mod rewrite;
mod rows;
mod server;
mod session;
mod settings;
mod simple;
mod statement;
mod system;
#[cfg(test)]
mod tests;
mod tls;

pub use password::{PASSWORD_FILE, Secret, password_file, users_file};
pub use system::with_information;
pub use tls::Tls;

use crate::catalog::CATALOG;
use crate::run::Sql;
use datafusion_postgres::pgwire::tokio::process_socket;
use futures_util::future::BoxFuture;
use server::{Connection, Server};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The user there always is; the database has the same name.
pub const USER: &str = "vonglau";
/// How long a client may take to hear that the server stops.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long it is waited before one looks again: for room for one more connection, for the end of one.
const BREATH: Duration = Duration::from_millis(100);

/// How connections are taken.
#[derive(Clone, Debug)]
pub struct PgOptions {
    /// Where to listen; loopback unless the operator wants otherwise.
    pub listen: SocketAddr,
    /// The password of the user `vonglau`.
    pub password: Secret,
    /// Further users with their passwords. All may read everything.
    pub users: Vec<(String, Secret)>,
    /// Files (PEM) with a certificate and its key; without them connections are not encrypted.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Connections at once; one more is closed at once.
    pub connections_max: usize,
}

/// Takes connections until `shutdown`, then ends those there are within a second.
///
/// # Errors
/// The certificate cannot be used, the system catalog cannot be made (a fault of ours), or nothing can be accepted.
pub fn serve(
    listener: TcpListener,
    sql: Sql,
    options: PgOptions,
    shutdown: CancellationToken,
) -> BoxFuture<'static, io::Result<()>> {
    Box::pin(async move {
        let server = Arc::new(Server::new(sql, &options, shutdown.clone()).await?);
        let places = Arc::new(Semaphore::new(options.connections_max));
        let mut connections = JoinSet::new();
        tracing::info!(address = %listener.local_addr()?, database = CATALOG, "PostgreSQL's protocol is spoken");
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = shutdown.cancelled() => break,
                Some(_ended) = connections.join_next(), if !connections.is_empty() => continue,
            };
            match (accepted, Arc::clone(&places).try_acquire_owned()) {
                (Ok((socket, address)), Ok(place)) => {
                    let server = Arc::clone(&server);
                    connections.spawn(async move {
                        connection(&server, socket, address).await;
                        drop(place);
                    });
                }
                (Ok((_, address)), Err(_full)) => {
                    let max = options.connections_max;
                    tracing::warn!(%address, max, "a connection is refused: there are as many as may be");
                }
                (Err(error), _) => {
                    tracing::warn!(%error, "a connection is not accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
        Ok(())
    })
}

/// Serves one connection until it ends or the server stops.
async fn connection(server: &Arc<Server>, socket: TcpStream, address: SocketAddr) {
    let given_up = CancellationToken::new();
    let handlers = match Connection::new(server, given_up.clone()) {
        Ok(handlers) => Arc::new(handlers),
        Err(error) => return tracing::error!(%error, "a connection cannot be served"),
    };
    let acceptor = server.tls.as_ref().map(|tls| tls.acceptor.clone());
    let (socket, watched) = match twice(socket) {
        Ok(both) => both,
        Err(error) => return tracing::warn!(%address, %error, "a connection cannot be watched"),
    };
    let mut serving = Box::pin(process_socket(socket, acceptor, Arc::clone(&handlers)));
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = given_up.cancelled() => return tracing::warn!(%address, "a connection is ended: its client does not read"),
        () = server.stop.cancelled() => {
            if !handlers.is_busy() {
                return;
            }
            // The statement ends with a word about why; a client that does not take it is left.
            match tokio::time::timeout(FAREWELL, serving).await {
                Ok(ended) => ended,
                Err(_elapsed) => return tracing::warn!(%address, "a client did not hear that the server stops"),
            }
        }
        () = gone(&watched) => match tokio::time::timeout(FAREWELL, serving).await {
            Ok(ended) => ended,
            Err(_elapsed) => return tracing::debug!(%address, "a client is gone; its statement is stopped"),
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%address, %error, "a connection broke");
    }
}

/// The connection, and a second hold of it by which its end is seen while a statement runs.
fn twice(socket: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    let socket = socket.into_std()?;
    let watched = TcpStream::from_std(socket.try_clone()?)?;
    Ok((TcpStream::from_std(socket)?, watched))
}

/// Waits until the client has closed the connection.
async fn gone(watched: &TcpStream) {
    while let Ok(ready) = watched.ready(Interest::READABLE).await {
        if ready.is_read_closed() {
            return;
        }
        // Something is there to be read, which others do; what it says about the end stays.
        tokio::time::sleep(BREATH).await;
    }
}
