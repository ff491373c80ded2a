//! Lines of NDJSON, written by hand: a fortnight of a small city is six million of them.

use super::calendar::{write_date, write_time};
use vonglau_core::time::Day;

/// Some lines of NDJSON in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Where each line ends, its newline included.
    ends: Vec<u32>,
}

impl Lines {
    /// All lines, each with its newline.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True without a line.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The buffer, and where each line ends in it.
    pub fn into_parts(self) -> (Vec<u8>, Vec<u32>) {
        (self.bytes, self.ends)
    }

    /// Adds a line that was written elsewhere, without its newline.
    pub(super) fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.finish();
    }

    /// Where the next line is to be written; [`Self::finish`] ends it.
    pub(super) const fn writer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the line that was written.
    pub(super) fn finish(&mut self) {
        self.bytes.push(b'\n');
        self.ends.push(self.bytes.len() as u32);
    }
}

/// One JSON object under way. Keys are ours and need no escaping.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Object<'a> {
    /// Begins with the kind of the event.
    pub(super) fn event(out: &'a mut Vec<u8>, kind: &str) -> Self {
        out.extend_from_slice(b"{\"kind\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
        Self { out }
    }

    /// Begins with a text that is no event's kind.
    pub(super) fn plain(out: &'a mut Vec<u8>, key: &str, make: impl FnOnce(&mut Vec<u8>)) -> Self {
        out.push(b'{');
        let from = out.len();
        let object = Self { out }.made(key, make);
        object.out.remove(from);
        object
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A text that may hold anything.
    pub(super) fn text(mut self, key: &str, text: &str) -> Self {
        self.key(key);
        write_text(self.out, text.as_bytes());
        self
    }

    /// A text of bytes known to need no escaping: ids, numbers, words of the contract.
    pub(super) fn word(self, key: &str, word: &[u8]) -> Self {
        self.made(key, |out| out.extend_from_slice(word))
    }

    /// A text that a function appends, known to need no escaping.
    pub(super) fn made(mut self, key: &str, make: impl FnOnce(&mut Vec<u8>)) -> Self {
        self.key(key);
        self.out.push(b'"');
        make(self.out);
        self.out.push(b'"');
        self
    }

    pub(super) fn time(self, key: &str, at: i64) -> Self {
        self.made(key, |out| write_time(out, at))
    }

    pub(super) fn time_if(self, key: &str, at: Option<i64>) -> Self {
        match at {
            Some(at) => self.time(key, at),
            None => self,
        }
    }

    pub(super) fn date(self, key: &str, day: Day) -> Self {
        self.made(key, |out| write_date(out, day))
    }

    pub(super) fn int(mut self, key: &str, n: u32) -> Self {
        self.key(key);
        write_int(self.out, u64::from(n));
        self
    }

    /// Degrees given in millionths.
    pub(super) fn degrees(mut self, key: &str, micro: i64) -> Self {
        self.key(key);
        if micro < 0 {
            self.out.push(b'-');
        }
        write_int(self.out, micro.unsigned_abs() / 1_000_000);
        self.out.push(b'.');
        write_padded(self.out, micro.unsigned_abs() % 1_000_000, 6);
        self
    }

    pub(super) fn null(mut self, key: &str) -> Self {
        self.key(key);
        self.out.extend_from_slice(b"null");
        self
    }

    /// A list of words.
    pub(super) fn words(mut self, key: &str, words: &[&str]) -> Self {
        self.key(key);
        self.out.push(b'[');
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write_text(self.out, word.as_bytes());
        }
        self.out.push(b']');
        self
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..=0x1f => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

/// Appends a number in decimal.
pub(super) fn write_int(out: &mut Vec<u8>, n: u64) {
    let width = n.checked_ilog10().unwrap_or(0) as usize + 1;
    write_padded(out, n, width);
}

/// Appends the last digits of a number, with zeros before.
pub(super) fn write_padded(out: &mut Vec<u8>, mut n: u64, width: usize) {
    let from = out.len();
    out.resize(from + width, b'0');
    for digit in out[from..].iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
    }
}

/// Appends a number in lower-case hexadecimal.
pub(super) fn write_hex(out: &mut Vec<u8>, n: u64) {
    let digits = (n.checked_ilog2().unwrap_or(0) / 4 + 1) as usize;
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(n >> (4 * place) & 15) as usize]);
    }
}
