//! Content-hashed names. A file that another one names by a placeholder becomes
//! `/assets/<stem>.<hash>.<extension>`, so that browsers may keep it forever; what nobody names that
//! way (fonts, wasm-bindgen's snippets) keeps its path under `/assets/`.
//!
//! A placeholder is a path in `web/site` (`{{favicon.svg}}`) or one of the short names in
//! [`ALIASES`]. Placeholders are filled in before the file that holds them is hashed, so a changed
//! file changes the names of those that name it, and of nothing else.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::tree::Tree;

/// The page that names everything else; it is asked for by its own name.
const PAGE: &str = "index.html";
/// What wasm-bindgen makes of the program.
const GENERATED: &str = "app.js";
const STYLE_SHEET: &str = "app.css";
const STYLE_PARTS: &str = "css/";
const ALIASES: [(&str, &str); 4] =
    [("css", STYLE_SHEET), ("boot", "boot.js"), ("js", GENERATED), ("wasm", "app_bg.wasm")];
const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// Hexadecimal digits of the SHA-256 in a name: 48 bits, plenty to tell versions of one file apart.
const HASH_DIGITS: usize = 12;

/// The files of the site on their way to hashed names.
#[derive(Default)]
pub(super) struct Assets {
    sources: BTreeMap<String, Vec<u8>>,
}

impl Assets {
    /// Adds a file under its path in the site, with `/` between the parts.
    pub(super) fn source(&mut self, path: &str, bytes: Vec<u8>) -> Result<()> {
        if self.sources.insert(path.to_owned(), bytes).is_some() {
            bail!("web/site/{path} has the name of a file that wasm-bindgen makes; rename it");
        }
        Ok(())
    }

    /// Fills in the page, and with it everything that it names; adds the rest as it is.
    pub(super) fn into_tree(mut self) -> Result<Tree> {
        self.join_style_sheets();
        let mut naming =
            Naming { sources: &self.sources, urls: BTreeMap::new(), open: Vec::new(), tree: Tree::default() };
        let page = naming.filled(PAGE)?;
        naming.tree.add(PAGE, page);
        for (path, bytes) in &self.sources {
            if path != PAGE && !naming.urls.contains_key(path) {
                naming.tree.add(format!("assets/{path}"), bytes.as_slice());
            }
        }
        Ok(naming.tree)
    }

    /// One style sheet is linked: `app.css`, then its parts in name order.
    fn join_style_sheets(&mut self) {
        let parts: Vec<String> = self.sources.keys().filter(|path| is_part(path)).cloned().collect();
        for part in parts {
            let part = self.sources.remove(&part).unwrap_or_default();
            let joined = self.sources.entry(STYLE_SHEET.to_owned()).or_default();
            joined.extend(part);
            joined.push(b'\n');
        }
    }
}

struct Naming<'a> {
    sources: &'a BTreeMap<String, Vec<u8>>,
    urls: BTreeMap<String, String>,
    /// The files being filled in right now, outermost first.
    open: Vec<String>,
    tree: Tree,
}

impl Naming<'_> {
    /// The URL of a file by its path in the site.
    fn url(&mut self, path: &str) -> Result<String> {
        if let Some(url) = self.urls.get(path) {
            return Ok(url.clone());
        }
        if self.open.iter().any(|open| open == path) {
            bail!("{} → {path} name each other", self.open.join(" → "));
        }
        let bytes = self.filled(path)?;
        let url = hashed_name(path, &bytes);
        self.tree.add(&url, bytes);
        let url = format!("/{url}");
        self.urls.insert(path.to_owned(), url.clone());
        Ok(url)
    }

    /// The contents of a file with its placeholders filled in.
    fn filled(&mut self, path: &str) -> Result<Vec<u8>> {
        let sources = self.sources;
        let bytes = sources.get(path).with_context(|| format!("there is no {path} in web/site"))?;
        if !may_hold_placeholders(path) {
            return Ok(bytes.clone());
        }
        let text = std::str::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))?;
        self.open.push(path.to_owned());
        let filled = fill(text, |name| self.url(resolve(name))).with_context(|| format!("in web/site/{path}"))?;
        self.open.pop();
        Ok(filled.into_bytes())
    }
}

fn resolve(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, path)| path)
}

fn is_part(path: &str) -> bool {
    path.starts_with(STYLE_PARTS) && path.ends_with(".css")
}

/// What wasm-bindgen generates is finished: braces in it are no placeholders.
fn may_hold_placeholders(path: &str) -> bool {
    path != GENERATED
        && [".html", ".css", ".js", ".svg", ".webmanifest"].iter().any(|extension| path.ends_with(extension))
}

/// Replaces each `{{name}}` by what `value` answers for it.
fn fill(text: &str, mut value: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (name, after) = after.split_once(CLOSE).with_context(|| format!("a `{OPEN}` has no `{CLOSE}`"))?;
        filled.push_str(before);
        let name = name.trim();
        let value = value(name).with_context(|| format!("placeholder `{OPEN}{name}{CLOSE}`"))?;
        filled.push_str(&value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn hashed_name(path: &str, bytes: &[u8]) -> String {
    let digest = hex::encode(Sha256::digest(bytes));
    let hash = &digest[..HASH_DIGITS];
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.rsplit_once('.') {
        Some((stem, extension)) => format!("assets/{stem}.{hash}.{extension}"),
        None => format!("assets/{file}.{hash}"),
    }
}

#[cfg(test)]
mod tests;
