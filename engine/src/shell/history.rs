//! Where the history of statements is kept.

use std::env;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// No more statements are kept.
pub const MAX: usize = 10_000;

/// `$XDG_STATE_HOME/vonglau/sql_history`, else under `~/.local/state`; None without a home.
pub fn path() -> Option<PathBuf> {
    place(env::var_os("XDG_STATE_HOME").map(PathBuf::from), env::var_os("HOME").map(PathBuf::from))
}

/// The XDG base directory specification: a path that is not absolute is as if it were not set.
fn place(state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let state = state.filter(|path| path.is_absolute());
    let state =
        state.or_else(|| home.filter(|path| path.is_absolute()).map(|home| home.join(".local/state")))?;
    Some(state.join("vonglau/sql_history"))
}

/// Makes the folder, for its owner alone.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => DirBuilder::new().recursive(true).mode(0o700).create(folder),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_in_the_users_state_folder() {
        let some = |path: &str| Some(PathBuf::from(path));
        assert_eq!(place(some("/state"), some("/home/an")), some("/state/vonglau/sql_history"));
        assert_eq!(place(None, some("/home/an")), some("/home/an/.local/state/vonglau/sql_history"));
        assert_eq!(place(some("state"), some("/home/an")), some("/home/an/.local/state/vonglau/sql_history"));
        assert_eq!(place(None, None), None);
    }
}
