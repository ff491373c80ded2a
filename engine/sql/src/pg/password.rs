//! The password of the user `vonglau`: made at the first start, kept in a file that only the owner can read.

use datafusion_postgres::pgwire::api::auth::sasl::scram::random_nonce;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Name of the file in the data folder.
pub const PASSWORD_FILE: &str = "postgres.password";
/// Letters of a password that is made here: 52³² of them, more than anyone can try.
const LETTERS: usize = 32;
/// Nobody but the owner reads or writes.
const MODE: u32 = 0o600;
/// Bits that let others in.
const OTHERS: u32 = 0o077;
/// Bytes of a password file that are read; more is no password.
const BYTES_MAX: u64 = 1024;
/// Bytes of a file of users.
const USERS_BYTES_MAX: u64 = 1024 * 1024;

/// A password. It is never shown, not even by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A password that somebody chose.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The password itself, for those who must know it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A new one, of letters only, so that it needs no quoting anywhere.
    fn made() -> Self {
        let mut letters = String::with_capacity(LETTERS);
        while letters.len() < LETTERS {
            // Base64 of random bytes: what is left after dropping digits and signs is still evenly spread.
            let missing = LETTERS - letters.len();
            letters.extend(random_nonce().chars().filter(char::is_ascii_alphabetic).take(missing));
        }
        Self(letters.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The password in this folder; it is made if there is none.
///
/// # Errors
/// The file cannot be written or read; it is empty; or others can read it, and then the message says what to do.
pub fn password_file(folder: &Path) -> io::Result<Secret> {
    let path = folder.join(PASSWORD_FILE);
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path) {
        Ok(mut file) => {
            let secret = Secret::made();
            file.write_all(secret.reveal().as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(&path),
        Err(error) => Err(error),
    }
}

/// Users with their passwords, a `name:password` a line; empty lines and those that begin with `#` say nothing.
///
/// # Errors
/// The file cannot be read, others can read it, or a line is no such pair.
pub fn users_file(path: &Path) -> io::Result<Vec<(String, Secret)>> {
    let text = read_text(path, USERS_BYTES_MAX)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| match line.split_once(':') {
        Some((name, password)) if !name.is_empty() && !password.is_empty() => {
            Ok((name.to_owned(), Secret::new(password)))
        }
        _ => {
            let message = format!("{}: each line must be name:password", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    };
    lines.map(pair).collect()
}

fn read(path: &Path) -> io::Result<Secret> {
    let text = read_text(path, BYTES_MAX)?;
    let password = text.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        let message =
            format!("{} is empty: delete it and start again, and a new password is made", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(Secret::new(password))
}

fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        let message = format!(
            "{0} can be read or written by others (mode {mode:o}): run `chmod 600 {0}`; if others may have seen it, \
             delete it and start again, and a new password is made",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    let mut text = String::new();
    file.take(bytes_max).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(name: &str) -> io::Result<std::path::PathBuf> {
        let folder = std::env::temp_dir().join(format!("vonglau-password-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    #[test]
    fn a_password_is_made_once_and_read_again_later() -> io::Result<()> {
        let folder = folder("once")?;
        let made = password_file(&folder)?;
        assert_eq!(made.reveal().len(), LETTERS);
        assert!(made.reveal().chars().all(|letter| letter.is_ascii_alphabetic()));
        let mode = fs::metadata(folder.join(PASSWORD_FILE))?.permissions().mode() & 0o777;
        assert_eq!(mode, MODE);
        assert_eq!(password_file(&folder)?, made);
        assert_eq!(format!("{made:?}"), "Secret(…)");
        fs::remove_dir_all(folder)
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_what_to_do() -> io::Result<()> {
        let folder = folder("others")?;
        password_file(&folder)?;
        let path = folder.join(PASSWORD_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
        let refused = password_file(&folder).err().map(|error| (error.kind(), error.to_string()));
        assert!(refused.is_some_and(|(kind, message)| {
            kind == io::ErrorKind::PermissionDenied && message.contains("chmod 600")
        }));
        fs::remove_dir_all(folder)
    }

    #[test]
    fn an_empty_file_is_no_password() -> io::Result<()> {
        let folder = folder("empty")?;
        OpenOptions::new().write(true).create_new(true).mode(MODE).open(folder.join(PASSWORD_FILE))?;
        assert_eq!(password_file(&folder).err().map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
        fs::remove_dir_all(folder)
    }
}
