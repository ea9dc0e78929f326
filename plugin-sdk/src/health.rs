//! Waiting until something is healthy. The host loops, and each attempt is an event of the deployment.

use crate::{Result, host};
use std::time::Duration;

/// What to probe; hosts and ports are as seen from the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A GET request over HTTP/1.1.
    Http(HttpProbe),
    /// A connection that opens.
    Tcp {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// A command on the target that exits with 0.
    Exec {
        /// The program and its arguments.
        argv: Vec<String>,
    },
}

/// A GET request over HTTP/1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpProbe {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Begins with `/`.
    pub path: String,
    /// The statuses that are healthy; empty: 200 to 299.
    pub statuses: Vec<u16>,
    /// Additional headers.
    pub headers: Vec<(String, String)>,
}

/// How long and how often to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Between the starts of two attempts.
    pub interval: Duration,
    /// What an attempt may take.
    pub timeout: Duration,
    /// How many attempts there are in all.
    pub attempts: u32,
    /// How many successes in a row make it healthy; at least 1.
    pub successes: u32,
}

impl Default for Policy {
    /// Every second, at most 5 seconds each, 30 attempts, one success.
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), timeout: Duration::from_secs(5), attempts: 30, successes: 1 }
    }
}

/// A probe, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The name of a target of this environment.
    pub target: String,
    /// What to probe.
    pub check: Check,
    /// How long and how often.
    pub policy: Policy,
}

/// What a healthy probe answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Attempts made.
    pub attempts: u32,
    /// What the last attempt took.
    pub latency: Duration,
}

/// A probe that is being put together; [`wait`](Probe::wait) performs it.
#[derive(Debug, Clone)]
#[must_use = "nothing is probed until `wait` is called"]
pub struct Probe(Request);

fn probe(target: impl Into<String>, check: Check) -> Probe {
    Probe(Request { target: target.into(), check, policy: Policy::default() })
}

/// Healthy when `GET http://127.0.0.1:<port><path>` on the target answers 200 to 299.
pub fn http(target: impl Into<String>, port: u16, path: impl Into<String>) -> Probe {
    let host = "127.0.0.1".to_owned();
    probe(target, Check::Http(HttpProbe { host, port, path: path.into(), statuses: Vec::new(), headers: Vec::new() }))
}

/// Healthy when a connection to this port of the target opens.
pub fn tcp(target: impl Into<String>, port: u16) -> Probe {
    probe(target, Check::Tcp { host: "127.0.0.1".to_owned(), port })
}

/// Healthy when a command on the target exits with 0.
pub fn exec<S: Into<String>>(target: impl Into<String>, argv: impl IntoIterator<Item = S>) -> Probe {
    probe(target, Check::Exec { argv: argv.into_iter().map(Into::into).collect() })
}

impl Probe {
    /// Another host than the target itself, as seen from the target.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        match &mut self.0.check {
            Check::Http(HttpProbe { host, .. }) | Check::Tcp { host, .. } => *host = name.into(),
            Check::Exec { .. } => {}
        }
        self
    }

    /// The statuses that are healthy, of an HTTP probe.
    pub fn statuses(mut self, healthy: impl IntoIterator<Item = u16>) -> Self {
        if let Check::Http(HttpProbe { statuses, .. }) = &mut self.0.check {
            statuses.extend(healthy);
        }
        self
    }

    /// An additional header, of an HTTP probe.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Check::Http(HttpProbe { headers, .. }) = &mut self.0.check {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Time between the starts of two attempts; 1 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.0.policy.interval = interval;
        self
    }

    /// What an attempt may take; 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.policy.timeout = timeout;
        self
    }

    /// How many attempts there are in all; 30.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.policy.attempts = attempts;
        self
    }

    /// How many successes in a row make it healthy; 1.
    pub fn successes(mut self, successes: u32) -> Self {
        self.0.policy.successes = successes;
        self
    }

    /// Probes until it is healthy or the attempts are used up.
    ///
    /// # Errors
    /// `denied`, `unreachable`, `canceled`, `failed` with the code `unhealthy`.
    pub fn wait(self) -> Result<Report> {
        host::wait_healthy(self.0)
    }
}
