//! Tests over a small city that stands still.

mod city;
mod statements;
mod wire;

use super::{PgOptions, Secret};
use crate::bounds::Bounds;
use crate::run::Sql;
use crate::threads::Threads;
use std::io;
use std::sync::Arc;

/// What the city reads of this crate; its example names it otherwise.
mod sql {
    pub use crate::moments;
}

/// SQL over a city of some people; the threads are to be held as long as it is used.
fn over_a_city() -> io::Result<(Sql, Threads)> {
    let bounds = Bounds { statement_timeout_s: 20, threads: 2, ..Bounds::default() };
    let threads = Threads::start(&bounds)?;
    let city = city::City::of(30);
    let params = city.params();
    Ok((Sql::new(Arc::new(city), params, "Asia/Ho_Chi_Minh", bounds, &threads)?, threads))
}

fn options() -> PgOptions {
    PgOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        password: Secret::new("secret"),
        users: Vec::new(),
        tls: None,
        connections_max: 2,
    }
}
