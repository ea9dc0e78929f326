//! What can go wrong before and during a deployment: each with its exact text and what to do next, at the
//! earliest moment, with nothing lost and the old release still serving.

mod configuration;
mod database;
mod disk;
mod target;

use crate::harness::{Output, Site, user};

/// What a command that failed has to say, without what differs from run to run.
fn said(site: &Site, output: &Output) -> String {
    // Progress stands before the result.
    let result = output.stdout.rfind('✗').map_or("", |start| &output.stdout[start..]);
    plain(site, &format!("{result}{}", output.stderr))
}

/// The same of any text: directories, ports, keys and the labels of releases get names.
fn plain(site: &Site, text: &str) -> String {
    let text = text.replace(&format!("{}/", site.directory().display()), "SITE/");
    let text = text.replace(&format!(":{}", site.target().port), ":PORT");
    let text = text.replace(&format!("{} may", user()), "USER may").replace(&format!("~{}/", user()), "~USER/");
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/".contains(character);
    let text = replace_runs(&text, "SHA256:", is_base64, "FINGERPRINT");
    let text = replace_runs(&text, "AAAA", is_base64, "KEY");
    replace_runs(&text, "20", |character| character.is_ascii_digit() || character == '-', "RELEASE")
}

/// Replaces every long run of characters that begins with a prefix.
fn replace_runs(text: &str, prefix: &str, belongs: impl Fn(char) -> bool, name: &str) -> String {
    /// A label has 15 characters at least; nothing else that begins like one is that long.
    const LONG: usize = 12;
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(prefix) {
        let (before, run) = rest.split_at(start);
        let length = run[prefix.len()..].find(|character| !belongs(character)).unwrap_or(run.len() - prefix.len());
        let (run, after) = run.split_at(prefix.len() + length);
        plain.push_str(before);
        plain.push_str(if length >= LONG { name } else { run });
        rest = after;
    }
    plain + rest
}
