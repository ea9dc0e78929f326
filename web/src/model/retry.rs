//! How long to wait before connecting again.

/// The first wait, in milliseconds: a server that restarts is back in less than a second.
const FIRST: u32 = 400;

/// The longest wait: a person who looks at the page again should not wait longer for it.
const LONGEST: u32 = 15_000;

/// After so many failures in a row the page says that it is offline.
const PATIENCE: u32 = 4;

/// Counts failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    failures: u32,
}

impl Retry {
    /// Notes a failure and answers how long to wait, in milliseconds. `jitter` is random in `0.0..1.0`:
    /// many tabs must not come back in the same moment.
    pub fn wait(&mut self, jitter: f64) -> u32 {
        let wait = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures += 1;
        wait / 2 + (f64::from(wait / 2) * jitter.clamp(0.0, 1.0)) as u32
    }

    /// Whether it has failed so often that something is really wrong.
    pub fn is_offline(self) -> bool {
        self.failures >= PATIENCE
    }

    /// Notes a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_start_over_after_a_success() {
        let mut retry = Retry::default();
        let waits: Vec<_> = (0..8).map(|_| retry.wait(1.0)).collect();
        assert_eq!(waits, [400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
        assert!(retry.is_offline());
        retry.reset();
        assert_eq!((retry.wait(0.0), retry.is_offline()), (200, false));
    }
}
