//! Records: sets of values of one name and type.

use super::{DnsError, DnsName};
use hickory_proto::rr::{RData, rdata};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest TTL that DNS knows, in seconds.
const LONGEST_TTL: u32 = i32::MAX as u32;
/// The longest TXT value: a key for DKIM fits.
const LONGEST_TEXT: usize = 4096;
/// The longest character string within a TXT record.
const CHUNK: usize = 255;

/// The types that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Txt,
}

/// All values of a name and type, in their normal form: addresses as they are usually written, names lowercase
/// without a dot at their end, texts without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    pub name: DnsName,
    pub kind: RecordType,
    pub values: Vec<String>,
    /// Seconds.
    pub ttl: u32,
}

/// What was found of a name and type; no values: there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Sorted.
    pub values: Vec<String>,
    /// Seconds; 0 where there is nothing.
    pub ttl: u32,
}

impl RecordType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Txt => "TXT",
        }
    }

    pub(super) fn wire(self) -> hickory_proto::rr::RecordType {
        use hickory_proto::rr::RecordType as Wire;
        match self {
            Self::A => Wire::A,
            Self::Aaaa => Wire::AAAA,
            Self::Cname => Wire::CNAME,
            Self::Txt => Wire::TXT,
        }
    }

    /// A value in its normal form.
    pub(super) fn normal(self, value: &str) -> Result<String, String> {
        match self {
            Self::A => value.parse::<Ipv4Addr>().map(|a| a.to_string()).map_err(|_| "it is no IPv4 address".into()),
            Self::Aaaa => value.parse::<Ipv6Addr>().map(|a| a.to_string()).map_err(|_| "it is no IPv6 address".into()),
            Self::Cname => match DnsName::parse(value) {
                Ok(name) => Ok(name.to_string()),
                Err(DnsError::BadName { reason, .. }) => Err(reason),
                Err(error) => Err(error.to_string()),
            },
            Self::Txt if value.is_empty() => Err("it is empty".into()),
            Self::Txt if value.len() > LONGEST_TEXT => Err(format!("it has {} characters; at most 4096", value.len())),
            Self::Txt => match value.chars().find(|c| !matches!(c, ' '..='~')) {
                None => Ok(value.to_owned()),
                Some(stranger) => Err(format!("{stranger:?} is not printable ASCII")),
            },
        }
    }

    /// A value as zone files and HTTP interfaces write it.
    pub(super) fn written(self, value: &str) -> String {
        match self {
            Self::A | Self::Aaaa => value.to_owned(),
            Self::Cname => format!("{value}."),
            Self::Txt => chunks(value).map(quoted).collect::<Vec<_>>().join(" "),
        }
    }

    /// The normal form of what a zone file or an HTTP interface says.
    pub(super) fn read(self, written: &str) -> String {
        let plain = if self == Self::Txt { unquoted(written) } else { written.to_owned() };
        // What another hand has put there may be of a form that we would not write.
        self.normal(&plain).unwrap_or(plain)
    }

    /// A value as DNS messages carry it.
    pub(super) fn data(self, value: &str) -> Option<RData> {
        Some(match self {
            Self::A => RData::A(rdata::A(value.parse().ok()?)),
            Self::Aaaa => RData::AAAA(rdata::AAAA(value.parse().ok()?)),
            Self::Cname => RData::CNAME(rdata::CNAME(DnsName::parse(value).ok()?.wire().ok()?)),
            Self::Txt => RData::TXT(rdata::TXT::from_bytes(chunks(value).collect())),
        })
    }
}

/// The normal form of what a DNS message carries; none: it is of another type.
pub(super) fn value(kind: RecordType, data: &RData) -> Option<String> {
    Some(match (kind, data) {
        (RecordType::A, RData::A(address)) => address.0.to_string(),
        (RecordType::Aaaa, RData::AAAA(address)) => address.0.to_string(),
        (RecordType::Cname, RData::CNAME(name)) => kind.read(&name.0.to_ascii()),
        (RecordType::Txt, RData::TXT(text)) => {
            String::from_utf8_lossy(&text.txt_data.iter().flat_map(|chunk| chunk.iter().copied()).collect::<Vec<u8>>())
                .into_owned()
        }
        _ => return None,
    })
}

impl RecordSet {
    /// Checks a set and gives its values their normal form.
    pub fn new(name: &str, kind: RecordType, values: &[String], ttl: u32) -> Result<Self, DnsError> {
        let name = DnsName::parse(name)?;
        let refused = |reason: String| DnsError::BadRecord { name: name.to_string(), kind, reason };
        if ttl == 0 || ttl > LONGEST_TTL {
            return Err(refused(format!("a TTL of {ttl} s; from 1 to {LONGEST_TTL}")));
        }
        if values.is_empty() {
            return Err(refused("it has no values; delete it instead".into()));
        }
        if kind == RecordType::Cname && values.len() > 1 {
            return Err(refused(format!("a name can be another's alias only once, not {} times", values.len())));
        }
        let normal = |value: &String| {
            kind.normal(value).map_err(|reason| refused(format!("the value `{}`: {reason}", value.escape_debug())))
        };
        let mut values = values.iter().map(normal).collect::<Result<Vec<_>, _>>()?;
        values.sort();
        values.dedup();
        Ok(Self { name, kind, values, ttl })
    }
}

impl Found {
    /// In its normal form.
    pub(super) fn new(values: impl IntoIterator<Item = String>, ttl: u32) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort();
        values.dedup();
        let ttl = if values.is_empty() { 0 } else { ttl };
        Self { values, ttl }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.values.is_empty() { f.write_str("nothing") } else { f.write_str(&self.values.join(", ")) }
    }
}

fn chunks(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().chunks(CHUNK)
}

fn quoted(chunk: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in chunk {
        if matches!(byte, b'"' | b'\\') {
            text.push('\\');
        }
        text.push(char::from(byte));
    }
    text + "\""
}

/// The text of one or more quoted strings, side by side. What has no quotes is the text itself.
fn unquoted(written: &str) -> String {
    if !written.starts_with('"') {
        return written.to_owned();
    }
    let (mut text, mut inside) = (String::new(), false);
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => inside = !inside,
            '\\' => text.extend(escaped(&mut rest)),
            c if inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// What stands behind a backslash: three digits, or the character itself.
fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = rest.as_str().get(..3).and_then(|digits| digits.parse::<u8>().ok());
    match digits {
        Some(byte) => rest.nth(2).map(|_| char::from(byte)),
        None => rest.next(),
    }
}
