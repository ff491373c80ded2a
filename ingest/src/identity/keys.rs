//! Secret keys: given in hex by the configuration, or made at first start and kept in a file of mode 0600.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Generate, Key};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

const KEY_BYTES: usize = 32;
const KEY_BYTES_MIN: usize = 16;
const KEY_BYTES_MAX: usize = 64;
/// Nobody but the owner.
const PRIVATE: u32 = 0o600;

#[derive(Debug, Error)]
pub enum KeyError {
    #[error(
        "the key [identity] key must be the hex of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes: make one with `openssl rand -hex 32`"
    )]
    Configured,
    #[error(
        "{path} holds no key in hex: put the right one back from a backup; a new one would give everybody a new pseudonym"
    )]
    File { path: PathBuf },
    #[error("{path} cannot be used ({source}): the data folder must be readable and writable for this user")]
    Io { path: PathBuf, source: io::Error },
    #[error("the key has a length that cannot be used")]
    Length,
}

/// The key of pseudonyms: from the configuration, else `identity.key` in the data folder, made where absent.
///
/// # Errors
/// Where the key is not as described, or its file cannot be read or written.
pub fn identity_key(data: &Path, configured: Option<&str>) -> Result<Vec<u8>, KeyError> {
    match configured {
        Some(hex) => unhex(hex.trim())
            .filter(|key| (KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()))
            .ok_or(KeyError::Configured),
        None => kept(&data.join("identity.key")),
    }
}

/// The vault's key, `vault.key` in the data folder, made where absent.
///
/// # Errors
/// Where its file cannot be read or written, or holds no key of the right length.
pub fn vault_key(data: &Path) -> Result<Key<XChaCha20Poly1305>, KeyError> {
    let path = data.join("vault.key");
    let key: [u8; KEY_BYTES] = kept(&path)?.try_into().map_err(|_bytes| KeyError::File { path })?;
    Ok(key.into())
}

fn kept(path: &Path) -> Result<Vec<u8>, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(hex) => {
            fs::set_permissions(path, fs::Permissions::from_mode(PRIVATE)).map_err(io)?;
            let key = unhex(hex.trim()).filter(|key| key.len() >= KEY_BYTES_MIN);
            key.ok_or_else(|| KeyError::File { path: path.to_owned() })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).map_err(io),
        Err(error) => Err(io(error)),
    }
}

/// Writes a new key beside its place and moves it there, so that no half key is ever found.
fn make(path: &Path) -> io::Result<Vec<u8>> {
    let key = Key::<XChaCha20Poly1305>::try_generate().map_err(io::Error::other)?;
    let draft = path.with_extension("key.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(&draft)?;
    file.write_all(hex(&key).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(key.to_vec())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|n| u8::from_str_radix(&text[n..n + 2], 16).ok()).collect()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(DIGITS[usize::from(n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_the_owner_alone_and_found_again() {
        let data = tempfile::tempdir().unwrap();
        let key = identity_key(data.path(), None).unwrap();
        assert_eq!(key.len(), KEY_BYTES);
        assert_eq!(identity_key(data.path(), None).unwrap(), key);
        assert_ne!(vault_key(data.path()).unwrap().to_vec(), key);
        for name in ["identity.key", "vault.key"] {
            let mode = fs::metadata(data.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, PRIVATE, "{name}");
        }
    }

    #[test]
    fn a_configured_key_is_taken_and_a_bad_one_is_refused() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(identity_key(data.path(), Some(&"0a".repeat(32))).unwrap(), vec![10; 32]);
        assert!(!data.path().join("identity.key").exists());
        for bad in ["", "0a", "zz", &"0a".repeat(65), "é"] {
            assert!(matches!(identity_key(data.path(), Some(bad)), Err(KeyError::Configured)), "{bad}");
        }
    }

    #[test]
    fn a_spoilt_key_file_is_told_and_left_alone() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("identity.key"), "nonsense").unwrap();
        assert!(matches!(identity_key(data.path(), None), Err(KeyError::File { .. })));
        assert_eq!(fs::read_to_string(data.path().join("identity.key")).unwrap(), "nonsense");
    }
}
