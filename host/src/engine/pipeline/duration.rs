//! Durations as people write them in a configuration: `90s`, `1h30m`.

use std::time::Duration;

/// Reads one or more numbers, each with its unit (`ms s m h d`). Zero is
/// no duration: everything that has one is a bound.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
        let (unit, after) = after.split_at(letters);
        let milliseconds = number.parse::<u64>().ok()?.checked_mul(unit_milliseconds(unit)?)?;
        total = total.checked_add(Duration::from_millis(milliseconds))?;
        rest = after;
    }
    // What is stored is milliseconds in 64 bits.
    u64::try_from(total.as_millis()).ok().filter(|total| *total > 0).map(Duration::from_millis)
}

/// Writes a duration in the largest unit that has no rest.
pub(crate) fn text(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let whole = units.into_iter().find(|(_, unit)| milliseconds >= *unit && milliseconds.is_multiple_of(*unit));
    let (unit, size) = whole.unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / size)
}

fn unit_milliseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    })
}

/// Serializes a duration as whole milliseconds.
pub(crate) mod milliseconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(crate) fn serialize<S: Serializer>(duration: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        for (text, milliseconds) in [("500ms", 500), ("90s", 90_000), ("10m", 600_000), ("1h30m", 5_400_000)] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!((parse(text), parse(&super::text(duration))), (Some(duration), Some(duration)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in ["", "10", "m", "0s", "1.5h", "-1s", "10 m", "10M", "99999999999999999999s", "400000000000000d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
