//! Names: in their normal form, and checked before anything is sent.

use super::DnsError;
use std::fmt;

/// A host name, or one that holds a record: lowercase, without a dot at its end. Labels are of letters, digits,
/// hyphens and underscores; the first may be `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsName(String);

impl DnsName {
    /// Reads a name; a dot at its end makes no difference, every name is absolute.
    pub fn parse(text: &str) -> Result<Self, DnsError> {
        let refused = |reason: String| Err(DnsError::BadName { name: text.to_owned(), reason });
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return refused("it is empty".into());
        }
        if name.len() > 253 {
            return refused(format!("it has {} characters; at most 253", name.len()));
        }
        for (position, label) in name.split('.').enumerate() {
            if let Some(reason) = wrong(label, position == 0) {
                return refused(reason);
            }
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the name of a zone, or below it.
    pub fn is_within(&self, zone: &str) -> bool {
        self.0.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The zone that it is in: of several the one with the longest name.
    pub fn zone_among<'z>(&self, zones: impl Iterator<Item = &'z str>) -> Option<&'z str> {
        zones.filter(|zone| self.is_within(zone)).max_by_key(|zone| zone.len())
    }

    /// With a dot at its end, as DNS writes it.
    pub(super) fn absolute(&self) -> String {
        format!("{}.", self.0)
    }

    /// As DNS messages carry it.
    pub(super) fn wire(&self) -> Result<hickory_proto::rr::Name, DnsError> {
        let refused =
            |error: hickory_proto::ProtoError| DnsError::BadName { name: self.0.clone(), reason: error.to_string() };
        hickory_proto::rr::Name::from_ascii(self.absolute()).map_err(refused)
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a label.
fn wrong(label: &str, first: bool) -> Option<String> {
    let stranger = label.chars().find(|&c| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    match stranger {
        _ if label.is_empty() => Some("a label is empty".into()),
        _ if label.len() > 63 => {
            Some(format!("the label `{}…` has {} characters; at most 63", start(label), label.len()))
        }
        _ if label == "*" && first => None,
        Some(stranger) => Some(format!("{stranger:?} cannot stand in it")),
        None if label.starts_with('-') || label.ends_with('-') => {
            Some(format!("the label `{label}` begins or ends with a hyphen"))
        }
        None => None,
    }
}

fn start(label: &str) -> String {
    label.chars().take(10).collect()
}
