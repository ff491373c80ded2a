//! `COPY (…) TO STDOUT` as text and CSV.

use super::errors::{error, hinted, state};
use bytes::{Bytes, BytesMut};
use datafusion::sql::sqlparser::ast::{CopyLegacyCsvOption, CopyLegacyOption, CopyOption};
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::data::DataRow;

/// How rows are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFormat {
    is_csv: bool,
    header: bool,
    delimiter: u8,
    quote: u8,
    escape: u8,
    null: Vec<u8>,
}

impl CopyFormat {
    fn of(is_csv: bool) -> Self {
        let (delimiter, null) = if is_csv { (b',', Vec::new()) } else { (b'\t', b"\\N".to_vec()) };
        Self { is_csv, header: false, delimiter, quote: b'"', escape: b'"', null }
    }

    /// The first line, where one is wanted.
    pub fn header<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<Bytes> {
        self.header.then(|| {
            let mut line = BytesMut::new();
            for (place, name) in names.enumerate() {
                self.field(&mut line, place, Some(name.as_bytes()));
            }
            line.extend_from_slice(b"\n");
            line.freeze()
        })
    }

    /// A row, given as text of each field.
    pub fn line(&self, row: &DataRow, line: &mut BytesMut) -> PgWireResult<()> {
        let broken = || error(state::INTERNAL, "a row of ours cannot be read; please tell us");
        let mut rest: &[u8] = &row.data;
        for place in 0..usize::try_from(row.field_count).unwrap_or_default() {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
            rest = after;
            // −1: null.
            let value = match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => {
                    let (value, after) = rest.split_at_checked(length).ok_or_else(broken)?;
                    rest = after;
                    Some(value)
                }
                Err(_negative) => None,
            };
            self.field(line, place, value);
        }
        line.extend_from_slice(b"\n");
        Ok(())
    }

    fn field(&self, line: &mut BytesMut, place: usize, value: Option<&[u8]>) {
        if place > 0 {
            line.extend_from_slice(&[self.delimiter]);
        }
        match value {
            None => line.extend_from_slice(&self.null),
            Some(value) if self.is_csv => self.csv(line, value),
            Some(value) => self.text(line, value),
        }
    }

    fn csv(&self, line: &mut BytesMut, value: &[u8]) {
        let special =
            |byte: &u8| *byte == self.delimiter || *byte == self.quote || matches!(*byte, b'\n' | b'\r');
        // What reads like null, and the mark that ends a file for psql, must not be taken for it.
        let quoted = value == self.null.as_slice() || value == b"\\." || value.iter().any(special);
        if !quoted {
            line.extend_from_slice(value);
            return;
        }
        line.extend_from_slice(&[self.quote]);
        for byte in value {
            if *byte == self.quote || *byte == self.escape {
                line.extend_from_slice(&[self.escape]);
            }
            line.extend_from_slice(&[*byte]);
        }
        line.extend_from_slice(&[self.quote]);
    }

    fn text(&self, line: &mut BytesMut, value: &[u8]) {
        for byte in value {
            match *byte {
                b'\n' => line.extend_from_slice(b"\\n"),
                b'\r' => line.extend_from_slice(b"\\r"),
                b'\t' => line.extend_from_slice(b"\\t"),
                b'\\' => line.extend_from_slice(b"\\\\"),
                byte if byte == self.delimiter => line.extend_from_slice(&[b'\\', byte]),
                byte => line.extend_from_slice(&[byte]),
            }
        }
    }
}

