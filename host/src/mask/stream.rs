//! Masking what comes in pieces: a value may be cut anywhere.

use super::{MASK, Masker, Patterns};

/// Masks a stream of bytes. It holds back what a value may begin with until more has come.
pub struct MaskStream {
    masker: Masker,
    held: Vec<u8>,
}

impl MaskStream {
    pub(super) fn new(masker: Masker) -> Self {
        Self { masker, held: Vec::new() }
    }

    /// Takes the next bytes and gives those that can be shown.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(patterns) = self.masker.patterns.load_full() else { return bytes.to_vec() };
        self.held.extend_from_slice(bytes);
        self.emit(&patterns, false)
    }

    /// Gives what is left at the stream's end.
    pub fn finish(&mut self) -> Vec<u8> {
        let Some(patterns) = self.masker.patterns.load_full() else { return Vec::new() };
        self.emit(&patterns, true)
    }

    fn emit(&mut self, patterns: &Patterns, ended: bool) -> Vec<u8> {
        // What stands from here on may be the beginning of a value.
        let mut until = if ended { self.held.len() } else { patterns.open_from(&self.held) };
        let (mut shown, mut at) = (Vec::new(), 0);
        for found in patterns.automaton.find_iter(&self.held) {
            if found.end() > until {
                // It reaches into what may be a longer value; the next piece decides.
                until = until.min(found.start());
                break;
            }
            shown.extend_from_slice(&self.held[at..found.start()]);
            shown.extend_from_slice(MASK.as_bytes());
            at = found.end();
        }
        shown.extend_from_slice(&self.held[at..until]);
        self.held.drain(..until);
        shown
    }
}

impl Patterns {
    /// The first place from which the rest could be the beginning of a pattern.
    fn open_from(&self, bytes: &[u8]) -> usize {
        let begins = |rest: &[u8]| {
            let candidates = &self.by_first[usize::from(rest[0])];
            candidates.iter().any(|text| text.len() > rest.len() && text.starts_with(rest))
        };
        let first = bytes.len().saturating_sub(self.longest - 1);
        (first..bytes.len()).find(|at| begins(&bytes[*at..])).unwrap_or(bytes.len())
    }
}
