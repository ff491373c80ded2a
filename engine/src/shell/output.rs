//! Where answers go: the screen, or a file that appears once the answer is whole.

use super::failure::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};

/// Where answers go.
#[derive(Debug)]
pub enum Sink {
    Screen,
    /// Written beside its place and put there at the end.
    File {
        path: PathBuf,
        part: Part,
        file: BufWriter<File>,
    },
    /// What is no file: a pipe, a device.
    Stream {
        path: PathBuf,
        file: File,
    },
}

/// A file that goes away unless it is put in its place.
#[derive(Debug)]
pub struct Part(Option<PathBuf>);

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!("{}: {error}", path.display());
        }
    }
}

impl Sink {
    /// Opens a file to write to, or the screen.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            None => Ok(Self::Screen),
            Some(path) => Self::open_file(path).map_err(|source| failed(path, source)),
        }
    }

    fn open_file(path: &Path) -> io::Result<Self> {
        // The file that a link leads to is replaced, not the link.
        let path = if path.exists() { path.canonicalize()? } else { path.to_owned() };
        let held = fs::metadata(&path).ok();
        if held.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if held.as_ref().is_some_and(|held| !held.is_file()) {
            let file = File::options().write(true).open(&path)?;
            return Ok(Self::Stream { path, file });
        }
        let mut name = path.file_name().ok_or(ErrorKind::InvalidFilename)?.to_owned();
        name.push(format!(".part-{}", std::process::id()));
        let part = path.with_file_name(name);
        let file = File::create(&part)?;
        let part = Part(Some(part));
        if let Some(held) = held {
            file.set_permissions(held.permissions())?;
        }
        Ok(Self::File { path, part, file: BufWriter::new(file) })
    }

    /// It is what the user looks at, or what stdout leads to.
    pub const fn is_screen(&self) -> bool {
        matches!(self, Self::Screen)
    }

    /// Writes on.
    ///
    /// # Errors
    /// It cannot be written, or nobody reads any more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Screen => stdout().write_all(bytes).map_err(screen_failed),
            Self::File { path, file, .. } => file.write_all(bytes).map_err(|source| failed(path, source)),
            Self::Stream { path, file } => file.write_all(bytes).map_err(|source| failed(path, source)),
        }
    }

    /// All is written: the file takes its place.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Screen => stdout().flush().map_err(screen_failed),
            Self::Stream { .. } => Ok(()),
            Self::File { path, mut part, mut file } => {
                let written = file.flush().and_then(|()| match &part.0 {
                    Some(from) => fs::rename(from, &path),
                    None => Ok(()),
                });
                written.map_err(|source| failed(&path, source))?;
                part.0 = None;
                Ok(())
            }
        }
    }
}

fn failed(path: &Path, source: io::Error) -> Failure {
    match source.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::File { path: path.display().to_string(), source },
    }
}

fn screen_failed(source: io::Error) -> Failure {
    failed(Path::new("stdout"), source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_appears_only_when_the_answer_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.csv");
        let mut broken = Sink::open(Some(&path)).unwrap();
        broken.write(b"half").unwrap();
        drop(broken);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let mut whole = Sink::open(Some(&path)).unwrap();
        whole.write(b"all").unwrap();
        whole.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "all");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_was_private_stays_private_and_as_it_was_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.csv");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write(b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        sink.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_is_no_place_for_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Sink::open(Some(folder.path())), Err(Failure::File { .. })));
        assert!(matches!(Sink::open(Some(&folder.path().join("none/a"))), Err(Failure::File { .. })));
    }
}
