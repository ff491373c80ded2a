//! Text on a terminal: how wide it is, and what of it may be shown.

use std::borrow::Cow;
use unicode_width::UnicodeWidthChar as _;

/// What stands for the part that was cut.
const CUT: char = '…';

/// Columns that a text takes on a terminal. Vietnamese letters take one, composed or not.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// A text cut to so many columns.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let (mut used, mut end) = (0, 0);
    for (at, letter) in text.char_indices() {
        used += char_width(letter);
        if used >= columns {
            break;
        }
        end = at + letter.len_utf8();
    }
    Cow::Owned(format!("{}{CUT}", text.get(..end).unwrap_or_default()))
}

/// What would steer the terminal or turn the direction of writing is shown by its code: values come from outside.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            '\n' => shown.push_str("\\n"),
            _ if steers(letter) => shown.extend(letter.escape_unicode()),
            _ => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

fn char_width(letter: char) -> usize {
    letter.width().unwrap_or(0)
}

fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_letters_are_one_column_composed_or_not() {
        assert_eq!(width("Hoàn Kiếm"), 9);
        assert_eq!(width("Hoa\u{300}n Kie\u{302}\u{301}m"), 9);
        assert_eq!(width("Đống Đa · Cầu Giấy"), 18);
        assert_eq!(width("東京"), 4);
    }

    #[test]
    fn what_is_too_long_ends_with_a_mark_and_keeps_its_letters_whole() {
        assert_eq!(cut("Hai Bà Trưng", 12), "Hai Bà Trưng");
        assert_eq!(cut("Hai Bà Trưng", 7), "Hai Bà…");
        assert_eq!(cut("Ba\u{300} Trie\u{323}\u{302}u", 3), "Ba\u{300}…");
        assert_eq!(cut("東京都", 4), "東…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn what_would_steer_the_terminal_is_shown_instead() {
        assert_eq!(plain("a\u{1b}[31mb\tc"), "a\\u{1b}[31mb\\tc");
        assert_eq!(plain("\u{202e}abc"), "\\u{202e}abc");
        assert_eq!(plain("Chợ Hôm"), "Chợ Hôm");
    }
}
