//! The vault: who a pseudonym is, in an encrypted file of its own. Written, never read, until there are roles that may.
//!
//! A record is the pseudonym (which every stream holds anyway), a nonce, and the number sealed to both. Only new
//! pseudonyms are written. One thread of its own writes; what comes together is written and synced together.

use super::keys::KeyError;
use super::{PSEUDONYM_BYTES, Pseudonym, vault_key};
use crate::wire::Identity;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rustc_hash::FxHashSet;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// Pseudonyms remembered (about 0.5 GB). Past it, new ones are not kept; their events are taken all the same.
const IDENTITIES_MAX: usize = 29_000_000;
/// Requests whose identities wait to be written.
const WAITING_MAX: usize = 1_024;
const MAGIC: &[u8; 8] = b"VLVAULT1";
const NONCE_BYTES: usize = 24;
/// 12 digits and the seal.
const SEALED_BYTES: usize = 12 + 16;
const RECORD_BYTES: usize = PSEUDONYM_BYTES + NONCE_BYTES + SEALED_BYTES;
const PRIVATE: u32 = 0o600;

#[derive(Debug, Error)]
pub enum VaultError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("{path} cannot be used ({source}): the data folder must be readable and writable for this user")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is no vault of this version: move it away, or put the right one back from a backup")]
    Foreign { path: PathBuf },
    #[error("{path} does not open with vault.key: put the key that belongs to it back from a backup")]
    WrongKey { path: PathBuf },
}

/// What could not be written is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the identities could not be written: look for space and permissions in the data folder")]
pub struct VaultGone;

type Errand = (Vec<Identity>, oneshot::Sender<Result<(), VaultGone>>);

/// Handle to the thread that writes.
#[derive(Clone, Debug)]
pub struct Vault {
    errands: mpsc::Sender<Errand>,
}

impl Vault {
    /// Opens or makes `identities.vault` in the data folder; a torn tail is cut off.
    ///
    /// # Errors
    /// Where the file or its key cannot be used.
    pub fn open(data: &Path) -> Result<Self, VaultError> {
        let book = Book::open(data)?;
        let (errands, queue) = mpsc::channel(WAITING_MAX);
        let io = |source| VaultError::Io { path: data.join("identities.vault"), source };
        thread::Builder::new().name("vault".into()).spawn(move || write_all(book, queue)).map_err(io)?;
        Ok(Self { errands })
    }

    /// Comes back when these are on disk (at once where none is given).
    ///
    /// # Errors
    /// Where they could not be written.
    pub async fn keep(&self, identities: Vec<Identity>) -> Result<(), VaultGone> {
        if identities.is_empty() {
            return Ok(());
        }
        let (done, kept) = oneshot::channel();
        self.errands.send((identities, done)).await.map_err(|_closed| VaultGone)?;
        kept.await.map_err(|_closed| VaultGone)?
    }
}

fn write_all(mut book: Book, mut queue: mpsc::Receiver<Errand>) {
    while let Some(first) = queue.blocking_recv() {
        let mut errands = vec![first];
        while let Ok(next) = queue.try_recv() {
            errands.push(next);
        }
        let result = book.add(errands.iter().flat_map(|(identities, _)| identities));
        if let Err(error) = &result {
            tracing::error!(%error, "identities could not be written");
        }
        for (_, done) in errands {
            if done.send(result.as_ref().copied().map_err(|_told| VaultGone)).is_err() {
                tracing::debug!("a request was given up; what is written stays written");
            }
        }
    }
}

type Record = [u8; RECORD_BYTES];

/// The file, and which pseudonyms are in it.
struct Book {
    file: File,
    path: PathBuf,
    /// Up to here the file is whole.
    length: u64,
    cipher: XChaCha20Poly1305,
    known: FxHashSet<Pseudonym>,
}

impl Book {
    fn open(data: &Path) -> Result<Self, VaultError> {
        let path = data.join("identities.vault");
        let cipher = XChaCha20Poly1305::new(&vault_key(data)?);
        let file = open_file(data, &path).map_err(|source| VaultError::Io { path: path.clone(), source })?;
        let mut book = Self { file, path, length: 0, cipher, known: FxHashSet::default() };
        match book.read() {
            Ok(Ok(())) => Ok(book),
            Ok(Err(error)) => Err(error),
            Err(source) => Err(VaultError::Io { path: book.path, source }),
        }
    }

