//! Statements of a text: where each begins and ends, and what in it is code, text or comment.

/// What a stretch of SQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Code,
    /// `'…'` or `$tag$…$tag$`
    Text,
    /// `"…"`
    Name,
    Comment,
    /// The `;` after a statement.
    End,
}

/// A stretch of SQL, as places in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Its own end was found: an open quote has none.
    pub closed: bool,
}

/// One statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Without the `;` and the space around.
    pub sql: &'a str,
    /// Where it begins in the whole text, from 1.
    pub line: u64,
    pub column: u64,
}

/// The whole text, stretch by stretch.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (kind, length, closed) = next(text, at);
        let end = at + length;
        match found.last_mut() {
            Some(last) if kind == Kind::Code && last.kind == Kind::Code => last.end = end,
            _ => found.push(Piece { kind, start: at, end, closed }),
        }
        at = end;
    }
    found
}

/// Kind and length of what begins here, and whether it ends.
fn next(text: &str, at: usize) -> (Kind, usize, bool) {
    let rest = text.get(at..).unwrap_or_default();
    let to = |end: Option<usize>| (end.unwrap_or(rest.len()), end.is_some());
    let (kind, (length, closed)) = match rest.as_bytes() {
        [b';', ..] => (Kind::End, (1, true)),
        [b'-', b'-', ..] => (Kind::Comment, (rest.find('\n').unwrap_or(rest.len()), true)),
        [b'/', b'*', ..] => (Kind::Comment, to(end_of_comment(rest))),
        [b'\'', ..] => (Kind::Text, to(end_of_quote(rest, '\'', has_escapes(text, at)))),
        [b'"', ..] => (Kind::Name, to(end_of_quote(rest, '"', false))),
        [b'$', ..] if !ends_in_word(text.get(..at).unwrap_or_default()) => match dollar_tag(rest) {
            Some(tag) => {
                let body = rest.get(tag.len()..).unwrap_or_default();
                (Kind::Text, to(body.find(tag).map(|end| end + 2 * tag.len())))
            }
            None => (Kind::Code, (1, true)),
        },
        _ => (Kind::Code, (rest.chars().next().map_or(1, char::len_utf8), true)),
    };
    (kind, length, closed)
}

/// Comments hold comments.
fn end_of_comment(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => (depth, at) = (depth + 1, at + 2),
            (b'*', b'/') => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

fn end_of_quote(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if escapes && letter == '\\' {
            letters.next();
        } else if letter == quote && letters.next_if(|(_, after)| *after == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// `E'…'` has escapes by backslash.
fn has_escapes(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.strip_suffix(['e', 'E']).is_some_and(|before| !ends_in_word(before))
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_of_word)
}

/// Letters of which names and keywords are made.
pub fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// `$$` or `$tag$`; `$1` is a parameter.
fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(..end)?;
    let name = tag.get(1..end - 1)?;
    let is_name = name.chars().all(is_of_word) && !name.starts_with(|first: char| first.is_ascii_digit());
    is_name.then_some(tag)
}

/// The statements of a text; what holds nothing but space and comments is none.
pub fn split(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let (mut start, mut has_code) = (0, false);
    for piece in pieces(text) {
        if piece.kind == Kind::End {
            if has_code {
                found.extend(statement(text, start, piece.start));
            }
            (start, has_code) = (piece.end, false);
        } else {
            has_code |= is_code(text, piece);
        }
    }
    if has_code {
        found.extend(statement(text, start, text.len()));
    }
    found
}

fn is_code(text: &str, piece: Piece) -> bool {
    match piece.kind {
        Kind::Comment => false,
        Kind::Code => !text.get(piece.start..piece.end).unwrap_or_default().trim().is_empty(),
        Kind::Text | Kind::Name | Kind::End => true,
    }
}

fn statement(text: &str, start: usize, end: usize) -> Option<Statement<'_>> {
    let whole = text.get(start..end)?;
    let begin = start + (whole.len() - whole.trim_start().len());
    let before = text.get(..begin)?;
    let last = before.rsplit('\n').next().unwrap_or_default();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Some(Statement {
        sql: whole.trim(),
        line: count(before.matches('\n').count()) + 1,
        column: count(last.chars().count()) + 1,
    })
}

/// Nothing more is to be typed: all that was begun has its `;`.
pub fn is_complete(text: &str) -> bool {
    let pieces = pieces(text);
    let is_whole = pieces.iter().all(|piece| piece.closed);
    let after_end =
        pieces.iter().rev().take_while(|piece| piece.kind != Kind::End).any(|piece| is_code(text, *piece));
    is_whole && !after_end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn statements_end_at_semicolons() {
        assert_eq!(texts("SELECT 1; SELECT 2 ;\n"), ["SELECT 1", "SELECT 2"]);
        assert_eq!(texts("SELECT 1"), ["SELECT 1"]);
        assert_eq!(texts(" ;; -- nothing\n /* here ; */ ;"), [""; 0]);
    }

    #[test]
    fn semicolons_in_quotes_and_comments_are_no_end() {
        for one in [
            "SELECT 'a;b'",
            "SELECT 'it''s; so'",
            "SELECT E'a\\'; b'",
            "SELECT \"a;b\" FROM t",
            "SELECT 1 -- a; b\n + 2",
            "SELECT /* a; /* b; */ c; */ 1",
            "SELECT $$a; b$$",
            "SELECT $t$a; $$ b; $t$",
            "SELECT 'Chợ; Hôm' AS \"Tên; chợ\"",
        ] {
            assert_eq!(texts(&format!("{one}; SELECT 2")), [one, "SELECT 2"]);
        }
        assert_eq!(texts("SELECT type'a\\'; SELECT 2"), ["SELECT type'a\\'", "SELECT 2"]);
        assert_eq!(texts("SELECT $1; SELECT $2"), ["SELECT $1", "SELECT $2"]);
    }

    #[test]
    fn each_statement_knows_where_it_begins() {
        let found = split("-- Chợ\nSELECT 1;  SELECT 2;\n\n  SELECT 3");
        let places: Vec<_> = found.iter().map(|found| (found.line, found.column)).collect();
        assert_eq!(places, [(1, 1), (2, 12), (4, 3)]);
    }

    #[test]
    fn what_is_open_needs_more() {
        for more in
            ["SELECT 1", "SELECT 'a;", "SELECT 1; SELECT 2", "SELECT 1; /* ", "SELECT $$;", "SELECT \";"]
        {
            assert!(!is_complete(more), "{more}");
        }
        for whole in ["", "SELECT 1;", "SELECT 1; -- that is all", "SELECT ';' ; \n", "-- a comment"] {
            assert!(is_complete(whole), "{whole}");
        }
    }

    #[test]
    fn the_pieces_are_the_whole_text() {
        let text = "SELECT 'Bà''', \"x\" /* ; */ FROM t; $a$ open";
        let whole: String = pieces(text).iter().map(|piece| &text[piece.start..piece.end]).collect();
        assert_eq!(whole, text);
    }
}
