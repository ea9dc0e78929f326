//! Data flows one way through `host/src`, and the module order says so: a module may use what stands
//! in a later layer, in its own, and the leaves. The binary (`main.rs`) only dispatches. Tests (`mod
//! tests`) are no part of the flow and may use what they need.

use std::collections::BTreeSet;

use super::{
    Finding,
    repository::{File, Repository},
    tokens::{Kind, Token, closing, is_path_separator},
};

/// First what is nearest to the user, last what is nearest to the disk. A new module needs a place
/// here, or among the leaves.
const LAYERS: &[&[&str]] = &[
    // The command line; the composition root, which builds everything once and passes it down; and
    // the demo, which drives everything as a user would. Nothing else uses them.
    &["cli", "app", "demo"],
    // Only the command line and the demo speak HTTP to a server.
    &["client"],
    &["api"],
    &["auth"],
    &["engine"],
    &["plugin"],
    &["capability"],
    // Docker is reached through SSH.
    &["dns", "docker", "outbound", "ssh"],
    &["exchange"],
    &["journal"],
    &["event"],
    &["lease", "vault"],
    &["store"],
    &["mask"],
];

/// Types and small helpers that everything may use, and that use only each other.
const LEAVES: &[&str] =
    &["config", "crash", "embedded", "error", "exchange", "id", "mask", "paths", "secret", "shutdown", "time"];

/// What a module of tests is called.
const TESTS: &str = "tests";
const SOURCE: &str = "host/src/";
/// They declare and dispatch; the order does not bind them.
const ROOTS: [&str; 2] = ["host/src/lib.rs", "host/src/main.rs"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let modules: BTreeSet<&str> =
        repository.rust().filter_map(|(file, _)| module_path(&file.path)?.first().copied()).collect();
    let mut findings = Vec::new();
    for (file, _) in repository.rust() {
        let Some(path) = module_path(&file.path) else {
            continue;
        };
        findings.extend(check_file(file, &path, &modules));
    }
    findings
}

fn check_file(file: &File, path: &[&str], modules: &BTreeSet<&str>) -> Vec<Finding> {
    let own = path[0];
    if place(own).is_none() {
        let message =
            format!("the module `{own}` has no place in the order of xtask/src/tidy/direction.rs; give it one");
        return vec![Finding::new(&file.path, 0, message)];
    }
    references(&file.tokens, path.len())
        .into_iter()
        .filter_map(|reference| {
            let message = judge(own, &reference.name, modules)?;
            Some(Finding::new(&file.path, reference.line, message))
        })
        .collect()
}

/// Why `own` may not use `other`; None where it may.
fn judge(own: &str, other: &str, modules: &BTreeSet<&str>) -> Option<String> {
    if !modules.contains(other) {
        return Some(format!(
            "`crate::{other}` is no module: name the module in which it lives, so that the direction \
             of data flow can be seen"
        ));
    }
    let allowed = match (place(own)?, place(other)?) {
        (Place::Layer(own), Place::Layer(other)) => own <= other,
        (_, Place::Leaf) => true,
        (Place::Leaf, Place::Layer(_)) => false,
    };
    (!allowed).then(|| {
        format!("`{own}` may not use `{other}`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)")
    })
}

#[derive(Clone, Copy)]
enum Place {
    Layer(usize),
    Leaf,
}

fn place(module: &str) -> Option<Place> {
    if LEAVES.contains(&module) {
        return Some(Place::Leaf);
    }
    let layer = LAYERS.iter().position(|layer| layer.contains(&module))?;
    Some(Place::Layer(layer))
}

/// `host/src/ssh/quote.rs` is `["ssh", "quote"]`; None outside the host's modules and in
/// their tests.
fn module_path(path: &str) -> Option<Vec<&str>> {
    if ROOTS.contains(&path) {
        return None;
    }
    let module = path.strip_prefix(SOURCE)?.strip_suffix(".rs")?;
    let parts: Vec<&str> = module.split('/').collect();
    (!parts.contains(&TESTS)).then_some(parts)
}

/// A name that is looked up at the crate's root.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    name: String,
    line: usize,
}

/// Every `crate::x`, and every `super::…::x` that climbs to the root, in a file whose module lies
/// `depth` below the root.
fn references(tokens: &[Token], depth: usize) -> Vec<Reference> {
    let mut found = Vec::new();
    // For each open bracket, whether it is the body of a `mod`.
    let mut open: Vec<bool> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match &token.kind {
            Kind::Open('{') if module_name(tokens, index) == Some(TESTS) => {
                index = closing(tokens, index).unwrap_or(tokens.len());
            }
            Kind::Open(sign) => open.push(*sign == '{' && module_name(tokens, index).is_some()),
            Kind::Close(_) => drop(open.pop()),
            Kind::Word(word) if word == "crate" && is_path_separator(tokens, index + 1) => {
                index += 3;
                found.extend(names_at(tokens, index));
                continue;
            }
            Kind::Word(word) if word == "super" => {
                let mut climbed = 0;
                while tokens.get(index).and_then(Token::word) == Some("super") && is_path_separator(tokens, index + 1) {
                    climbed += 1;
                    index += 3;
                }
                let inline = open.iter().filter(|is_module| **is_module).count();
                if climbed > 0 {
                    if climbed >= depth + inline {
                        found.extend(names_at(tokens, index));
                    }
                    continue;
                }
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// The name of the module whose body opens at `index`.
fn module_name(tokens: &[Token], index: usize) -> Option<&str> {
    let name = tokens.get(index.checked_sub(1)?)?.word()?;
    let keyword = tokens.get(index.checked_sub(2)?)?.word()?;
    (keyword == "mod").then_some(name)
}

/// The names after `crate::`: one, or those of a `{…}` list. A macro is no module.
fn names_at(tokens: &[Token], index: usize) -> Vec<Reference> {
    let Some(token) = tokens.get(index) else {
        return Vec::new();
    };
    let line = token.line;
    let name = |name: &str| Reference { name: name.to_owned(), line };
    match &token.kind {
        Kind::Word(_) if tokens.get(index + 1).is_some_and(|next| next.is_sign('!')) => Vec::new(),
        Kind::Word(word) => vec![name(word)],
        Kind::Sign('*') => vec![name("*")],
        Kind::Open('{') => elements(tokens, index).into_iter().flat_map(|element| names_at(tokens, element)).collect(),
        _ => Vec::new(),
    }
}

/// Where each element of the list that opens at `open` begins.
fn elements(tokens: &[Token], open: usize) -> Vec<usize> {
    let Some(close) = closing(tokens, open) else {
        return Vec::new();
    };
    let mut begins = Vec::new();
    let mut index = open + 1;
    let mut fresh = true;
    while index < close {
        if fresh {
            begins.push(index);
        }
        fresh = tokens[index].is_sign(',');
        index = match tokens[index].kind {
            Kind::Open(_) => closing(tokens, index).unwrap_or(close) + 1,
            _ => index + 1,
        };
    }
    begins
}

#[cfg(test)]
mod tests;
