//! Searching a log: a few ten thousand lines at a time, so that typing never waits for a million.

use super::log::Log;
use super::window::Window;

/// A search over the shown lines of a log.
#[derive(Clone, Debug, Default)]
pub struct Search {
    needle: Vec<u8>,
    /// A needle with an uppercase letter is taken literally.
    exact: bool,
    /// How many shown lines have been looked at.
    done: usize,
    /// Positions of the lines that match, ascending.
    hits: Vec<u32>,
}

impl Search {
    pub fn new(text: &str) -> Self {
        let exact = text.bytes().any(|byte| byte.is_ascii_uppercase());
        Self { needle: text.as_bytes().to_vec(), exact, ..Self::default() }
    }

    pub fn is_active(&self) -> bool {
        !self.needle.is_empty()
    }

    /// Starts over, because other lines are shown.
    pub fn restart(&mut self) {
        self.done = 0;
        self.hits.clear();
    }

    /// Looks at up to `most` further lines; answers whether all have been looked at.
    pub fn advance(&mut self, log: &Log, window: &Window, most: usize) -> bool {
        if !self.is_active() {
            return true;
        }
        let end = window.len().min(self.done + most);
        for position in self.done..end {
            if self.matches(&log.lines[window.line(position)].text) {
                self.hits.push(position as u32);
            }
        }
        self.done = end;
        end == window.len()
    }

    /// How many lines match so far.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// The position of a match by its number.
    pub fn hit(&self, number: usize) -> Option<usize> {
        self.hits.get(number).map(|position| *position as usize)
    }

    /// The number of the first match at or after a position; the first of all where none follows.
    pub fn from(&self, position: usize) -> Option<usize> {
        let number = self.hits.partition_point(|hit| (*hit as usize) < position);
        (!self.hits.is_empty()).then_some(if number == self.hits.len() { 0 } else { number })
    }

    /// The byte ranges of a text that match.
    pub fn ranges(&self, text: &str) -> Vec<(usize, usize)> {
        let mut ranges = Vec::new();
        let mut from = 0;
        while let Some(at) = self.find(&text.as_bytes()[from..]) {
            let (start, end) = (from + at, from + at + self.needle.len());
            ranges.push((start, end));
            from = end;
        }
        ranges
    }

    fn matches(&self, text: &str) -> bool {
        self.find(text.as_bytes()).is_some()
    }

    /// A valid needle found in valid UTF-8 begins and ends at characters.
    fn find(&self, haystack: &[u8]) -> Option<usize> {
        let (first, rest) = self.needle.split_first()?;
        let last = haystack.len().checked_sub(self.needle.len())?;
        let same = |a: &u8, b: &u8| if self.exact { a == b } else { a.eq_ignore_ascii_case(b) };
        (0..=last)
            .find(|at| same(&haystack[*at], first) && haystack[at + 1..].iter().zip(rest).all(|(a, b)| same(a, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::fixture::{line, run_id, run_started};
    use super::super::window::{Filter, Scope};
    use super::*;
    use windlass_api_types::Level;

    fn log() -> (Log, Window) {
        let mut log = Log::default();
        log.take(&run_started(1, 1, "a", None));
        log.take(&run_started(2, 2, "b", None));
        for (seq, text) in ["Error one", "fine", "an error", "errors: error"].into_iter().enumerate() {
            log.take(&line(seq as u64 + 3, 1 + seq as u128 % 2, Level::Info, text));
        }
        let mut window = Window::default();
        window.extend(&log);
        (log, window)
    }

    fn hits(search: &Search) -> Vec<usize> {
        (0..search.count()).filter_map(|number| search.hit(number)).collect()
    }

    #[test]
    fn lowercase_finds_any_case_and_uppercase_only_itself() {
        let (log, window) = log();
        for (needle, expected) in [("error", vec![0, 2, 3]), ("Error", vec![0]), ("none", vec![]), ("", vec![])] {
            let mut search = Search::new(needle);
            assert!(search.advance(&log, &window, usize::MAX / 2), "{needle}");
            assert_eq!(hits(&search), expected, "{needle}");
        }
    }

    #[test]
    fn a_search_in_slices_finds_the_same() {
        let (log, window) = log();
        let mut search = Search::new("error");
        let mut slices = 1;
        while !search.advance(&log, &window, 1) {
            slices += 1;
        }
        assert_eq!((slices, hits(&search)), (4, vec![0, 2, 3]));
    }

    #[test]
    fn matches_are_positions_among_the_shown_lines() {
        let (log, mut window) = log();
        let mut search = Search::new("error");
        window.set_filter(Filter { level: Level::Debug, scope: Scope::Run(run_id(1)) }, &log);
        search.restart();
        search.advance(&log, &window, 100);
        assert_eq!(hits(&search), [0, 1]);
    }

    #[test]
    fn the_next_match_wraps_around() {
        let (log, window) = log();
        let mut search = Search::new("error");
        search.advance(&log, &window, 100);
        assert_eq!([0, 1, 3, 4].map(|position| search.from(position)), [Some(0), Some(1), Some(2), Some(0)]);
        assert_eq!(Search::new("x").from(0), None);
    }

    #[test]
    fn ranges_are_the_matching_pieces() {
        let search = Search::new("é");
        assert_eq!(search.ranges("éaé"), [(0, 2), (3, 5)]);
        assert_eq!(Search::new("error").ranges("Errors: ERROR"), [(0, 5), (8, 13)]);
    }
}
