//! `${…}` in a text: what is literal and what is a name.

use std::fmt;

/// A dotted name, such as `stages.build.outputs.image`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(Vec<String>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Name(Name),
}

/// What is between `${` and `}` is no name, or there is no `}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("`${{{0}` has no closing brace")]
    Unclosed(String),
    #[error("`${{{0}}}` is not a dotted name")]
    NotAName(String),
}

impl Name {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let segments: Vec<String> = text.trim().split('.').map(str::to_owned).collect();
        segments.iter().all(|segment| is_segment(segment)).then_some(Self(segments))
    }

    pub(crate) fn root(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Splits a text. `$${` stands for a literal `${`; every other `$` is itself.
pub(crate) fn parse(text: &str) -> Result<Vec<Part>, SyntaxError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = (&rest[..start], &rest[start + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = after;
            continue;
        }
        literal.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Err(SyntaxError::Unclosed(after.chars().take(40).collect()));
        };
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(Part::Name(Name::parse(name).ok_or_else(|| SyntaxError::NotAName(name.into()))?));
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() || parts.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}

/// The name that is the whole text.
pub(crate) fn whole_name(text: &str) -> Option<Name> {
    match parse(text).ok()?.as_slice() {
        [Part::Name(name)] => Some(name.clone()),
        _ => None,
    }
}

/// The names in a text; none where it does not parse.
pub(crate) fn names(text: &str) -> Vec<Name> {
    let parts = parse(text).unwrap_or_default();
    parts.into_iter().filter_map(|part| if let Part::Name(name) = part { Some(name) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let shown = match parse(text) {
            Ok(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => format!("{text:?}"),
                    Part::Name(name) => format!("<{name}>"),
                })
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn names_and_text_alternate() {
        check("a ${project}-${ environment.name }!", expect![[r#""a " <project> "-" <environment.name> "!""#]]);
    }

    #[test]
    fn a_doubled_dollar_escapes() {
        check("$${HOME} $5 $$ ${project}", expect![[r#""${HOME} $5 $$ " <project>"#]]);
    }

    #[test]
    fn what_a_shell_would_expand_is_no_name() {
        check("${PORT:-80}", expect!["`${PORT:-80}` is not a dotted name"]);
        check("echo ${project", expect!["`${project` has no closing brace"]);
        check("${a..b}", expect!["`${a..b}` is not a dotted name"]);
    }
}
