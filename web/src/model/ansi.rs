//! Log text as programs write it for terminals: escape sequences taken out, colors (SGR) kept aside.

/// The look of a piece of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// One of the sixteen terminal colors.
    pub color: Option<u8>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
}

/// A styled piece: bytes `start..end` of the plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    pub style: Style,
}

impl Style {
    /// The CSS classes for it.
    pub fn classes(self) -> String {
        let mut classes = match self.color {
            Some(color) => format!("c{color}"),
            None => String::new(),
        };
        for (on, class) in [(self.bold, "b"), (self.dim, "d"), (self.italic, "i"), (self.underline, "u")] {
            if on {
                classes.push_str(if classes.is_empty() { "" } else { " " });
                classes.push_str(class);
            }
        }
        classes
    }

    /// Applies the parameters of one SGR sequence.
    fn apply(&mut self, parameters: &str) {
        let mut codes = parameters.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.color = Some(code as u8 - 30),
                90..=97 => self.color = Some(code as u8 - 90 + 8),
                39 => self.color = None,
                // 256 colors and true color: those that are one of the sixteen are shown, the rest is not.
                38 | 48 => {
                    let chosen = match codes.next() {
                        Some(5) => codes.next().and_then(|n| u8::try_from(n).ok()).filter(|n| *n < 16),
                        Some(2) => codes.by_ref().take(3).last().and(None),
                        _ => None,
                    };
                    if code == 38 {
                        self.color = chosen;
                    }
                }
                _ => {}
            }
        }
    }
}

/// The plain text of a line and its styled pieces, in order; unstyled text has none.
///
/// A carriage return starts the line over, as progress bars mean it.
pub fn parse(raw: &str) -> (String, Vec<Span>) {
    let raw = raw.trim_end_matches('\r');
    let mut text = String::with_capacity(raw.len());
    let mut spans = Vec::new();
    let mut style = Style::default();
    let mut start = 0;
    let mut chars = raw.chars().peekable();
    let mut close = |text: &str, start: &mut usize, style: Style| {
        if style != Style::default() && text.len() > *start {
            spans.push(Span { start: *start as u32, end: text.len() as u32, style });
        }
        *start = text.len();
    };
    let mut restart = None;
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => match chars.next() {
                Some('[') => {
                    let mut parameters = String::new();
                    let end = loop {
                        match chars.next() {
                            Some(c @ '\x40'..='\x7e') => break Some(c),
                            Some(c) => parameters.push(c),
                            None => break None,
                        }
                    };
                    if end == Some('m') {
                        close(&text, &mut start, style);
                        style.apply(&parameters);
                    }
                }
                Some(']') => skip_command(&mut chars),
                _ => {}
            },
            '\r' => {
                close(&text, &mut start, style);
                restart = Some(text.len());
            }
            '\t' => text.push('\t'),
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    close(&text, &mut start, style);
    match restart {
        Some(from) => cut(text, spans, from),
        None => (text, spans),
    }
}

/// Skips an operating system command (titles, links): up to BEL or `ESC \`.
fn skip_command(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        if c == '\x07' {
            return;
        }
        if c == '\x1b' {
            chars.next_if_eq(&'\\');
            return;
        }
    }
}

fn cut(text: String, spans: Vec<Span>, from: usize) -> (String, Vec<Span>) {
    let by = from as u32;
    let spans = spans.into_iter().filter(|span| span.start >= by);
    let spans = spans.map(|span| Span { start: span.start - by, end: span.end - by, ..span }).collect();
    (text[from..].to_owned(), spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its styled pieces in brackets.
    fn shown(raw: &str) -> String {
        let (text, spans) = parse(raw);
        let mut out = String::new();
        let mut at = 0;
        for span in spans {
            let (start, end) = (span.start as usize, span.end as usize);
            out.push_str(&text[at..start]);
            out.push_str(&format!("[{}:{}]", span.style.classes(), &text[start..end]));
            at = end;
        }
        out + &text[at..]
    }

    #[test]
    fn colors_and_attributes_become_classes() {
        assert_eq!(shown("plain"), "plain");
        assert_eq!(shown("a\x1b[1;31mb\x1b[0mc"), "a[c1 b:b]c");
        assert_eq!(shown("\x1b[92mok\x1b[39m \x1b[2mdim\x1b[22m x"), "[c10:ok] [d:dim] x");
        assert_eq!(shown("\x1b[mreset"), "reset");
    }

    #[test]
    fn extended_colors_take_their_parameters_with_them() {
        assert_eq!(shown("\x1b[38;5;9mred\x1b[0m"), "[c9:red]");
        assert_eq!(shown("\x1b[38;2;1;2;3;1mbold\x1b[0m"), "[b:bold]");
        assert_eq!(shown("\x1b[48;5;1mx\x1b[0m"), "x");
    }

    #[test]
    fn other_sequences_and_controls_vanish() {
        assert_eq!(shown("\x1b[2K\x1b[1Gdone\x07\x08"), "done");
        assert_eq!(shown("\x1b]8;;http://a\x1b\\link\x1b]8;;\x07!"), "link!");
        assert_eq!(shown("cut off \x1b[31"), "cut off ");
    }

    #[test]
    fn a_carriage_return_starts_the_line_over() {
        assert_eq!(shown("10 %\r50 %\r\x1b[32m100 %\x1b[0m"), "[c2:100 %]");
        assert_eq!(shown("windows\r"), "windows");
    }

    #[test]
    fn pieces_are_cut_at_characters() {
        assert_eq!(shown("é\x1b[31mü→\x1b[0mß"), "é[c1:ü→]ß");
    }
}
