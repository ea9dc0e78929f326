//! What is not written in this repository.

use super::{
    Finding,
    repository::{File, Repository},
    tokens::{Kind, Token, closing},
};

/// Macros that say "not finished" or "left over".
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];
/// Compiled code is built from the repository, never kept in it.
const COMPILED: [&str; 3] = [".wasm", ".cwasm", ".so"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repository.files {
        findings.extend(check_name(&file.path));
    }
    for (file, text) in repository.rust() {
        findings.extend(unfinished(file));
        findings.extend(attributes(file, text));
    }
    findings
}

fn check_name(path: &str) -> Option<Finding> {
    if path.ends_with("/mod.rs") {
        let message = "name it after its module, beside its directory: `foo.rs` and `foo/`";
        return Some(Finding::new(path, 0, message));
    }
    let compiled = COMPILED.iter().any(|extension| path.ends_with(extension));
    compiled.then(|| Finding::new(path, 0, "compiled code is built, not committed"))
}

fn unfinished(file: &File) -> Vec<Finding> {
    let calls = file.tokens.windows(2).filter_map(|pair| {
        let name = pair[0].word().filter(|word| UNFINISHED.contains(word))?;
        let message = format!("`{name}!` is not for committed code");
        pair[1].is_sign('!').then(|| Finding::new(&file.path, pair[0].line, message))
    });
    calls.collect()
}

/// `#[allow]` and `#[expect]` say why; `#[ignore]` is not used, a test that cannot run says so itself.
fn attributes(file: &File, text: &str) -> Vec<Finding> {
    let lines: Vec<&str> = text.lines().collect();
    let tokens = &file.tokens;
    let mut findings = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let Some((name, end)) = attribute_at(tokens, index) else {
            continue;
        };
        let message = match name {
            "ignore" => {
                "no `#[ignore]`: a test that cannot run on this machine says so in \
                 $WINDLASS_SKIPPED_FILE"
            }
            "allow" | "expect" if !has_reason(&lines, &tokens[index..=end]) => {
                "say beside it, in a comment, why this lint does not apply"
            }
            _ => continue,
        };
        findings.push(Finding::new(&file.path, token.line, message));
    }
    findings
}

/// The name of the attribute whose `#` stands at `index`, and where it ends.
fn attribute_at(tokens: &[Token], index: usize) -> Option<(&str, usize)> {
    if !tokens[index].is_sign('#') {
        return None;
    }
    let inner = usize::from(tokens.get(index + 1)?.is_sign('!'));
    let open = index + 1 + inner;
    if tokens.get(open)?.kind != Kind::Open('[') {
        return None;
    }
    Some((tokens.get(open + 1)?.word()?, closing(tokens, open)?))
}

/// A comment on the attribute's last line or on the line above it, or a `reason = "…"` in it.
fn has_reason(lines: &[&str], attribute: &[Token]) -> bool {
    if attribute.iter().any(|token| token.word() == Some("reason")) {
        return true;
    }
    let line = |number: usize| number.checked_sub(1).and_then(|index| lines.get(index));
    let first = attribute.first().map_or(0, |token| token.line);
    let last = attribute.last().map_or(0, |token| token.line);
    let beside = line(last).is_some_and(|line| line.contains("//"));
    let above = line(first.saturating_sub(1)).is_some_and(|line| {
        let line = line.trim_start();
        line.starts_with("//") && !line.starts_with("///")
    });
    beside || above
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::tidy::repository::findings;

    fn file(path: &str, text: &str, expected: Expect) {
        expected.assert_eq(&findings(check, &[(path, text)]));
    }

    #[test]
    fn modules_are_not_called_mod() {
        file(
            "host/src/api/mod.rs",
            "",
            expect!["host/src/api/mod.rs: name it after its module, beside its directory: `foo.rs` and `foo/`"],
        );
        file("host/src/model.rs", "", expect![""]);
    }

    #[test]
    fn compiled_code_is_not_committed() {
        file("a/b.wasm", "", expect!["a/b.wasm: compiled code is built, not committed"]);
    }

    #[test]
    fn unfinished_code_is_found_wherever_it_is_not_a_word() {
        file(
            "a.rs",
            "fn a() { todo!() }\nfn b() { x!(dbg!(1)) }\n// todo!()\nfn todo() { todo(\"dbg!\") }",
            expect![[r#"
                a.rs:1: `todo!` is not for committed code
                a.rs:2: `dbg!` is not for committed code"#]],
        );
    }

    #[test]
    fn an_allowed_lint_says_why() {
        for fine in [
            "#[allow(dead_code)] // read by the debugger only\nfn a() {}",
            "// the trait wants it\n#[allow(unused)]\nfn a() {}",
            "#[expect(unused, reason = \"the trait wants it\")]\nfn a() {}",
            "#[allowed]\nfn a() {}",
        ] {
            file("a.rs", fine, expect![""]);
        }
        for bare in ["#![allow(dead_code)]\nfn a() {}", "/// What it does.\n#[allow(dead_code)]\nfn a() {}"] {
            let found = findings(check, &[("a.rs", bare)]);
            assert!(found.ends_with("why this lint does not apply"), "{found}");
        }
    }

    #[test]
    fn no_test_is_ignored() {
        file(
            "a.rs",
            "#[test]\n#[ignore = \"slow\"]\nfn a() {}",
            expect!["a.rs:2: no `#[ignore]`: a test that cannot run on this machine says so in $WINDLASS_SKIPPED_FILE"],
        );
    }
}
