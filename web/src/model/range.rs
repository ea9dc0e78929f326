//! Ranges of log lines in the page's address: `#L120`, `#L120-L140`.

use std::ops::RangeInclusive;

/// Lines by their numbers, from 1, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRange(RangeInclusive<usize>);

impl LineRange {
    pub fn new(from: usize, to: usize) -> Self {
        Self(from.min(to).max(1)..=from.max(to).max(1))
    }

    /// Reads a fragment, with or without `#`.
    pub fn parse(fragment: &str) -> Option<Self> {
        let text = fragment.trim_start_matches('#').strip_prefix('L')?;
        let (from, to) = text.split_once("-L").unwrap_or((text, text));
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
        Some(Self::new(number(from)?, number(to)?))
    }

    pub fn first(&self) -> usize {
        *self.0.start()
    }

    pub fn last(&self) -> usize {
        *self.0.end()
    }

    pub fn contains(&self, number: usize) -> bool {
        self.0.contains(&number)
    }

    /// The range that also reaches another line.
    pub fn to(&self, number: usize) -> Self {
        Self::new(self.first(), number)
    }
}

impl std::fmt::Display for LineRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.first() == self.last() {
            true => write!(f, "#L{}", self.first()),
            false => write!(f, "#L{}-L{}", self.first(), self.last()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_read_and_written() {
        for (fragment, shown) in [("#L7", "#L7"), ("L120-L140", "#L120-L140"), ("#L9-L3", "#L3-L9")] {
            assert_eq!(LineRange::parse(fragment).map(|range| range.to_string()).as_deref(), Some(shown));
        }
        for other in ["", "#", "#L", "#L0", "#Lx-L3", "#L3-4", "#main"] {
            assert_eq!(LineRange::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_range_grows_to_either_side_of_its_first_line() {
        assert_eq!(LineRange::new(5, 5).to(9).to_string(), "#L5-L9");
        assert_eq!(LineRange::new(5, 5).to(2).to_string(), "#L2-L5");
        assert!(LineRange::new(2, 5).contains(5) && !LineRange::new(2, 5).contains(6));
    }
}
