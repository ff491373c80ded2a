//! Rows of a file as events in JSON: NDJSON as it stands, CSV by its header.

use super::ImportError;
use serde_json::{Map, Number, Value};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use vonglau_core::event::Kind;

/// Longest line.
const LINE_BYTES_MAX: u64 = 1 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reason where a row of a CSV is no row.
const UNEVEN: &str = "another number of columns than the header";
const NO_UTF8: &str = "not UTF-8: save the file as UTF-8";

/// One event, and the line of the file in which it begins (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub json: Vec<u8>,
}

/// Reads a file row by row.
pub struct Rows {
    path: PathBuf,
    source: Source,
}

enum Source {
    Ndjson { reader: BufReader<File>, line: u64, bytes: u64, kind: Option<Kind> },
    Csv { reader: Box<csv::Reader<BufReader<File>>>, columns: Vec<String>, kind: Option<Kind> },
}

impl Rows {
    /// Sees by its first character what a file is.
    pub fn open(path: &Path, kind: Option<Kind>) -> Result<Self, ImportError> {
        let read = |source| ImportError::Read { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(read)?);
        if reader.fill_buf().map_err(read)?.starts_with(BOM) {
            reader.consume(BOM.len());
        }
        let begin = reader.fill_buf().map_err(read)?;
        let source = match begin.iter().find(|b| !b.is_ascii_whitespace()) {
            Some(b'[') => return Err(ImportError::Array { path: path.to_owned() }),
            None | Some(b'{') => Source::Ndjson { reader, line: 0, bytes: 0, kind },
            Some(_) => csv_source(path, reader, kind)?,
        };
        Ok(Self { path: path.to_owned(), source })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far the file is read.
    pub fn bytes_read(&self) -> u64 {
        match &self.source {
            Source::Ndjson { bytes, .. } => *bytes,
            Source::Csv { reader, .. } => reader.position().byte(),
        }
    }

    /// The next row; an inner error is a row that is no event (line, reason).
    #[expect(clippy::type_complexity, reason = "each of the three layers says something else")]
    pub fn next(&mut self) -> Result<Option<Result<Row, (u64, &'static str)>>, ImportError> {
        let path = &self.path;
        match &mut self.source {
            Source::Ndjson { reader, line, bytes, kind } => {
                let json = next_line(path, reader, line, bytes)?;
                Ok(json.map(|json| Ok(Row { line: *line, json: of_kind(json, *kind) })))
            }
            Source::Csv { reader, columns, kind } => {
                let mut record = csv::ByteRecord::new();
                let line = reader.position().line();
                match reader.read_byte_record(&mut record) {
                    Ok(false) => Ok(None),
                    Ok(true) => {
                        let line = record.position().map_or(line, csv::Position::line);
                        Ok(Some(
                            event(columns, &record, *kind)
                                .map(|json| Row { line, json })
                                .map_err(|why| (line, why)),
                        ))
                    }
                    Err(error) => uneven(path, line, error).map(|why| Some(Err(why))),
                }
            }
        }
    }
}

fn uneven(path: &Path, line: u64, error: csv::Error) -> Result<(u64, &'static str), ImportError> {
    match error.into_kind() {
        csv::ErrorKind::UnequalLengths { pos, .. } => Ok((pos.map_or(line, |pos| pos.line()), UNEVEN)),
        csv::ErrorKind::Io(source) => Err(ImportError::Read { path: path.to_owned(), source }),
        other => {
            let source = io::Error::other(format!("{other:?}"));
            Err(ImportError::Read { path: path.to_owned(), source })
        }
    }
}

/// The next line that holds anything.
fn next_line(
    path: &Path,
    reader: &mut BufReader<File>,
    line: &mut u64,
    bytes: &mut u64,
) -> Result<Option<Vec<u8>>, ImportError> {
    loop {
        let mut text = Vec::new();
        let mut limited = reader.by_ref().take(LINE_BYTES_MAX + 1);
        let read = limited.read_until(b'\n', &mut text);
        let read = read.map_err(|source| ImportError::Read { path: path.to_owned(), source })? as u64;
        if read == 0 {
            return Ok(None);
        }
        *line += 1;
        *bytes += read;
        if read > LINE_BYTES_MAX {
            return Err(ImportError::LongLine { path: path.to_owned(), line: *line });
        }
        let trimmed = text.trim_ascii();
        if !trimmed.is_empty() {
            return Ok(Some(trimmed.to_vec()));
        }
    }
}

/// A line of NDJSON, with the given kind where it is an object that does not say its own; as it stands otherwise.
fn of_kind(json: Vec<u8>, kind: Option<Kind>) -> Vec<u8> {
    let Some(kind) = kind else { return json };
    match serde_json::from_slice::<Map<String, Value>>(&json) {
        Ok(fields) if !fields.contains_key("kind") => {
            let comma = if fields.is_empty() { "" } else { "," };
            let begin = format!(r#"{{"kind":"{}"{comma}"#, kind.name());
            [begin.as_bytes(), json.strip_prefix(b"{").unwrap_or(&json)].concat()
        }
        _ => json,
    }
}

fn csv_source(path: &Path, reader: BufReader<File>, kind: Option<Kind>) -> Result<Source, ImportError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(reader);
    let headers = reader.byte_headers().map_err(|error| {
        let source = io::Error::other(error.to_string());
        ImportError::Read { path: path.to_owned(), source }
    })?;
    let columns: Vec<String> =
        headers.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let mut seen = HashSet::new();
    if let Some(column) = columns.iter().find(|column| !seen.insert(column.as_str())) {
        return Err(ImportError::TwoColumns { path: path.to_owned(), column: column.clone() });
    }
    if kind.is_none() && !columns.iter().any(|column| column == "kind") {
        return Err(ImportError::NoKind { path: path.to_owned() });
    }
    Ok(Source::Csv { reader: Box::new(reader), columns, kind })
}

/// A row as an event: an empty field is absent, numbers are numbers, lists are split by `;`.
fn event(columns: &[String], record: &csv::ByteRecord, kind: Option<Kind>) -> Result<Vec<u8>, &'static str> {
    let mut event = Map::new();
    if let Some(kind) = kind {
        event.insert("kind".into(), kind.name().into());
    }
    for (column, field) in columns.iter().zip(record) {
        let text = str::from_utf8(field).map_err(|_where| NO_UTF8)?;
        if !text.is_empty() {
            event.insert(column.clone(), value(column, text));
        }
    }
    Ok(Value::Object(event).to_string().into_bytes())
}

