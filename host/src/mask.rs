//! Keeping the values of secrets out of everything that is recorded, shown or answered.
//!
//! A value is looked for as it is and as it looks after the encodings that programs put texts through
//! (see `forms.rs`). What is found is replaced by [`MASK`].

mod forms;
mod quoting;
mod stream;

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use arc_swap::ArcSwapOption;
use serde_json::Value;

pub use quoting::Quoting;
pub use stream::MaskStream;

/// What stands in the place of a value.
pub const MASK: &str = "***";

/// The shortest value that can be masked: less is in every text by chance.
pub const SHORTEST: usize = 4;

/// Masks the values of a deployment's secrets. Cheap to clone; what one clone learns, all know.
#[derive(Clone, Default)]
pub struct Masker {
    /// None: there is nothing to mask.
    patterns: Arc<ArcSwapOption<Patterns>>,
}

struct Patterns {
    /// All forms of all values, sorted.
    texts: Vec<Vec<u8>>,
    automaton: AhoCorasick,
    /// The patterns by their first byte, for what a chunk may end with.
    by_first: Vec<Vec<Vec<u8>>>,
    longest: usize,
}

impl Patterns {
    /// None where there is no text.
    fn new(mut texts: Vec<Vec<u8>>) -> Option<Self> {
        texts.sort();
        texts.dedup();
        let longest = texts.iter().map(Vec::len).max()?;
        // Of two that begin alike the longer one is meant.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts);
        let automaton = automaton.expect("patterns of this number and length fit an automaton");
        let mut by_first = vec![Vec::new(); 256];
        for text in &texts {
            by_first[usize::from(text[0])].push(text.clone());
        }
        Some(Self { texts, automaton, by_first, longest })
    }

    fn replace(&self, bytes: &[u8]) -> Vec<u8> {
        let mut masked = Vec::with_capacity(bytes.len());
        self.automaton.replace_all_with_bytes(bytes, &mut masked, |_, _, masked| {
            masked.extend_from_slice(MASK.as_bytes());
            true
        });
        masked
    }
}

impl Masker {
    /// A masker of these values. Those shorter than [`SHORTEST`] are left out.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let patterns = Patterns::new(values.into_iter().flat_map(forms::of).collect());
        Self { patterns: Arc::new(ArcSwapOption::new(patterns.map(Arc::new))) }
    }

    /// Masks another value from now on, here and in all clones.
    pub fn add(&self, value: &[u8]) {
        self.patterns.rcu(|known| {
            let mut texts = known.as_ref().map(|patterns| patterns.texts.clone()).unwrap_or_default();
            texts.extend(forms::of(value));
            Patterns::new(texts).map(Arc::new)
        });
    }

    /// The text without the values.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &*self.patterns.load() {
            Some(patterns) if patterns.automaton.is_match(text) => {
                Cow::Owned(String::from_utf8_lossy(&patterns.replace(text.as_bytes())).into_owned())
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// The bytes without the values.
    pub fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &*self.patterns.load() {
            Some(patterns) if patterns.automaton.is_match(&bytes) => patterns.replace(&bytes),
            _ => bytes,
        }
    }

    /// Masks every text of a document, keys included.
    pub fn json(&self, value: &mut Value) {
        if self.patterns.load().is_none() {
            return;
        }
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(entries) => {
                let masked = std::mem::take(entries).into_iter().map(|(key, mut value)| {
                    self.json(&mut value);
                    (self.text(&key).into_owned(), value)
                });
                *entries = masked.collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Masks what comes in pieces, whatever their borders.
    pub fn stream(&self) -> MaskStream {
        MaskStream::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
