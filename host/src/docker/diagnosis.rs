//! Why an engine's socket cannot be opened. SSH servers refuse without a reason, so the target is asked.

use super::{EngineError, SOCKET};
use crate::ssh::{Capture, Command, Connection, ExecRequest, Repeat};
use tokio_util::sync::CancellationToken;
use windlass_api_types::{ErrorKind, Failure};

/// What takes the place of the socket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// The target's own `docker` command.
    Command,
}

/// Says one word per line of what it finds.
const PROBE: &str = r#"
[ -S "$1" ] && echo socket
[ -r "$1" ] && [ -w "$1" ] && echo usable
command -v docker >/dev/null 2>&1 && echo command
grep -q "/${1##*/}\$" /proc/net/unix 2>/dev/null && echo listening
exit 0
"#;

/// Finds the way round a socket that could not be opened, or the reason.
pub(super) async fn why_no_socket(connection: &Connection, cancel: &CancellationToken) -> Result<Way, EngineError> {
    let argv = ["sh", "-c", PROBE, "probe", SOCKET].map(str::to_owned);
    let mut said = Capture::new(4096);
    connection.exec(&ExecRequest::new(Command::Argv(argv.into()), Repeat::Reads), &mut said, cancel).await?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let has = |word: &str| said.lines().any(|line| line == word);
    let failure = match (has("socket"), has("usable"), has("command")) {
        (false, _, false) => not_installed(connection),
        (false, _, true) => not_running(connection),
        (true, false, _) => no_permission(connection),
        (true, true, true) => return Ok(Way::Command),
        (true, true, false) if has("listening") => no_way(connection),
        (true, true, false) => not_running(connection),
    };
    Err(failure.into())
}

/// What the `docker` command meant.
pub(super) fn command_failed(connection: &Connection, said: &str) -> Failure {
    let lower = said.to_lowercase();
    if lower.contains("permission denied") {
        no_permission(connection)
    } else if lower.contains("is the docker daemon running") || lower.contains("connection refused") {
        not_running(connection)
    } else {
        let target = &connection.address().name;
        Failure::new(ErrorKind::Failed, "docker-failed", format!("{target}: `docker system dial-stdio`: {said}"))
            .hint("run it by hand on the target")
    }
}

fn not_installed(connection: &Connection) -> Failure {
    let target = &connection.address().name;
    let message = format!("{target}: Docker is not installed: there is no {SOCKET} and no docker command");
    let hint = format!("install Docker on {target}, such as with: apt-get install docker.io");
    Failure::new(ErrorKind::NotFound, "docker-not-installed", message).hint(hint)
}

fn not_running(connection: &Connection) -> Failure {
    let target = &connection.address().name;
    let message = format!("{target}: the Docker daemon is not running: nothing listens on {SOCKET}");
    let failure = Failure::new(ErrorKind::Unreachable, "docker-not-running", message);
    let failure =
        failure.hint("start it on the target, and look at its log: systemctl start docker; journalctl -u docker");
    Failure { retryable: true, ..failure }
}

fn no_permission(connection: &Connection) -> Failure {
    let address = connection.address();
    let (target, user) = (&address.name, &address.user);
    let message = format!("{target}: the user {user} may not use {SOCKET}");
    let hint = format!(
        "put {user} into the group docker, which makes it as mighty as root: usermod -aG docker {user}; \
         then end its SSH connections"
    );
    Failure::new(ErrorKind::Denied, "docker-socket-denied", message).hint(hint)
}

fn no_way(connection: &Connection) -> Failure {
    let target = &connection.address().name;
    let message = format!("{target}: the SSH server does not forward {SOCKET}, and there is no docker command");
    Failure::new(ErrorKind::Denied, "docker-forwarding-denied", message).hint(
        "allow it in the target's sshd_config: AllowStreamLocalForwarding local; or install the docker command there",
    )
}
