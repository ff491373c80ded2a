//! How answers are written.

use clap::ValueEnum;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading: aligned columns
    Table,
    /// A line of names, then a line a row; streams
    Csv,
    /// What `POST /api/v1/sql` answers: columns with types, rows, the moment it is true for
    Json,
    /// An object a line
    Ndjson,
    /// Arrow IPC stream; streams
    Arrow,
    /// Parquet; streams
    Parquet,
}

impl Format {
    /// The media type that the service is asked for.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Table | Self::Json | Self::Ndjson => "application/json",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Not for eyes, and one answer a file.
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Arrow | Self::Parquet)
    }

    /// Its bytes go out as they come in.
    pub const fn streams(self) -> bool {
        matches!(self, Self::Csv | Self::Arrow | Self::Parquet)
    }

    /// Its name.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
