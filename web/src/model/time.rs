//! Durations and points in time, as people read them.

use windlass_api_types::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration in at most two units: `340ms`, `4.2s`, `42s`, `1m 04s`, `2h 07m`, `3d 05h`.
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        0..SECOND => format!("{ms}ms"),
        // Cut, not rounded: a clock that shows 10.0s before ten seconds are over is wrong.
        SECOND..10_000 => format!("{}.{}s", ms / SECOND, ms % SECOND / 100),
        10_000..MINUTE => format!("{}s", ms / SECOND),
        MINUTE..HOUR => format!("{}m {:02}s", ms / MINUTE, ms % MINUTE / SECOND),
        HOUR..DAY => format!("{}h {:02}m", ms / HOUR, ms % HOUR / MINUTE),
        _ => format!("{}d {:02}h", ms / DAY, ms % DAY / HOUR),
    }
}

/// A running duration: like [`duration`], but steady enough to watch (no milliseconds).
pub fn ticking(ms: i64) -> String {
    match ms.max(0) {
        ms @ 0..SECOND => format!("0.{}s", ms / 100),
        ms => duration(ms),
    }
}

/// How long ago something was, in one unit.
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    match now - at {
        ..5_000 => "just now".into(),
        ms @ 5_000..MINUTE => format!("{}s ago", ms / SECOND),
        ms @ MINUTE..HOUR => format!("{}m ago", ms / MINUTE),
        ms @ HOUR..DAY => format!("{}h ago", ms / HOUR),
        ms => format!("{}d ago", ms / DAY),
    }
}

/// A point in a log relative to its start: `00:00.000`, `1:02:03.004` from an hour on.
pub fn offset(ms: i64) -> String {
    let ms = ms.max(0);
    let (seconds, millis) = (ms / SECOND, ms % SECOND);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}.{millis:03}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{millis:03}"),
    }
}

/// The steps an axis of time may have, in milliseconds.
const STEPS: [i64; 19] = [
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    DAY,
];

/// How many steps an axis has at most: labels of four characters still fit a narrow column.
const MOST_STEPS: i64 = 5;

/// An axis from zero: its end is a whole number of round steps, so that it holds still for a while
/// as time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    pub step: i64,
    pub end: i64,
}

impl Axis {
    /// The axis for something that took, or has taken so far, this long.
    pub fn over(ms: i64) -> Self {
        let ms = ms.max(1);
        let step = STEPS.into_iter().find(|step| ms <= step * MOST_STEPS);
        let step = step.unwrap_or_else(|| ms.div_euclid(MOST_STEPS * DAY).saturating_add(1) * DAY);
        Self { step, end: (ms + step - 1) / step * step }
    }

    /// Where a moment lies, in percent.
    pub fn percent(self, ms: i64) -> f64 {
        (ms as f64 / self.end as f64 * 100.0).clamp(0.0, 100.0)
    }

    /// The labels between start and end, the start included.
    pub fn ticks(self) -> impl Iterator<Item = i64> {
        (0..self.end / self.step).map(move |n| n * self.step)
    }

    /// A label: round, so that no unit is split.
    pub fn label(ms: i64) -> String {
        match ms {
            0 => "0".into(),
            ms if ms % DAY == 0 => format!("{}d", ms / DAY),
            ms if ms % HOUR == 0 => format!("{}h", ms / HOUR),
            ms if ms % MINUTE == 0 => format!("{}m", ms / MINUTE),
            ms if ms % SECOND == 0 && ms > 10 * MINUTE => duration(ms),
            ms if ms % SECOND == 0 && ms > MINUTE => format!("{}:{:02}", ms / MINUTE, ms % MINUTE / SECOND),
            ms if ms % SECOND == 0 => format!("{}s", ms / SECOND),
            ms => format!("{}.{}s", ms / SECOND, ms % SECOND / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units() {
        let shown =
            [-5, 0, 340, 999, 1_000, 4_290, 9_999, 42_900, 59_999, 64_000, 7_620_000, 277_200_000].map(duration);
        assert_eq!(
            shown,
            ["0ms", "0ms", "340ms", "999ms", "1.0s", "4.2s", "9.9s", "42s", "59s", "1m 04s", "2h 07m", "3d 05h"]
        );
    }

    #[test]
    fn a_ticking_duration_shows_no_milliseconds() {
        assert_eq!([0, 340, 4_290].map(ticking), ["0.0s", "0.3s", "4.2s"]);
    }

    #[test]
    fn ago_survives_a_clock_that_is_behind() {
        assert_eq!(ago(1_000, 9_000), "just now");
        assert_eq!(
            [4_999, 5_000, 61_000, 7_200_000, 172_800_000].map(|ms| ago(ms, 0)),
            ["just now", "5s ago", "1m ago", "2h ago", "2d ago"]
        );
    }

    #[test]
    fn offsets_show_hours_only_where_there_are_some() {
        assert_eq!([0, 61_007, 3_723_004].map(offset), ["00:00.000", "01:01.007", "1:02:03.004"]);
    }

    #[test]
    fn an_axis_ends_on_a_round_step_and_has_few_of_them() {
        for ms in [0, 1, 450, 4_100, 12_000, 66_400, 600_001, 86_400_000, 9_000_000_000] {
            let axis = Axis::over(ms);
            assert!(axis.end >= ms && axis.end % axis.step == 0, "{ms}: {axis:?}");
            assert!(axis.ticks().count() as i64 <= MOST_STEPS, "{ms}: {axis:?}");
        }
        assert_eq!(Axis::over(66_400), Axis { step: 15_000, end: 75_000 });
        assert_eq!(Axis::over(66_400).ticks().map(Axis::label).collect::<Vec<_>>(), ["0", "15s", "30s", "45s", "1m"]);
        assert_eq!(Axis::label(75_000), "1:15");
    }
}
