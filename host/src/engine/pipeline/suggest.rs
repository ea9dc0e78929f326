//! "Did you mean": the nearest known name for one that is not known.

/// Up to this many names are listed where none is near; more would bury the message.
const LISTED: usize = 12;

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // One letter of a one-letter name is all of it.
    let length = name.chars().count();
    let allowed = (length / 3).max(1).min(length.saturating_sub(1));
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A hint for an unknown name: the nearest one, else those there are, else nothing.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    match known.as_slice() {
        [] => None,
        [only] => Some(format!("there is only `{only}`")),
        _ => Some(format!("known: {}", list(&known))),
    }
}

fn list(known: &[&str]) -> String {
    let mut known = known.to_vec();
    known.sort_unstable();
    let more = known.len().saturating_sub(LISTED);
    let text = known.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_corrected() {
        assert_eq!(nearest("tiemout", ["targets", "timeout", "retries"]), Some("timeout"));
        assert_eq!(nearest("qa", ["production", "staging"]), None);
        assert_eq!(nearest("x", ["a"]), None);
    }

    #[test]
    fn without_a_near_name_those_there_are_are_listed() {
        assert_eq!(hint("x", ["web", "db"]).as_deref(), Some("known: `db`, `web`"));
        assert_eq!(hint("xyz", []), None);
    }
}