/// What the options of `COPY … TO STDOUT` ask for, in the new and the old way of writing them.
///
/// # Errors
/// An option that is not possible here.
pub fn copy_format(options: &[CopyOption], legacy: &[CopyLegacyOption]) -> PgWireResult<CopyFormat> {
    let not_possible = |what: String| {
        let hint = "use FORMAT csv or text, HEADER, DELIMITER, NULL, QUOTE, ESCAPE";
        hinted(state::NOT_SUPPORTED, format!("COPY … {what} is not possible here"), hint)
    };
    let is_csv = options
        .iter()
        .any(|option| matches!(option, CopyOption::Format(name) if name.value.eq_ignore_ascii_case("csv")))
        || legacy.iter().any(|option| matches!(option, CopyLegacyOption::Csv(_)));
    let mut format = CopyFormat::of(is_csv);
    for option in options {
        match option {
            CopyOption::Format(name) if ["csv", "text"].contains(&name.value.to_lowercase().as_str()) => {}
            CopyOption::Header(header) => format.header = *header,
            CopyOption::Delimiter(letter) => format.delimiter = byte(*letter)?,
            CopyOption::Quote(letter) => format.quote = byte(*letter)?,
            CopyOption::Escape(letter) => format.escape = byte(*letter)?,
            CopyOption::Null(null) => format.null = null.clone().into_bytes(),
            CopyOption::Encoding(name) if name.to_uppercase().replace('-', "") == "UTF8" => {}
            other => return Err(not_possible(other.to_string())),
        }
    }
    for option in legacy {
        match option {
            CopyLegacyOption::Csv(options) => csv_options(&mut format, options, not_possible)?,
            CopyLegacyOption::Delimiter(letter) => format.delimiter = byte(*letter)?,
            CopyLegacyOption::Header => format.header = true,
            CopyLegacyOption::Null(null) => format.null = null.clone().into_bytes(),
            other => return Err(not_possible(other.to_string())),
        }
    }
    Ok(format)
}

fn csv_options(
    format: &mut CopyFormat,
    options: &[CopyLegacyCsvOption],
    not_possible: impl Fn(String) -> datafusion_postgres::pgwire::error::PgWireError,
) -> PgWireResult<()> {
    for option in options {
        match option {
            CopyLegacyCsvOption::Header => format.header = true,
            CopyLegacyCsvOption::Quote(letter) => format.quote = byte(*letter)?,
            CopyLegacyCsvOption::Escape(letter) => format.escape = byte(*letter)?,
            other => return Err(not_possible(other.to_string())),
        }
    }
    Ok(())
}

fn byte(letter: char) -> PgWireResult<u8> {
    let wrong = |_| error(state::BAD_VALUE, format!("{letter} is not one byte"));
    u8::try_from(letter).map_err(wrong).and_then(|byte| {
        if byte.is_ascii() {
            Ok(byte)
        } else {
            Err(error(state::BAD_VALUE, format!("{letter} is not one byte")))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[Option<&str>]) -> DataRow {
        let mut data = BytesMut::new();
        for field in fields {
            let length = field.map_or(-1, |field| i32::try_from(field.len()).unwrap_or_default());
            data.extend_from_slice(&length.to_be_bytes());
            data.extend_from_slice(field.unwrap_or_default().as_bytes());
        }
        DataRow::new(data, i16::try_from(fields.len()).unwrap_or_default())
    }

    fn line(format: &CopyFormat, fields: &[Option<&str>]) -> PgWireResult<String> {
        let mut line = BytesMut::new();
        format.line(&row(fields), &mut line)?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    #[test]
    fn csv_quotes_what_could_be_taken_for_something_else() -> PgWireResult<()> {
        let format = CopyFormat::of(true);
        let written = line(&format, &[Some("Bến Nghé"), Some("a,b"), Some("say \"x\""), Some(""), None])?;
        assert_eq!(written, "Bến Nghé,\"a,b\",\"say \"\"x\"\"\",\"\",\n");
        Ok(())
    }

    #[test]
    fn text_escapes_tabs_and_lines() -> PgWireResult<()> {
        let format = CopyFormat::of(false);
        assert_eq!(line(&format, &[Some("a\tb\nc\\"), None])?, "a\\tb\\nc\\\\\t\\N\n");
        Ok(())
    }

    #[test]
    fn a_header_is_written_where_it_is_asked_for() -> PgWireResult<()> {
        let asked = copy_format(&[], &[CopyLegacyOption::Csv(vec![CopyLegacyCsvOption::Header])])?;
        assert_eq!(asked.header(["id", "a,b"].into_iter()).as_deref(), Some("id,\"a,b\"\n".as_bytes()));
        assert!(copy_format(&[], &[CopyLegacyOption::Binary]).is_err());
        Ok(())
    }
}
