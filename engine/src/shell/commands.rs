//! Commands of the shell itself: a backslash and a word.

use super::format::Format;
use super::tongue::Tongue;
use clap::ValueEnum as _;
use std::path::PathBuf;

/// Names of all commands.
pub const NAMES: &[&str] = &["\\d", "\\dt", "\\df", "\\format", "\\o", "\\timing", "\\h", "\\?", "\\q"];

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meta {
    /// All tables, or those that hold a word.
    Tables(Option<String>),
    Table(String),
    Functions(Option<String>),
    /// None turns it over.
    Timing(Option<bool>),
    /// None tells which it is.
    Format(Option<Format>),
    /// Where the next answer goes; None is the screen.
    Output(Option<PathBuf>),
    Help,
    Quit,
}

impl Meta {
    /// Reads a line that begins with a backslash, or one of the words by which people try to leave or find help.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim().trim_end_matches(';').trim_end();
        match line.to_ascii_lowercase().as_str() {
            "quit" | "exit" => return Some(Ok(Self::Quit)),
            "help" => return Some(Ok(Self::Help)),
            _ => {}
        }
        line.starts_with('\\').then(|| Self::command(line))
    }

    fn command(line: &str) -> Result<Self, String> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let word = Some(rest.trim().to_owned()).filter(|word| !word.is_empty());
        Ok(match name {
            "\\d" => word.map_or(Self::Tables(None), Self::Table),
            "\\dt" => Self::Tables(word),
            "\\df" => Self::Functions(word),
            "\\timing" => Self::Timing(switch(word.as_deref())?),
            "\\format" => Self::Format(word.as_deref().map(format).transpose()?),
            "\\o" => Self::Output(word.map(|path| PathBuf::from(path.trim_matches(['\'', '"'])))),
            "\\?" | "\\h" | "\\help" => Self::Help,
            "\\q" | "\\quit" => Self::Quit,
            _ => {
                return Err(format!(
                    "{name}: không có lệnh này; \\? để xem · no such command; \\? lists them"
                ));
            }
        })
    }
}

fn switch(word: Option<&str>) -> Result<Option<bool>, String> {
    match word {
        None => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(other) => Err(format!("\\timing {other}: on | off")),
    }
}

fn format(word: &str) -> Result<Format, String> {
    let names =
        || Format::value_variants().iter().map(|format| format.name()).collect::<Vec<_>>().join(" | ");
    Format::from_str(word, true).map_err(|_unknown| format!("\\format {word}: {}", names()))
}

/// What the commands do.
pub const fn help(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::Vi => {
            "\
Câu SQL kết thúc bằng ; và có thể dài nhiều dòng. Tab gợi ý; mũi tên lên và Ctrl-R tìm trong lịch sử.
Ctrl-C hủy câu đang chạy hoặc xóa dòng đang gõ; Ctrl-D thoát. Dòng bắt đầu bằng dấu cách không vào lịch sử.

  \\d              các bảng                 \\d BẢNG          các cột của bảng và ý nghĩa
  \\dt [TỪ]        các bảng có từ này       \\df [TỪ]         các hàm riêng của Vọng Lâu
  \\format [KIỂU]  table | csv | json | ndjson | arrow | parquet
  \\o TỆP          ghi câu trả lời kế tiếp vào TỆP (sau đó lại ra màn hình); \\o: thôi
  \\timing [on|off]  hiện hay ẩn thời gian chạy
  \\? hay \\h       trang này                \\q               thoát
"
        }
        Tongue::En => {
            "\
A statement ends with ; and may span lines. Tab completes; the up arrow and Ctrl-R search the history.
Ctrl-C cancels a running statement or clears what is typed; Ctrl-D leaves. A line that begins with a space is not kept.

  \\d              the tables               \\d TABLE         its columns and what they mean
  \\dt [WORD]      tables that hold a word  \\df [WORD]       functions of Vọng Lâu's own
  \\format [NAME]  table | csv | json | ndjson | arrow | parquet
  \\o FILE         writes the next answer to FILE (then the screen again); \\o alone: not after all
  \\timing [on|off]  shows or hides how long it took
  \\? or \\h        this page                \\q               leaves
"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_and_without_semicolon() {
        let read = |line: &str| Meta::read(line).unwrap().unwrap();
        assert_eq!(read("\\d"), Meta::Tables(None));
        assert_eq!(read("  \\d visits ;"), Meta::Table("visits".to_owned()));
        assert_eq!(read("\\timing off"), Meta::Timing(Some(false)));
        assert_eq!(read("\\format CSV"), Meta::Format(Some(Format::Csv)));
        assert_eq!(read("\\o 'ca bệnh.csv'"), Meta::Output(Some("ca bệnh.csv".into())));
        assert_eq!(read("exit;"), Meta::Quit);
    }

    #[test]
    fn what_is_wrong_with_a_command_is_told() {
        assert!(Meta::read("\\x").unwrap().unwrap_err().contains("\\?"));
        assert!(Meta::read("\\format xml").unwrap().unwrap_err().contains("ndjson"));
        assert_eq!(Meta::read("SELECT 1;"), None);
    }

    #[test]
    fn every_command_is_in_the_help_of_both_languages() {
        for name in NAMES {
            assert!(help(Tongue::Vi).contains(name) && help(Tongue::En).contains(name), "{name}");
        }
    }
}
