//! A line of text cut into pieces that look alike: its colors crossed with what a search found.

use super::ansi::{Span, Style};

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    pub text: &'a str,
    pub style: Style,
    pub found: bool,
}

/// Cuts a text at the ends of its spans and of the ranges that were found; both in order.
pub fn pieces<'a>(text: &'a str, spans: &[Span], found: &[(usize, usize)]) -> Vec<Piece<'a>> {
    let mut cuts: Vec<usize> = spans
        .iter()
        .flat_map(|span| [span.start as usize, span.end as usize])
        .chain(found.iter().flat_map(|(start, end)| [*start, *end]))
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|cut| {
            let (start, end) = (cut[0], cut[1]);
            let span = spans.iter().find(|span| span.start as usize <= start && end <= span.end as usize);
            Piece {
                text: &text[start..end],
                style: span.map_or_else(Style::default, |span| span.style),
                found: found.iter().any(|(from, to)| *from <= start && end <= *to),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::ansi::parse;
    use super::*;

    fn shown(raw: &str, found: &[(usize, usize)]) -> String {
        let (text, spans) = parse(raw);
        let piece = |piece: Piece| match (piece.found, piece.style.classes()) {
            (true, classes) => format!("<{classes}:{}>", piece.text),
            (false, classes) if classes.is_empty() => piece.text.to_owned(),
            (false, classes) => format!("[{classes}:{}]", piece.text),
        };
        pieces(&text, &spans, found).into_iter().map(piece).collect()
    }

    #[test]
    fn a_match_may_cross_colors() {
        assert_eq!(shown("plain", &[]), "plain");
        assert_eq!(shown("plain", &[(1, 3)]), "p<:la>in");
        assert_eq!(shown("a\x1b[31mbcd\x1b[0me", &[(2, 5)]), "a[c1:b]<c1:cd><:e>");
        assert_eq!(shown("", &[]), "");
    }
}
