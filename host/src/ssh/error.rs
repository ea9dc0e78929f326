//! What can go wrong between the server and a target, each with what to do about it.

use std::time::Duration;

use super::files::FileError;

/// A failure of the SSH transport or of what was asked of a target.
///
/// The message says what failed and where; [`hint`](Self::hint) what to do next;
/// [`code`](Self::code) is stable, for scripts.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SshError {
    #[error("{target}: the name {host} has no address: {reason}")]
    NameUnknown { target: String, host: String, reason: String },
    #[error("{target}: {address} refused the connection")]
    ConnectionRefused { target: String, address: String },
    #[error("{target}: {address} did not answer within {} s", .after.as_secs_f32())]
    ConnectTimeout { target: String, address: String, after: Duration },
    #[error("{target}: {address} cannot be reached: {reason}")]
    Unreachable { target: String, address: String, reason: String },
    /// The connection of the jump through which a target is reached cannot be had.
    #[error("{target}: its jump fails: {error}")]
    Jump { target: String, error: Box<SshError> },
    /// The jump is there, and what is behind it cannot be reached or does not let us in.
    #[error("{error} (through {jump})")]
    Behind { jump: String, error: Box<SshError> },
    #[error("{target}: no SSH connection with {address}: {reason}")]
    Handshake { target: String, address: String, reason: String },
    #[error("{target}: the host key has changed: trusted is {trusted}, presented was {presented}")]
    HostKeyChanged { target: String, trusted: String, presented: String },
    #[error("{target}: the trusted host key cannot be read: {reason}")]
    HostKeyInvalid { target: String, reason: String },
    #[error("{target}: {reason}")]
    IdentityUnusable { target: String, reason: String, hint: String },
    #[error("{target}: {user} may not sign in with {}", .offered.join(", "))]
    AuthenticationFailed {
        target: String,
        user: String,
        /// The keys that were offered, as a person knows them.
        offered: Vec<String>,
        /// The line for `authorized_keys`, where the key is known.
        authorized_keys_line: Option<String>,
    },
    #[error("{target}: the connection was lost {during}")]
    ConnectionLost { target: String, during: String },
    #[error("{target}: nobody can tell how the command ended: {reason}")]
    OutcomeUnknown { target: String, reason: String },
    #[error("{target}: another server has taken over this deployment")]
    Fenced { target: String },
    #[error("{target}: ended after its limit of {} s{}", .limit.as_secs_f32(), unconfirmed(*.confirmed))]
    Timeout {
        target: String,
        limit: Duration,
        /// Whether the target said that its processes are gone.
        confirmed: bool,
    },
    #[error("{target}: canceled{}", unconfirmed(*.confirmed))]
    Canceled {
        target: String,
        /// Whether the target said that its processes are gone.
        confirmed: bool,
    },
    #[error("{target}: the SSH server forbids tunnels")]
    ForwardingDenied { target: String },
    #[error("{target}: {address} cannot be reached from there: {reason}")]
    TunnelFailed { target: String, address: String, reason: String },
    #[error("{target}: the SSH server opens no session: {reason}")]
    SessionRefused { target: String, reason: String },
    #[error("{target}: the command could not be started: {reason}")]
    NotStarted { target: String, reason: String },
    #[error("{target}: sudo refused: {reason}")]
    SudoRefused { target: String, reason: String, hint: &'static str },
    #[error("{target}: the directory {path} does not exist or may not be entered")]
    DirectoryUnusable { target: String, path: String },
    #[error("{target}: {reason}")]
    InvalidRequest { target: String, reason: String },
    #[error("the key directory {path} cannot be used: {reason}")]
    KeyDirectory { path: String, reason: String },
    #[error("{target}: {path}: {error}")]
    File { target: String, path: String, error: FileError },
}

/// What sort of failure it is, for callers that decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshErrorKind {
    InvalidInput,
    Denied,
    NotFound,
    Unreachable,
    Timeout,
    Canceled,
    Failed,
    OutcomeUnknown,
}

fn unconfirmed(confirmed: bool) -> &'static str {
    if confirmed { "" } else { ", but the target did not confirm that its processes are gone" }
}

impl SshError {
    pub fn kind(&self) -> SshErrorKind {
        use SshErrorKind as Kind;
        match self {
            Self::NameUnknown { .. }
            | Self::ConnectionRefused { .. }
            | Self::ConnectTimeout { .. }
            | Self::Unreachable { .. }
            | Self::Handshake { .. }
            | Self::HostKeyChanged { .. }
            | Self::AuthenticationFailed { .. }
            | Self::ConnectionLost { .. }
            | Self::SessionRefused { .. } => Kind::Unreachable,
            Self::HostKeyInvalid { .. } | Self::IdentityUnusable { .. } | Self::InvalidRequest { .. } => {
                Kind::InvalidInput
            }
            Self::Jump { error, .. } | Self::Behind { error, .. } => error.kind(),
            Self::OutcomeUnknown { .. } => Kind::OutcomeUnknown,
            Self::Timeout { .. } => Kind::Timeout,
            Self::Canceled { .. } => Kind::Canceled,
            Self::ForwardingDenied { .. } | Self::SudoRefused { .. } => Kind::Denied,
            Self::TunnelFailed { .. } | Self::NotStarted { .. } | Self::KeyDirectory { .. } | Self::Fenced { .. } => {
                Kind::Failed
            }
            Self::DirectoryUnusable { .. } => Kind::NotFound,
            Self::File { error, .. } => error.kind(),
        }
    }

