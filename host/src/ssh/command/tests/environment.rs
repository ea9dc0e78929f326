//! The environment as an exact string, and as every shell there is reads it.

use std::io::Write;
use std::process::Stdio;

use expect_test::expect;
use proptest::prelude::*;

use crate::ssh::command::environment;

#[test]
fn an_environment() {
    let text = environment([("PORT", "3000"), ("NAME", "it's me"), ("PEM", "a\nb"), ("EMPTY", "")]);
    expect![[r#"
        export PORT=3000
        export NAME='it'\''s me'
        _v=$(printf %b 'a\0012bx'); PEM=${_v%x}; export PEM; unset _v
        export EMPTY=''

    "#]]
    .assert_eq(&text);
}

#[test]
fn no_variables_are_an_empty_line() {
    assert_eq!(environment([]), "\n");
}

/// The loop of the programs that reads it, then the values as they arrived.
const READ_BACK: &str = "while IFS= read -r _w || exit 96; do [ -n \"$_w\" ] || break; eval \"$_w\"; done; \
                         printf '%s\\0%s\\0' \"$A\" \"$B\"; exec cat";

#[test]
fn shells_read_every_environment_and_leave_the_input() {
    for shell in [&["sh"][..], &["dash"], &["bash"], &["bash", "--posix"], &["busybox", "sh"]] {
        if std::process::Command::new(shell[0]).args(&shell[1..]).args(["-c", ":"]).output().is_err() {
            eprintln!("SKIPPED: environments in {}, because it is not installed here", shell.join(" "));
            continue;
        }
        let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
        proptest::test_runner::TestRunner::new(config)
            .run(&("[^\\x00]{0,40}", "[a-c'\"\\\\$\n\u{80}-\u{90}]{0,12}"), |(a, b)| {
                let input = environment([("A", a.as_str()), ("B", b.as_str())]) + "the input";
                prop_assert_eq!(run(shell, &input), format!("{a}\0{b}\0the input"));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{shell:?}: {error}"));
    }
}

fn run(shell: &[&str], input: &str) -> String {
    let mut child = std::process::Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", READ_BACK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}
