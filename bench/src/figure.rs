//! Figures of several runs, and their ratios.

use std::time::Duration;

/// The times of one thing.
pub(crate) struct Figure {
    name: &'static str,
    times: Vec<Duration>,
}

impl Figure {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, times: Vec::new() }
    }

    pub(crate) fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Prints each figure with its ratio to the first, of medians.
pub(crate) fn print(title: &str, figures: &[Figure]) {
    println!("\n{title}");
    let base = figures.first().map_or(Duration::ZERO, |figure| figure.percentile(50));
    for figure in figures {
        let (p50, p99) = (figure.percentile(50), figure.percentile(99));
        let ratio = p50.as_secs_f64() / base.as_secs_f64().max(f64::MIN_POSITIVE);
        let runs = figure.times.len();
        println!("  {:<44} p50 {p50:>10.2?}   p99 {p99:>10.2?}   {ratio:>8.2} ×   ({runs} runs)", figure.name);
    }
}
