//! Rust source as a flat list of tokens with their lines: comments are gone, strings are opaque, so
//! that no rule mistakes a word in either for code.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// From 1.
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Sign(char),
    /// One of `(`, `[`, `{`.
    Open(char),
    /// One of `)`, `]`, `}`.
    Close(char),
    Literal,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

pub(super) fn read(source: &str) -> Result<Vec<Token>> {
    let stream: TokenStream = source.parse().map_err(|error| anyhow!("{error}"))?;
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    Ok(tokens)
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let kind = match tree {
            TokenTree::Ident(word) => Kind::Word(word.to_string()),
            TokenTree::Punct(sign) => Kind::Sign(sign.as_char()),
            TokenTree::Literal(_) => Kind::Literal,
            TokenTree::Group(group) => {
                let signs = match group.delimiter() {
                    Delimiter::Parenthesis => Some(('(', ')')),
                    Delimiter::Bracket => Some(('[', ']')),
                    Delimiter::Brace => Some(('{', '}')),
                    Delimiter::None => None,
                };
                let close = group.span_close().end().line;
                if let Some((open, _)) = signs {
                    tokens.push(Token { kind: Kind::Open(open), line });
                }
                flatten(group.stream(), tokens);
                if let Some((_, sign)) = signs {
                    tokens.push(Token { kind: Kind::Close(sign), line: close });
                }
                continue;
            }
        };
        tokens.push(Token { kind, line });
    }
}

/// The index of the bracket that closes the one at `open`.
pub(super) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether `::` stands at `index`.
pub(super) fn is_path_separator(tokens: &[Token], index: usize) -> bool {
    [index, index + 1].iter().all(|index| tokens.get(*index).is_some_and(|token| token.is_sign(':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        let tokens = read(source).unwrap();
        tokens.iter().filter_map(|token| token.word().map(Into::into)).collect()
    }

    #[test]
    fn comments_and_strings_are_no_words() {
        let source = "fn a() { /* b */ \"c\"; r#\"d\"#; 'e'; } // f";
        assert_eq!(words(source), ["fn", "a"]);
    }

    #[test]
    fn brackets_are_matched_and_know_their_lines() {
        let tokens = read("fn a(b: [u8; 2]) {\n    c();\n}\n").unwrap();
        let open = tokens.iter().position(|token| token.kind == Kind::Open('{')).unwrap();
        let close = closing(&tokens, open).unwrap();
        assert_eq!(close, tokens.len() - 1);
        assert_eq!((tokens[open].line, tokens[close].line), (1, 3));
    }

    #[test]
    fn what_is_no_rust_is_an_error() {
        assert!(read("fn a( {").is_err());
    }
}
