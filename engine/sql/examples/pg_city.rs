//! Speaks PostgreSQL's protocol over a small city that stands still, so that clients can be tried without a stream:
//! `cargo run --release -p vonglau-sql --example pg_city -- 127.0.0.1:5433 password [people] [certificate key]`.
//! It ends with its standard input.

use std::io::{self, Read};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vonglau_sql::bounds::Bounds;
use vonglau_sql::pg::{PgOptions, Secret, serve};
use vonglau_sql::run::Sql;
use vonglau_sql::threads::Threads;

mod sql {
    pub use vonglau_sql::moments;
}
#[path = "../src/pg/tests/city.rs"]
mod city;

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::other("pg_city address:port password [people] [certificate key]");
    let [address, password, rest @ ..] = arguments.as_slice() else { return Err(usage()) };
    let people = rest.first().map_or(Ok(300), |people| people.parse()).map_err(io::Error::other)?;
    let tls = rest.get(1).zip(rest.get(2)).map(|(certificate, key)| (certificate.into(), key.into()));
    let bounds = Bounds { statement_timeout_s: 20, memory_mib: 256, ..Bounds::default() };
    let threads = Threads::start(&bounds)?;
    let city = city::City::of(people);
    let params = city.params();
    let sql = Sql::new(Arc::new(city), params, "Asia/Ho_Chi_Minh", bounds, &threads)?;
    let options = PgOptions {
        listen: address.parse().map_err(io::Error::other)?,
        password: Secret::new(password.as_str()),
        users: Vec::new(),
        tls,
        connections_max: 20,
    };
    let listener = TcpListener::bind(options.listen).await?;
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(serve(listener, sql, options, shutdown.clone()));
    // Until nobody holds the other end.
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    shutdown.cancel();
    serving.await?
}
