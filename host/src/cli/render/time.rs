//! Times and durations for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A duration in milliseconds, in as many digits as a person reads: `340 ms`, `1.2 s`, `12 s`, `3 min 05 s`.
pub fn took(milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    let seconds = milliseconds / 1_000;
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..10_000 => format!("{seconds}.{} s", milliseconds % 1_000 / 100),
        10_000..60_000 => format!("{seconds} s"),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// Milliseconds from one time to another, where both are known.
pub fn between(start: Option<i64>, end: Option<i64>) -> Option<i64> {
    Some(end? - start?)
}

/// The time of day of a moment in milliseconds since the Unix epoch, such as `14:30:22`.
pub fn clock(at: i64, zone: &TimeZone) -> String {
    format(at, zone, "%H:%M:%S")
}

/// With milliseconds, for logs.
pub fn exact(at: i64, zone: &TimeZone) -> String {
    format(at, zone, "%H:%M:%S%.3f")
}

/// Day and time, such as `2026-03-05 14:30`.
pub fn date(at: i64, zone: &TimeZone) -> String {
    format(at, zone, "%Y-%m-%d %H:%M")
}

fn format(at: i64, zone: &TimeZone, format: &str) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(timestamp) => timestamp.to_zoned(zone.clone()).strftime(format).to_string(),
        // Beyond the year 9999: only a broken clock says so.
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_as_many_digits_as_one_reads() {
        let shown = [-5, 0, 340, 1_250, 9_999, 12_900, 185_000, 3_720_000].map(took);
        assert_eq!(shown, ["0 ms", "0 ms", "340 ms", "1.2 s", "9.9 s", "12 s", "3 min 05 s", "1 h 02 min"]);
    }

    #[test]
    fn moments_are_shown_in_the_readers_zone() {
        let at = 1_772_721_022_042;
        assert_eq!(clock(at, &TimeZone::UTC), "14:30:22");
        assert_eq!(exact(at, &TimeZone::UTC), "14:30:22.042");
        assert_eq!(date(at, &TimeZone::fixed(jiff::tz::offset(2))), "2026-03-05 16:30");
        assert_eq!(clock(i64::MAX, &TimeZone::UTC), i64::MAX.to_string());
    }
}
