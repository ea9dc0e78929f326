//! Names in the DNS zones that the server's operator configured and the environment's grants name.
//!
//! ```no_run
//! # fn example() -> windlass_sdk::Result<()> {
//! use windlass_sdk::dns::{self, RecordType};
//!
//! dns::record("www.example.com", RecordType::A).values(["192.0.2.7"]).ttl(60).upsert()?;
//! dns::record("www.example.com", RecordType::A).values(["192.0.2.7"]).wait_propagated(["9.9.9.9"])?;
//! # Ok(())
//! # }
//! ```

use crate::{Result, host};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How long resolvers may keep a record where nothing is said, in seconds.
pub const DEFAULT_TTL: u32 = 300;

/// The types of records that can be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 addresses.
    #[default]
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Another name: an alias has exactly one, and no records of other types.
    Cname,
    /// Texts of printable ASCII.
    Txt,
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Txt => "TXT",
        })
    }
}

/// A name and type with its values, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// An absolute name, with or without a dot at its end.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// In any order.
    pub values: Vec<String>,
    /// Seconds.
    pub ttl: u32,
}

/// What a server has of a name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The server that was asked, as it was named; empty where it was the zone's provider.
    pub resolver: String,
    /// Sorted; empty where there is nothing.
    pub values: Vec<String>,
    /// Seconds; 0 where there is nothing.
    pub ttl: u32,
}

/// How often and how long to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Between the starts of two attempts.
    pub interval: Duration,
    /// After which the wait is given up; the last attempt is made then.
    pub timeout: Duration,
}

impl Default for Policy {
    /// Every 10 seconds, for 3 minutes.
    fn default() -> Self {
        Self { interval: Duration::from_secs(10), timeout: Duration::from_secs(180) }
    }
}

/// A question, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRequest {
    /// The name.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The servers to ask, each `HOST` or `HOST:PORT`; empty: the zone's provider.
    pub resolvers: Vec<String>,
}

/// A wait, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitRequest {
    /// What all are to have; its TTL does not count.
    pub record: RecordSet,
    /// The servers to ask, each `HOST` or `HOST:PORT`; empty: the zone's own name servers.
    pub resolvers: Vec<String>,
    /// How often and how long.
    pub policy: Policy,
}

/// What a wait answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Attempts made.
    pub attempts: u32,
    /// From the first attempt to the last.
    pub waited: Duration,
}

/// A name and type that something is to be done with.
#[derive(Debug, Clone)]
#[must_use = "nothing is done until one of its last methods is called"]
pub struct Record {
    set: RecordSet,
    policy: Policy,
}

/// A name of a zone that is granted, and a type.
pub fn record(name: impl Into<String>, record_type: RecordType) -> Record {
    let set = RecordSet { name: name.into(), record_type, values: Vec::new(), ttl: DEFAULT_TTL };
    Record { set, policy: Policy::default() }
}

impl Record {
    /// What it is to be, or is waited for.
    pub fn values<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.set.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// How long resolvers may keep it, in seconds; 300.
    pub fn ttl(mut self, seconds: u32) -> Self {
        self.set.ttl = seconds;
        self
    }

    /// Time between the starts of two attempts of a wait; 10 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.policy.interval = interval;
        self
    }

    /// How long a wait may take; 3 min.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.timeout = timeout;
        self
    }

    /// Makes its values these, whatever they were.
    ///
    /// # Errors
    /// `invalid-input`, `denied`, `not-found`, `conflict` (a name with a CNAME has no other records),
    /// `unreachable`, `failed`.
    pub fn upsert(self) -> Result<()> {
        host::dns_upsert(self.set)
    }

    /// Takes all its values away. That there are none is no error.
    ///
    /// # Errors
    /// As [`upsert`](Self::upsert).
    pub fn delete(self) -> Result<()> {
        host::dns_delete(&self.set.name, self.set.record_type)
    }

    /// What the zone's provider has.
    ///
    /// # Errors
    /// `invalid-input`, `denied`, `not-found`, `unreachable`, `failed`.
    pub fn lookup(self) -> Result<Answer> {
        let answers = self.lookup_at(Vec::<String>::new())?;
        answers.into_iter().next().ok_or_else(|| crate::Error::failed("the lookup has no answer"))
    }

    /// What each of these servers has, in their order.
    ///
    /// # Errors
    /// As [`lookup`](Self::lookup).
    pub fn lookup_at<S: Into<String>>(self, resolvers: impl IntoIterator<Item = S>) -> Result<Vec<Answer>> {
        let RecordSet { name, record_type, .. } = self.set;
        let resolvers = resolvers.into_iter().map(Into::into).collect();
        host::dns_lookup(LookupRequest { name, record_type, resolvers })
    }

    /// Asks until each of these servers has exactly the values; where there are none, the zone's own name servers
    /// are asked. Each attempt is a line of the log.
    ///
    /// # Errors
    /// `invalid-input`, `denied`, `not-found`, `canceled`, `timeout` with the code `not-propagated`.
    pub fn wait_propagated<S: Into<String>>(self, resolvers: impl IntoIterator<Item = S>) -> Result<Report> {
        let resolvers = resolvers.into_iter().map(Into::into).collect();
        host::wait_propagated(WaitRequest { record: self.set, resolvers, policy: self.policy })
    }
}
