//! Quoting is tested against the shells themselves.

use std::process::Command;

use proptest::prelude::*;

use super::quote;

/// Strings per shell process: a process a string would take minutes.
const BATCH: usize = 128;
/// Batches per shell: 80 × 128 are more than 10,000 strings.
const BATCHES: u32 = 80;

fn shells() -> Vec<Vec<&'static str>> {
    let candidates = [vec!["sh"], vec!["dash"], vec!["bash"], vec!["bash", "--posix"], vec!["busybox", "sh"]];
    candidates
        .into_iter()
        .filter(|shell| {
            let works = Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", "true"])
                .output()
                .is_ok_and(|o| o.status.success());
            if !works {
                eprintln!("SKIPPED: quoting for {}, because it is not installed here", shell.join(" "));
            }
            works
        })
        .collect()
}

fn read_back(shell: &[&str], words: &[String]) -> Vec<String> {
    let line = words.iter().fold("printf '%s\\0'".to_owned(), |line, word| line + " " + &quote(word));
    let output = Command::new(shell[0]).args(&shell[1..]).args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{shell:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// Half of the strings are anything, half are made of what shells interpret.
fn word() -> impl Strategy<Value = String> {
    let special = prop::collection::vec(
        prop::sample::select(
            &[
                "'", "\"", "\\", "$", "`", "!", "\n", "\t", " ", "*", "?", "~", "#", "&", ";", "|", "<", ">", "(", ")",
                "=", "-", "$(", "${", "a", "é", "\r", "\u{7f}", "\u{1}",
            ][..],
        ),
        0..12,
    );
    prop_oneof!["[^\\x00]{0,24}", special.prop_map(|parts| parts.concat()),]
}

#[test]
fn every_shell_reads_the_word_back() {
    for shell in shells() {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: BATCHES,
            // A failing batch names its strings; a file of seeds beside the source would add nothing.
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        runner
            .run(&prop::collection::vec(word(), BATCH), |words| {
                prop_assert_eq!(read_back(&shell, &words), words);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{shell:?}: {error}"));
    }
}

#[test]
fn plain_words_stay_readable() {
    assert_eq!(quote("/srv/app/releases/20260305-143022"), "/srv/app/releases/20260305-143022");
    assert_eq!(quote(""), "''");
    assert_eq!(quote("PORT=3000"), "'PORT=3000'");
    assert_eq!(quote("it's"), r"'it'\''s'");
}
