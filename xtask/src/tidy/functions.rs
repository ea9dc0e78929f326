//! Small functions.

use super::{
    Finding,
    repository::Repository,
    tokens::{Kind, Token, closing},
};

/// No function is longer.
const CAP: usize = 100;
/// Most are shorter than this; those that are not are only counted.
const USUAL: usize = 60;

/// A function by its name and place.
struct Function<'a> {
    path: &'a str,
    name: &'a str,
    line: usize,
    /// From `fn` to the closing brace.
    lines: usize,
}

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let long = functions(repository).into_iter().filter(|function| function.lines > CAP);
    long.map(|function| {
        let Function { name, lines, .. } = function;
        let message = format!("`{name}` has {lines} lines, more than {CAP}: name its parts");
        Finding::new(function.path, function.line, message)
    })
    .collect()
}

/// How many functions there are, and how many are long.
pub(super) fn summary(repository: &Repository) -> String {
    let functions = functions(repository);
    let long = functions.iter().filter(|function| function.lines > USUAL).count();
    format!("{} functions, {long} with more than {USUAL} lines", functions.len())
}

fn functions(repository: &Repository) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (file, _) in repository.rust() {
        for index in 0..file.tokens.len() {
            if let Some((name, line, lines)) = function_at(&file.tokens, index) {
                found.push(Function { path: &file.path, name, line, lines });
            }
        }
    }
    found
}

/// Name, line and length of the function whose `fn` stands at `index`; None without a body.
fn function_at(tokens: &[Token], index: usize) -> Option<(&str, usize, usize)> {
    if tokens[index].word()? != "fn" {
        return None;
    }
    // The type `fn(u8)` has no name.
    let name = tokens.get(index + 1)?.word()?;
    let mut at = index + 2;
    let body = loop {
        match tokens.get(at)?.kind {
            Kind::Open('{') => break at,
            Kind::Open(_) => at = closing(tokens, at)? + 1,
            Kind::Sign(';') | Kind::Close(_) => return None,
            _ => at += 1,
        }
    };
    let first = tokens[index].line;
    let last = tokens[closing(tokens, body)?].line;
    Some((name, first, last - first + 1))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn a_long_function_is_named() {
        let body = |lines: usize| "    a();\n".repeat(lines);
        let text = format!("fn fits() {{\n{}}}\n\nfn long() {{\n{}}}\n", body(98), body(99));
        expect!["a.rs:102: `long` has 101 lines, more than 100: name its parts"]
            .assert_eq(&findings(check, &[("a.rs", &text)]));
    }

    #[test]
    fn declarations_and_function_types_are_no_functions() {
        let text = "trait A { fn b(&self) -> [u8; 2]; } type C = fn(u8); fn d() {}";
        let repository = Repository::of(&[("a.rs", text)]);
        assert_eq!(summary(&repository), "1 functions, 0 with more than 60 lines");
    }
}
