//! The durations of the last deployments as bars.

use super::deployments::elapsed;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::{DeploymentStatus, Timestamp};

/// One deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartBar {
    pub label: String,
    pub path: String,
    pub status: DeploymentStatus,
    /// Milliseconds.
    pub took: i64,
    /// From 0 to 1, of the chart's height.
    pub height: f64,
}

/// The bars and what they say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Oldest first.
    pub bars: Vec<ChartBar>,
    /// The middle duration of those that succeeded, in milliseconds.
    pub median: Option<i64>,
    /// Where the median lies, from 0 to 1.
    pub median_height: f64,
    /// How many of the ended ones succeeded.
    pub succeeded: usize,
    pub ended: usize,
}

/// The chart is so many medians high at most.
const MEDIANS: i64 = 3;

/// A chart of the newest deployments that have started, from a list that is newest first.
pub fn chart(list: &[DeploymentSummary], most: usize, now: Timestamp) -> Chart {
    let mut shown: Vec<_> =
        list.iter().filter_map(|deployment| Some((deployment, elapsed(deployment, now)?))).take(most).collect();
    shown.reverse();
    let mut good: Vec<i64> = shown
        .iter()
        .filter(|(deployment, _)| deployment.status == DeploymentStatus::Succeeded)
        .map(|(_, took)| *took)
        .collect();
    good.sort_unstable();
    let median = good.get(good.len() / 2).copied();
    let longest = shown.iter().map(|(_, took)| *took).max().unwrap_or(0);
    // One that hung for hours must not make the others flat: its bar ends at the top.
    let tallest = median.map_or(longest, |median| longest.min(median * MEDIANS)).max(1) as f64;
    Chart {
        median,
        median_height: median.map_or(0.0, |median| median as f64 / tallest),
        succeeded: good.len(),
        ended: shown.iter().filter(|(deployment, _)| deployment.status.is_terminal()).count(),
        bars: shown
            .into_iter()
            .map(|(deployment, took)| ChartBar {
                label: deployment.label.clone(),
                path: super::deployments::path(&deployment.project, deployment.number),
                status: deployment.status,
                took,
                height: (took.max(0) as f64 / tallest).min(1.0),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::deployments::tests::summary;
    use super::*;

    fn took(number: u64, ms: i64, status: DeploymentStatus) -> DeploymentSummary {
        DeploymentSummary { started_at: Some(0), ended_at: Some(ms), status, ..summary(number, 1) }
    }

    #[test]
    fn bars_go_from_old_to_new_and_the_median_is_of_the_good_ones() {
        let list = [
            took(5, 10_000, DeploymentStatus::Failed),
            took(4, 40_000, DeploymentStatus::Succeeded),
            took(3, 20_000, DeploymentStatus::Succeeded),
            took(2, 30_000, DeploymentStatus::Succeeded),
            took(1, 99_000, DeploymentStatus::Succeeded),
        ];
        let chart = chart(&list, 4, 0);
        let bars: Vec<_> = chart.bars.iter().map(|bar| (bar.label.as_str(), bar.height)).collect();
        assert_eq!(bars, [("shop#2", 0.75), ("shop#3", 0.5), ("shop#4", 1.0), ("shop#5", 0.25)]);
        assert_eq!((chart.median, chart.median_height), (Some(30_000), 0.75));
        assert_eq!((chart.succeeded, chart.ended), (3, 4));
    }

    #[test]
    fn one_that_hung_does_not_flatten_the_others() {
        let list = [took(2, 9_000_000, DeploymentStatus::Failed), took(1, 20_000, DeploymentStatus::Succeeded)];
        let heights: Vec<_> = chart(&list, 10, 0).bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [1.0 / 3.0, 1.0]);
    }

    #[test]
    fn what_has_not_started_has_no_bar() {
        let queued = DeploymentSummary { started_at: None, ended_at: None, ..summary(1, 1) };
        assert_eq!(chart(&[queued], 10, 0), Chart::default());
    }
}