    /// Finds out what is whole, cuts the rest off, and learns which pseudonyms are there.
    fn read(&mut self) -> io::Result<Result<(), VaultError>> {
        let mut magic = [0; MAGIC.len()];
        self.file.read_exact(&mut magic)?;
        if magic != *MAGIC {
            return Ok(Err(VaultError::Foreign { path: self.path.clone() }));
        }
        let mut records = (self.file.metadata()?.len() - place(0)) / RECORD_BYTES as u64;
        if records > 0 && !self.opens(0)? && self.record(0)? != [0; RECORD_BYTES] {
            return Ok(Err(VaultError::WrongKey { path: self.path.clone() }));
        }
        while records > 0 && !self.opens(records - 1)? {
            records -= 1;
        }
        self.length = place(records);
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(place(0)))?;
        let mut reader = BufReader::with_capacity(1 << 20, &self.file);
        let mut record = [0; RECORD_BYTES];
        for _ in 0..records {
            reader.read_exact(&mut record)?;
            self.known.insert(pseudonym_of(&record));
        }
        Ok(Ok(()))
    }

    fn record(&mut self, nth: u64) -> io::Result<Record> {
        let mut record = [0; RECORD_BYTES];
        self.file.seek(SeekFrom::Start(place(nth)))?;
        self.file.read_exact(&mut record)?;
        Ok(record)
    }

    fn opens(&mut self, nth: u64) -> io::Result<bool> {
        let record = self.record(nth)?;
        let (pseudonym, rest) = record.split_at(PSEUDONYM_BYTES);
        let (nonce, sealed) = rest.split_at(NONCE_BYTES);
        let Ok(nonce) = XNonce::try_from(nonce) else { return Ok(false) };
        Ok(self.cipher.decrypt(&nonce, Payload { msg: sealed, aad: pseudonym }).is_ok())
    }

    /// Appends the new ones among these and waits until they are on disk.
    fn add<'i>(&mut self, identities: impl Iterator<Item = &'i Identity>) -> io::Result<()> {
        let mut added = Vec::new();
        let mut records = Vec::new();
        for identity in identities {
            if self.known.len() == IDENTITIES_MAX && !self.known.contains(&identity.pseudonym) {
                tracing::warn!(IDENTITIES_MAX, "the vault is full: who a new pseudonym is, is not kept");
                break;
            }
            if self.known.insert(identity.pseudonym) {
                added.push(identity.pseudonym);
                records.extend_from_slice(&self.seal(identity)?);
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        let written = self.append(&records);
        if written.is_err() {
            for pseudonym in added {
                self.known.remove(&pseudonym);
            }
        }
        written
    }

    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        // Also over what an append that failed may have left behind.
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(records)?;
        self.file.sync_data()?;
        self.length += records.len() as u64;
        Ok(())
    }

    fn seal(&self, identity: &Identity) -> io::Result<Record> {
        let nonce = XNonce::try_generate().map_err(io::Error::other)?;
        let payload = Payload { msg: identity.number.digits(), aad: &identity.pseudonym.0 };
        let sealed =
            self.cipher.encrypt(&nonce, payload).map_err(|_opaque| io::Error::other("sealing failed"))?;
        let mut record = [0; RECORD_BYTES];
        record[..PSEUDONYM_BYTES].copy_from_slice(&identity.pseudonym.0);
        record[PSEUDONYM_BYTES..PSEUDONYM_BYTES + NONCE_BYTES].copy_from_slice(&nonce);
        record[PSEUDONYM_BYTES + NONCE_BYTES..].copy_from_slice(&sealed);
        Ok(record)
    }
}

/// Opens the file, made with its first bytes where it is not there.
fn open_file(data: &Path, path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(path)?;
    file.set_permissions(Permissions::from_mode(PRIVATE))?;
    if file.metadata()?.len() < place(0) {
        file.set_len(0)?;
        file.write_all(MAGIC)?;
        file.sync_all()?;
        File::open(data)?.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
    }
    Ok(file)
}

/// Where the nth record begins.
const fn place(nth: u64) -> u64 {
    MAGIC.len() as u64 + nth * RECORD_BYTES as u64
}

fn pseudonym_of(record: &Record) -> Pseudonym {
    let mut pseudonym = [0; PSEUDONYM_BYTES];
    pseudonym.copy_from_slice(&record[..PSEUDONYM_BYTES]);
    Pseudonym(pseudonym)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::PersonalNumber;
    use std::fs;

    fn identity(n: u8) -> Identity {
        let number = PersonalNumber::parse(&format!("001180000{n:03}")).unwrap();
        Identity { pseudonym: Pseudonym([n; PSEUDONYM_BYTES]), number }
    }

    fn size(data: &Path) -> u64 {
        fs::metadata(data.join("identities.vault")).unwrap().len()
    }

    #[tokio::test]
    async fn only_new_pseudonyms_are_written_and_numbers_are_not_readable() {
        let data = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let vault = Vault::open(data.path()).unwrap();
            vault.keep(vec![identity(1), identity(2), identity(1)]).await.unwrap();
            vault.keep(vec![identity(2)]).await.unwrap();
            assert_eq!(size(data.path()), place(2));
        }
        let bytes = fs::read(data.path().join("identities.vault")).unwrap();
        let number = identity(1).number;
        assert!(!bytes.windows(12).any(|window| window == number.digits()));
        let mode = fs::metadata(data.path().join("identities.vault")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE);
    }

    #[test]
    fn a_torn_tail_is_cut_off_and_written_again() {
        for torn in [1, RECORD_BYTES - 1, RECORD_BYTES, 2 * RECORD_BYTES + 5] {
            let data = tempfile::tempdir().unwrap();
            Book::open(data.path()).unwrap().add([identity(1)].iter()).unwrap();
            let path = data.path().join("identities.vault");
            let mut bytes = fs::read(&path).unwrap();
            bytes.resize(bytes.len() + torn, 0);
            fs::write(&path, bytes).unwrap();
            let mut book = Book::open(data.path()).unwrap();
            assert_eq!((size(data.path()), book.known.len()), (place(1), 1), "{torn}");
            book.add([identity(1), identity(2)].iter()).unwrap();
            assert_eq!(size(data.path()), place(2), "{torn}");
        }
    }

    #[test]
    fn a_vault_with_another_key_or_of_another_kind_is_not_touched() {
        let data = tempfile::tempdir().unwrap();
        Book::open(data.path()).unwrap().add([identity(1)].iter()).unwrap();
        fs::remove_file(data.path().join("vault.key")).unwrap();
        assert!(matches!(Book::open(data.path()), Err(VaultError::WrongKey { .. })));
        assert_eq!(size(data.path()), place(1));
        fs::write(data.path().join("identities.vault"), "something else").unwrap();
        assert!(matches!(Book::open(data.path()), Err(VaultError::Foreign { .. })));
    }
}
