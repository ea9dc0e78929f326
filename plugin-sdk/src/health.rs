//! Waiting until something is healthy. The host loops, and each attempt is an event of the deployment.

use crate::{Result, Text, host};
use std::time::Duration;

/// What to probe; hosts and ports are as seen from the target, or from the server where the probe has no target.
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
    pub headers: Vec<(String, Text)>,
    /// A text that a healthy body contains, in its first 64 KiB.
    pub contains: Option<String>,
    /// Over TLS; absent: plain.
    pub tls: Option<Tls>,
}

/// TLS of a probe. The certificate is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The name that the certificate must be for; absent: the probe's host.
    pub server_name: Option<String>,
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
    /// How many failures in a row end it early; 0: only the attempts do.
    pub failures: u32,
}

impl Default for Policy {
    /// Every second, at most 5 seconds each, 30 attempts, one success.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            attempts: 30,
            successes: 1,
            failures: 0,
        }
    }
}

/// What the app says, of which a failure quotes the last 20 lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppLog {
    /// The path of a log on the target.
    File(String),
    /// Commands on the target that write it: programs and their arguments. An empty one is none.
    Commands {
        /// As it grows. What it writes goes to the stage's log.
        follow: Vec<String>,
        /// Its end; where it is empty, a failure quotes what `follow` wrote.
        tail: Vec<String>,
    },
}

/// A probe, as the host gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The name of a target of this environment; absent: the server itself probes.
    pub target: Option<String>,
    /// What to probe.
    pub check: Check,
    /// What the app says meanwhile.
    pub log: Option<AppLog>,
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
    Probe(Request { target: Some(target.into()), check, log: None, policy: Policy::default() })
}

fn get(host: String, port: u16, path: String) -> Check {
    Check::Http(HttpProbe { host, port, path, statuses: Vec::new(), headers: Vec::new(), contains: None, tls: None })
}

/// Healthy when `GET http://127.0.0.1:<port><path>` on the target answers 200 to 299.
pub fn http(target: impl Into<String>, port: u16, path: impl Into<String>) -> Probe {
    probe(target, get("127.0.0.1".to_owned(), port, path.into()))
}

/// Healthy when `GET http://<host>:<port><path>`, sent by the server itself, answers 200 to 299. The host must be
/// granted.
pub fn http_from_server(host: impl Into<String>, port: u16, path: impl Into<String>) -> Probe {
    Probe(Request { target: None, check: get(host.into(), port, path.into()), log: None, policy: Policy::default() })
}

/// Healthy when a connection from the server itself opens. The host must be granted, with its port.
pub fn tcp_from_server(host: impl Into<String>, port: u16) -> Probe {
    let check = Check::Tcp { host: host.into(), port };
    Probe(Request { target: None, check, log: None, policy: Policy::default() })
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
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        if let Check::Http(HttpProbe { headers, .. }) = &mut self.0.check {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// A text that a healthy body contains, of an HTTP probe.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        if let Check::Http(HttpProbe { contains, .. }) = &mut self.0.check {
            *contains = Some(text.into());
        }
        self
    }

    /// Over TLS, of an HTTP probe; the certificate must be for this name, or else for the probe's host.
    pub fn tls(mut self, server_name: Option<String>) -> Self {
        if let Check::Http(HttpProbe { tls, .. }) = &mut self.0.check {
            *tls = Some(Tls { server_name });
        }
        self
    }

    /// A log on the target, of which a failure quotes the last 20 lines.
    pub fn log(mut self, path: impl Into<String>) -> Self {
        self.0.log = Some(AppLog::File(path.into()));
        self
    }

    /// Commands on the target: `follow` writes the app's log as it grows, such as `docker compose logs --follow`. It runs
    /// while it is probed, and what it writes goes to the stage's log. `tail` writes the log's end, of which a failure
    /// quotes the last 20 lines; where it is empty, it quotes what `follow` wrote.
    pub fn log_of<S: Into<String>>(
        mut self,
        follow: impl IntoIterator<Item = S>,
        tail: impl IntoIterator<Item = S>,
    ) -> Self {
        let argv = |argv: &mut dyn Iterator<Item = S>| argv.map(Into::into).collect();
        let (follow, tail) = (argv(&mut follow.into_iter()), argv(&mut tail.into_iter()));
        self.0.log = Some(AppLog::Commands { follow, tail });
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

    /// How many failures in a row end it early; 0: only the attempts do.
    pub fn failures(mut self, failures: u32) -> Self {
        self.0.policy.failures = failures;
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
