//! Between the types of the contract and those of the SDK.

use super::calls::millis;
use super::windlass::dns::dns as wire_dns;
use super::windlass::files::files as wire_files;
use super::windlass::health::health as wire_health;
use super::windlass::log::log as wire_log;
use super::windlass::ssh::ssh_exec;
use super::windlass::types::types as wire;
use crate::{Error, ErrorKind, Quoting, Segment, Text, dns, files, health, log, ssh};

/// The kinds have the same names on both sides.
macro_rules! error_kinds {
    ($($kind:ident),+) => {
        impl From<wire::ErrorKind> for ErrorKind {
            fn from(kind: wire::ErrorKind) -> Self {
                match kind { $(wire::ErrorKind::$kind => Self::$kind),+ }
            }
        }

        impl From<ErrorKind> for wire::ErrorKind {
            fn from(kind: ErrorKind) -> Self {
                match kind { $(ErrorKind::$kind => Self::$kind),+ }
            }
        }
    };
}

error_kinds!(
    InvalidInput,
    Denied,
    NotFound,
    Conflict,
    Unreachable,
    Timeout,
    Canceled,
    Failed,
    OutcomeUnknown,
    Unsupported,
    Internal
);

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        let wire::Error { kind, code, message, hint, retryable } = error;
        Self { kind: kind.into(), code, message, hint, retryable }
    }
}

impl From<Error> for wire::Error {
    fn from(error: Error) -> Self {
        let Error { kind, code, message, hint, retryable } = error;
        Self { kind: kind.into(), code, message, hint, retryable }
    }
}

pub(super) fn segments(text: &Text) -> Vec<wire::Segment> {
    let segment = |segment: &Segment| match segment {
        Segment::Text { text } => wire::Segment::Text(text.clone()),
        Segment::Secret { secret, quoting } if quoting.is_empty() => wire::Segment::Secret(secret.clone()),
        Segment::Secret { secret, quoting } => {
            let quoting = quoting.iter().copied().map(Into::into).collect();
            wire::Segment::QuotedSecret(wire::QuotedSecret { name: secret.clone(), quoting })
        }
    };
    text.segments().iter().map(segment).collect()
}

impl From<Quoting> for wire::Quoting {
    fn from(quoting: Quoting) -> Self {
        match quoting {
            Quoting::Dotenv => Self::Dotenv,
            Quoting::Json => Self::Json,
            Quoting::Url => Self::Url,
            Quoting::Shell => Self::Shell,
        }
    }
}

impl From<health::AppLog> for wire_health::AppLog {
    fn from(log: health::AppLog) -> Self {
        match log {
            health::AppLog::File(path) => Self::File(path),
            health::AppLog::Commands { follow, tail } => Self::Commands(wire_health::LogCommands { follow, tail }),
        }
    }
}

impl From<log::Level> for wire_log::Level {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Debug => Self::Debug,
            log::Level::Info => Self::Info,
            log::Level::Warning => Self::Warning,
            log::Level::Error => Self::Error,
        }
    }
}

impl From<ssh::Request> for ssh_exec::Request {
    fn from(request: ssh::Request) -> Self {
        Self {
            target: request.target,
            command: match request.program {
                ssh::Program::Argv(argv) => ssh_exec::Command::Argv(argv),
                ssh::Program::Script(script) => ssh_exec::Command::Script(script),
            },
            env: request.env.iter().map(|(name, value)| (name.clone(), segments(value))).collect(),
            cwd: request.cwd,
            stdin: segments(&request.stdin),
            sudo: request.sudo,
            timeout_ms: request.timeout.map(millis),
            tee: request.tee.map(Into::into),
            capture_bytes: request.capture_bytes,
            repeat: match request.repeat {
                ssh::Repeat::Reattachable => ssh_exec::Repeat::Reattachable,
                ssh::Repeat::Idempotent => ssh_exec::Repeat::Idempotent,
                ssh::Repeat::Reads => ssh_exec::Repeat::Reads,
            },
            assume: request.assume.map(Into::into),
        }
    }
}

impl From<ssh::Output> for ssh_exec::Output {
    fn from(output: ssh::Output) -> Self {
        Self {
            exit: match output.exit {
                ssh::Exit::Status(status) => ssh_exec::Exit::Status(status),
                ssh::Exit::Signal(signal) => ssh_exec::Exit::Signal(signal),
            },
            stdout: output.stdout,
            stderr: output.stderr,
            stdout_dropped: output.stdout_dropped,
            stderr_dropped: output.stderr_dropped,
        }
    }
}

impl From<ssh_exec::Output> for ssh::Output {
    fn from(output: ssh_exec::Output) -> Self {
        let exit = match output.exit {
            ssh_exec::Exit::Status(status) => ssh::Exit::Status(status),
            ssh_exec::Exit::Signal(signal) => ssh::Exit::Signal(signal),
        };
        let mut answer = Self::exited(exit, output.stderr);
        answer.stdout = output.stdout;
        answer.stdout_dropped = output.stdout_dropped;
        answer.stderr_dropped = output.stderr_dropped;
        answer
    }
}

impl From<files::WriteRequest> for wire_files::WriteRequest {
    fn from(request: files::WriteRequest) -> Self {
        let contents = segments(&request.contents);
        let files::WriteRequest { target, path, mode, owner, sudo, parents, .. } = request;
        Self { target, path, contents, mode, owner, sudo, parents }
    }
}

impl From<dns::RecordType> for wire_dns::RecordType {
    fn from(record_type: dns::RecordType) -> Self {
        match record_type {
            dns::RecordType::A => Self::A,
            dns::RecordType::Aaaa => Self::Aaaa,
            dns::RecordType::Cname => Self::Cname,
            dns::RecordType::Txt => Self::Txt,
        }
    }
}

impl From<health::Check> for wire_health::Check {
    fn from(check: health::Check) -> Self {
        match check {
            health::Check::Http(health::HttpProbe { host, port, path, statuses, headers, contains, tls }) => {
                let headers = headers.iter().map(|(name, value)| (name.clone(), segments(value))).collect();
                let tls = tls.map(|tls| wire_health::Tls { server_name: tls.server_name });
                Self::Http(wire_health::HttpProbe { host, port, path, statuses, headers, contains, tls })
            }
            health::Check::Tcp { host, port } => Self::Tcp(wire_health::TcpProbe { host, port }),
            health::Check::Exec { argv } => Self::Exec(wire_health::ExecProbe { argv }),
        }
    }
}

impl From<health::Policy> for wire_health::Policy {
    fn from(policy: health::Policy) -> Self {
        Self {
            interval_ms: millis(policy.interval),
            timeout_ms: millis(policy.timeout),
            attempts: policy.attempts,
            successes: policy.successes,
            failures: policy.failures,
        }
    }
}
