//! What became of the rows, told at the end.

use super::ImportError;
use super::rows::Row;
use super::send::Answer;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Refused rows told one by one on stderr.
const SHOWN_MAX: usize = 20;
/// Reasons that are counted apart; a gateway of this version has fewer.
const REASONS_MAX: usize = 1_000;

#[derive(Serialize)]
struct Entry<'e> {
    file: &'e Path,
    line: u64,
    field: &'e str,
    reason: &'e str,
}

/// Counts, and the first rows that were refused.
pub struct Report {
    accepted: u64,
    duplicates: u64,
    refused: u64,
    shown: Vec<String>,
    by_reason: BTreeMap<(String, String), u64>,
    /// Every refused row, where that is asked for.
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl Report {
    pub fn new(path: Option<&Path>) -> Result<Self, ImportError> {
        let create = |path: &Path| match File::create(path) {
            Ok(file) => Ok((path.to_owned(), BufWriter::new(file))),
            Err(source) => Err(ImportError::Write { path: path.to_owned(), source }),
        };
        Ok(Self {
            accepted: 0,
            duplicates: 0,
            refused: 0,
            shown: Vec::new(),
            by_reason: BTreeMap::new(),
            file: path.map(create).transpose()?,
        })
    }

    /// What the gateway said of a batch.
    pub fn add(&mut self, path: &Path, batch: &[Row], answer: Answer) -> Result<(), ImportError> {
        self.accepted += answer.accepted;
        self.duplicates += answer.duplicates;
        for refused in answer.rejected {
            let line = batch.get(refused.index).map_or(0, |row| row.line);
            self.refuse(path, line, &refused.field, &refused.reason)?;
        }
        Ok(())
    }

    /// A row that was refused, by the gateway or because it is no row.
    pub fn refuse(&mut self, path: &Path, line: u64, field: &str, reason: &str) -> Result<(), ImportError> {
        self.refused += 1;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(format!("{}:{line}: {field}: {reason}", path.display()));
        }
        let key = (field.to_owned(), reason.to_owned());
        if self.by_reason.len() < REASONS_MAX || self.by_reason.contains_key(&key) {
            *self.by_reason.entry(key).or_default() += 1;
        }
        if let Some((report, file)) = &mut self.file {
            let entry = Entry { file: path, line, field, reason };
            let written = serde_json::to_writer(&mut *file, &entry).map_err(Into::into);
            let written = written.and_then(|()| file.write_all(b"\n"));
            written.map_err(|source| ImportError::Write { path: report.clone(), source })?;
        }
        Ok(())
    }

    /// In one line.
    pub fn counts(&self) -> String {
        let Self { accepted, duplicates, refused, .. } = self;
        format!(
            "nhận {accepted}, trùng {duplicates}, từ chối {refused} · taken {accepted}, repeated {duplicates}, refused {refused}"
        )
    }

    /// Writes all of it to stderr. True: nothing was refused.
    pub fn finish(mut self) -> Result<bool, ImportError> {
        if let Some((path, file)) = &mut self.file {
            file.flush().map_err(|source| ImportError::Write { path: path.clone(), source })?;
        }
        let written = self.tell(&mut std::io::stderr().lock());
        written.map_err(|source| ImportError::Write { path: "stderr".into(), source })?;
        Ok(self.refused == 0)
    }

    fn tell(&self, out: &mut impl Write) -> std::io::Result<()> {
        for row in &self.shown {
            writeln!(out, "{row}")?;
        }
        if self.refused > self.shown.len() as u64 {
            writeln!(out, "… và {0} dòng nữa · and {0} more", self.refused - self.shown.len() as u64)?;
        }
        for ((field, reason), count) in &self.by_reason {
            writeln!(out, "{count:>9} × {field}: {reason}")?;
        }
        writeln!(out, "{}", self.counts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twenty_are_shown_all_are_counted_and_all_are_in_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut report = Report::new(Some(file.path())).unwrap();
        for line in 1..=25 {
            report.refuse(Path::new("a.csv"), line, "at", "not a time").unwrap();
        }
        let mut told = Vec::new();
        report.tell(&mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("a.csv:20: at: not a time") && !told.contains("a.csv:21"));
        assert!(told.contains("and 5 more") && told.contains("25 × at: not a time"));
        assert!(!report.finish().unwrap());
        assert_eq!(std::fs::read_to_string(file.path()).unwrap().lines().count(), 25);
    }
}
