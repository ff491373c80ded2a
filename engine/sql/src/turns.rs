//! How many statements run at once, of all and of each user.

use crate::bounds::Bounds;
use crate::error::{SqlError, SqlErrorKind};
use crate::run::Caller;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns that are given.
#[derive(Debug)]
pub struct Turns {
    queries: usize,
    queries_per_user: usize,
    free: Arc<Semaphore>,
    of_users: Mutex<FxHashMap<Box<str>, usize>>,
}

/// The right to run, given back when dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    user: Box<str>,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    /// All of them are free.
    pub fn new(bounds: &Bounds) -> Arc<Self> {
        let Bounds { queries, queries_per_user, .. } = *bounds;
        let free = Arc::new(Semaphore::new(queries));
        Arc::new(Self { queries, queries_per_user, free, of_users: Mutex::default() })
    }

    /// A turn for one who asks.
    ///
    /// # Errors
    /// When as many statements run as may, of all or of this user.
    pub fn take(self: &Arc<Self>, caller: &Caller) -> Result<Turn, SqlError> {
        let full = |bound, n: usize| {
            let message = format!("{n} statements are running already; wait for one to end, or cancel one");
            SqlError::bound(SqlErrorKind::TooMany, bound, message)
        };
        let permit = Arc::clone(&self.free).try_acquire_owned();
        let permit = permit.map_err(|_full| full("queries", self.queries))?;
        let mut of_users = self.of_users.lock().unwrap_or_else(PoisonError::into_inner);
        let of_user = of_users.entry(caller.user.clone()).or_default();
        if *of_user >= self.queries_per_user {
            return Err(full("queries_per_user", self.queries_per_user));
        }
        *of_user += 1;
        Ok(Turn { turns: Arc::clone(self), user: caller.user.clone(), _permit: permit })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut of_users = self.turns.of_users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_user) = of_users.get_mut(&self.user) {
            *of_user -= 1;
            if *of_user == 0 {
                of_users.remove(&self.user);
            }
        }
    }
}