    /// A stable word in kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameUnknown { .. } => "name-unknown",
            Self::ConnectionRefused { .. } => "connection-refused",
            Self::ConnectTimeout { .. } => "connect-timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Jump { error, .. } | Self::Behind { error, .. } => error.code(),
            Self::Handshake { .. } => "handshake-failed",
            Self::HostKeyChanged { .. } => "host-key-changed",
            Self::HostKeyInvalid { .. } => "host-key-invalid",
            Self::IdentityUnusable { .. } => "identity-unusable",
            Self::AuthenticationFailed { .. } => "authentication-failed",
            Self::ConnectionLost { .. } => "connection-lost",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::Fenced { .. } => "fenced",
            Self::Timeout { .. } => "timeout",
            Self::Canceled { .. } => "canceled",
            Self::ForwardingDenied { .. } => "forwarding-denied",
            Self::TunnelFailed { .. } => "tunnel-failed",
            Self::SessionRefused { .. } => "session-refused",
            Self::NotStarted { .. } => "not-started",
            Self::SudoRefused { .. } => "sudo-refused",
            Self::DirectoryUnusable { .. } => "directory-unusable",
            Self::InvalidRequest { .. } => "invalid-request",
            Self::KeyDirectory { .. } => "key-directory",
            Self::File { error, .. } => error.code(),
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NameUnknown { host, .. } => format!("check the spelling of {host} and the server's DNS"),
            Self::ConnectionRefused { address, .. } => {
                format!("check that an SSH server listens on {address} and that no firewall is between")
            }
            Self::ConnectTimeout { address, .. } | Self::Unreachable { address, .. } => {
                format!("check that {address} is up and can be reached from this server: ssh -v ssh://{address}")
            }
            Self::Jump { error, .. } => return error.hint(),
            Self::Behind { jump, error } => return error.hint_behind(jump),
            Self::Handshake { address, .. } => format!("check that {address} is an SSH server: ssh -v ssh://{address}"),
            Self::HostKeyChanged { target, .. } => format!(
                "if the machine was replaced, trust its new key with: windlass target add {target} \
                 USER@HOST --replace-host-key; if it was not, do not trust it: someone may be in between"
            ),
            Self::HostKeyInvalid { target, .. } => format!("add it again: windlass target add {target}"),
            Self::IdentityUnusable { hint, .. } => hint.clone(),
            Self::AuthenticationFailed { user, authorized_keys_line, .. } => match authorized_keys_line {
                Some(line) => format!("add this line to ~{user}/.ssh/authorized_keys on the target: {line}"),
                None => format!("add one of these keys to ~{user}/.ssh/authorized_keys on the target"),
            },
            Self::ConnectionLost { .. } => "try again once the target can be reached".to_owned(),
            Self::OutcomeUnknown { .. } => {
                "look on the target whether it was done, then resolve the stage: retry, done or fail".to_owned()
            }
            Self::Fenced { .. } => "look at the deployment again: the other server goes on with it".to_owned(),
            Self::Timeout { confirmed: true, .. } => "raise the timeout, or find out what it waited for".to_owned(),
            Self::Timeout { .. } | Self::Canceled { confirmed: false, .. } => {
                "look on the target for processes that are left".to_owned()
            }
            Self::Canceled { .. } => return None,
            Self::ForwardingDenied { target } => {
                format!("allow it in the sshd_config of {target}: AllowTcpForwarding local")
            }
            Self::TunnelFailed { .. } => "check that it listens there, on that address".to_owned(),
            Self::SessionRefused { .. } => "raise MaxSessions in the target's sshd_config".to_owned(),
            Self::NotStarted { .. } => "check the user's shell and the space in its home directory: \
                 ssh to the target and run a command by hand"
                .to_owned(),
            Self::SudoRefused { hint, .. } => (*hint).to_owned(),
            Self::DirectoryUnusable { path, .. } => format!("make {path} first, or correct the path"),
            Self::InvalidRequest { .. } => return None,
            Self::KeyDirectory { path, .. } => format!("check the permissions and the space of {path}"),
            Self::File { error, .. } => return error.hint().map(str::to_owned),
        })
    }

    /// What to do next where the target is reached through a jump.
    fn hint_behind(&self, jump: &str) -> Option<String> {
        match self {
            Self::ConnectTimeout { address, .. }
            | Self::Unreachable { address, .. }
            | Self::Handshake { address, .. } => {
                Some(format!("check that an SSH server listens on {address}, as seen from {jump}"))
            }
            other => other.hint(),
        }
    }

    /// Whether the same call may succeed later without anyone changing anything.
    pub fn retryable(&self) -> bool {
        if let Self::Jump { error, .. } | Self::Behind { error, .. } = self {
            return error.retryable();
        }
        matches!(
            self,
            Self::NameUnknown { .. }
                | Self::ConnectionRefused { .. }
                | Self::ConnectTimeout { .. }
                | Self::Unreachable { .. }
                | Self::Handshake { .. }
                | Self::ConnectionLost { .. }
                | Self::SessionRefused { .. }
                | Self::TunnelFailed { .. }
        )
    }
}
