//! Command lines as exact strings, and the environment in every shell there is.

use std::io::Write;
use std::process::Stdio;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Command, Run, Token, environment};

const KEY: Uuid = Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0001);

fn check(sudo: bool, build: impl Fn(&Run<'_>) -> String, expected: &Expect) {
    let token = Token::fixed("windlass-1");
    expected.assert_eq(
        &(build(&Run {
            token: &token,
            sudo,
        }) + "\n"),
    );
}

fn argv(words: &[&str]) -> Command {
    Command::Argv(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn a_plain_command() {
    check(
        false,
        |run| run.plain(None, &argv(&["echo", "it's", "$HOME"])),
        &expect![[]],
    );
}

#[test]
fn a_plain_script_as_root_in_a_directory() {
    check(
        true,
        |run| {
            run.plain(
                Some("/srv/my app"),
                &Command::Script("cd a && ls".to_owned()),
            )
        },
        &expect![[]],
    );
}

#[test]
fn a_command_that_outlives_its_connection() {
    check(
        false,
        |run| run.start(KEY, 12, Some("/srv"), &argv(&["bin/migrate", "--all"])),
        &expect![[]],
    );
}

#[test]
fn finding_it_again() {
    check(false, |run| run.attach(KEY, 0, 4096), &expect![[]]);
}

#[test]
fn ending_it() {
    check(false, |run| run.end_effect(KEY), &expect![[]]);
}

#[test]
fn ending_a_group() {
    check(true, |run| run.end_group(4242), &expect![[]]);
}

#[test]
fn forgetting() {
    check(false, |run| run.forget(&[KEY]), &expect![[]]);
}

#[test]
fn an_environment() {
    let text = environment([
        ("PORT", "3000"),
        ("NAME", "it's me"),
        ("PEM", "a\nb"),
        ("EMPTY", ""),
    ]);
    expect![[]].assert_eq(&text);
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
    for shell in [
        &["sh"][..],
        &["dash"],
        &["bash"],
        &["bash", "--posix"],
        &["busybox", "sh"],
    ] {
        if std::process::Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ":"])
            .output()
            .is_err()
        {
            eprintln!(
                "SKIPPED: environments in {}, because it is not installed here",
                shell.join(" ")
            );
            continue;
        }
        let config = ProptestConfig {
            cases: 300,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest::test_runner::TestRunner::new(config)
            .run(
                &("[^\\x00]{0,40}", "[a-c'\"\\\\$\n\u{80}-\u{90}]{0,12}"),
                |(a, b)| {
                    let input = environment([("A", a.as_str()), ("B", b.as_str())]) + "the input";
                    prop_assert_eq!(run(shell, &input), format!("{a}\0{b}\0the input"));
                    Ok(())
                },
            )
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
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}
