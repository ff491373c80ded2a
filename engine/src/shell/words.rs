//! The words of the statement around the cursor: which tables it names, and what is wanted at a place.

use super::catalog::{Catalog, Table};
use super::keywords::is_keyword;
use super::statement::{Kind, Piece, is_of_word};

/// A word or a mark of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Mark(char),
}

/// The statement around a place.
#[derive(Debug)]
pub struct Words<'a> {
    tokens: Vec<(usize, Token<'a>)>,
}

impl<'a> Words<'a> {
    /// Of the statement that holds the place.
    pub fn around(text: &'a str, pieces: &[Piece], at: usize) -> Self {
        let ends = || pieces.iter().filter(|piece| piece.kind == Kind::End);
        let from = ends().filter(|end| end.end <= at).map(|end| end.end).max().unwrap_or(0);
        let to = ends().find(|end| end.start >= at).map_or(text.len(), |end| end.start);
        let inside = pieces.iter().filter(|piece| piece.start >= from && piece.end <= to);
        Self { tokens: inside.flat_map(|piece| tokens(text, *piece)).collect() }
    }

    /// A table's name belongs at the place: after FROM, JOIN and the commas there.
    pub fn wants_table(&self, at: usize) -> bool {
        let before = self.tokens.iter().take_while(|(start, _)| *start < at).map(|(_, token)| *token);
        let mut before: Vec<_> = before.collect();
        let clauses =
            ["select", "from", "join", "where", "group", "order", "having", "on", "by", "with", "values"];
        match before.pop() {
            Some(Token::Word(word)) => is_one_of(word, &["from", "join", "describe"]),
            Some(Token::Mark(',')) => {
                let clause = before.iter().rev().find_map(|token| match token {
                    Token::Word(word) if is_one_of(word, &clauses) => Some(*word),
                    _ => None,
                });
                clause.is_some_and(|word| is_one_of(word, &["from", "join"]))
            }
            _ => false,
        }
    }

    /// Tables of the catalog that it names, each with the name it has in the statement.
    pub fn tables<'c>(&self, catalog: &'c Catalog) -> Vec<(&'a str, &'c Table)> {
        let mut found = Vec::new();
        for n in 1..self.tokens.len() {
            let is_place = match self.token(n - 1) {
                Some(Token::Word(word)) => is_one_of(word, &["from", "join", "lateral"]),
                Some(Token::Mark(mark)) => matches!(mark, ',' | '.'),
                None => false,
            };
            if let Some(Token::Word(name)) = self.token(n)
                && is_place
                && let Some(table) = catalog.table(name)
            {
                found.push((self.alias(n + 1).unwrap_or(name), table));
            }
        }
        found
    }

    /// Names that WITH gives to queries.
    pub fn named_queries(&self) -> Vec<&'a str> {
        let is_query = |n: usize| {
            matches!(self.token(n + 1), Some(Token::Word(word)) if word.eq_ignore_ascii_case("as"))
                && self.token(n + 2) == Some(Token::Mark('('))
        };
        let named = (0..self.tokens.len()).filter(|n| is_query(*n));
        named
            .filter_map(|n| if let Some(Token::Word(name)) = self.token(n) { Some(name) } else { None })
            .collect()
    }

    fn alias(&self, n: usize) -> Option<&'a str> {
        match self.token(n)? {
            Token::Word(word) if word.eq_ignore_ascii_case("as") => match self.token(n + 1)? {
                Token::Word(alias) => Some(alias),
                Token::Mark(_) => None,
            },
            Token::Word(word) if !is_keyword(word) => Some(word),
            _ => None,
        }
    }

    fn token(&self, n: usize) -> Option<Token<'a>> {
        self.tokens.get(n).map(|(_, token)| *token)
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

fn tokens(text: &str, piece: Piece) -> Vec<(usize, Token<'_>)> {
    let whole = text.get(piece.start..piece.end).unwrap_or_default();
    match piece.kind {
        Kind::Name => vec![(piece.start, Token::Word(whole.trim_matches('"')))],
        Kind::Text => vec![(piece.start, Token::Mark('\''))],
        Kind::Comment | Kind::End => Vec::new(),
        Kind::Code => {
            let mut found = Vec::new();
            let mut at = 0;
            while let Some(rest) = whole.get(at..).filter(|rest| !rest.is_empty()) {
                let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
                let first = rest.chars().next().unwrap_or_default();
                if length > 0 {
                    found.push((piece.start + at, Token::Word(rest.get(..length).unwrap_or_default())));
                } else if !first.is_whitespace() {
                    found.push((piece.start + at, Token::Mark(first)));
                }
                at += length.max(first.len_utf8());
            }
            found
        }
    }
}