/// What does not have the form of its column stays a text, for the gateway to refuse.
fn value(column: &str, text: &str) -> Value {
    let as_text = || Value::from(text);
    match column {
        "capacity" | "dose" | "for_min" => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        "lat" | "lon" => {
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            number.map_or_else(as_text, Value::Number)
        }
        "symptoms" => text.split(';').map(str::trim).filter(|word| !word.is_empty()).collect(),
        _ => as_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    type Seen = Result<(u64, String), (u64, &'static str)>;

    fn rows(text: &[u8], kind: Option<Kind>) -> Result<Vec<Seen>, ImportError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let mut rows = Rows::open(file.path(), kind)?;
        let mut seen = Vec::new();
        while let Some(row) = rows.next()? {
            seen.push(row.map(|row| (row.line, String::from_utf8(row.json).unwrap())));
        }
        assert!(rows.bytes_read() + BOM.len() as u64 >= text.trim_ascii().len() as u64);
        Ok(seen)
    }

    #[test]
    fn a_csv_row_is_an_event_with_numbers_and_lists_and_without_its_empty_fields() {
        let text = "kind,id,lat,lon,capacity,symptoms,name\n\
                    venue,v1,21.5,105,800,,\"Chợ \"\"Hôm\"\"\n2\"\n\
                    declaration,d1,,,,fever; cough;,\n\
                    venue,v2,north,1e999,08x,,\n";
        let seen = rows([BOM, text.as_bytes()].concat().as_slice(), None).unwrap();
        assert_eq!(
            seen,
            [
                Ok((2, r#"{"capacity":800,"id":"v1","kind":"venue","lat":21.5,"lon":105.0,"name":"Chợ \"Hôm\"\n2"}"#.into())),
                Ok((4, r#"{"id":"d1","kind":"declaration","symptoms":["fever","cough"]}"#.into())),
                Ok((5, r#"{"capacity":"08x","id":"v2","kind":"venue","lat":"north","lon":"1e999"}"#.into())),
            ]
        );
    }

    #[test]
    fn the_kind_is_in_the_column_or_given() {
        assert!(matches!(rows(b"id,at\n1,2\n", None), Err(ImportError::NoKind { .. })));
        let given = rows(b"id,kind\n1,\n2,case\n", Some(Kind::Scan)).unwrap();
        assert_eq!(
            given,
            [Ok((2, r#"{"id":"1","kind":"scan"}"#.into())), Ok((3, r#"{"id":"2","kind":"case"}"#.into()))]
        );
    }

    #[test]
    fn rows_that_are_no_rows_are_told_with_their_line_and_the_next_are_read() {
        let seen = rows(b"kind,id\nscan\nscan,\xff\nscan,3\n", None).unwrap();
        assert_eq!(
            seen,
            [Err((2, UNEVEN)), Err((3, NO_UTF8)), Ok((4, r#"{"id":"3","kind":"scan"}"#.into()))]
        );
    }

    #[test]
    fn ndjson_goes_as_it_stands_with_the_numbers_of_its_lines() {
        let seen = rows(b"\n {\"a\":1}\r\n\nrubbish\n{\"b\":2}", None).unwrap();
        assert_eq!(
            seen,
            [Ok((2, r#"{"a":1}"#.into())), Ok((4, "rubbish".into())), Ok((5, r#"{"b":2}"#.into()))]
        );
        assert_eq!(rows(b"", None).unwrap(), []);
    }

    #[test]
    fn a_line_of_ndjson_that_does_not_say_its_kind_has_the_given_one() {
        let text = "{ \"a\":1,\"a\":2}\n{}\n{\"kind\":\"case\"}\n{\"kind\n";
        let seen = rows(text.as_bytes(), Some(Kind::Scan)).unwrap();
        let lines: Vec<_> = seen.into_iter().map(|row| row.unwrap().1).collect();
        let given =
            [r#"{"kind":"scan", "a":1,"a":2}"#, r#"{"kind":"scan"}"#, r#"{"kind":"case"}"#, "{\"kind"];
        assert_eq!(lines, given);
    }

    #[test]
    fn what_cannot_be_a_file_of_events_is_told_before_anything_is_sent() {
        assert!(matches!(rows(b"[{}]", None), Err(ImportError::Array { .. })));
        assert!(matches!(rows(b"kind,id,id\n", None), Err(ImportError::TwoColumns { .. })));
        let long = [b"{".as_slice(), &vec![b' '; 1 << 20]].concat();
        assert!(matches!(rows(&long, None), Err(ImportError::LongLine { line: 1, .. })));
    }
}
