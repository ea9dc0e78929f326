//! Servers that allow little, users whose shells talk, and sudo.

use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, When, alive, exec, executable, plain, reattachable, script_both_ways};
use super::proxy::Proxy;
use crate::ssh::{ExecRequest, Exit, Ssh, SshConfig, SshError, Sudo, TargetAddress};

#[tokio::test]
async fn fewer_sessions_than_ours() {
    let Some(fixture) = Fixture::openssh_with("MaxSessions 2").await else {
        return;
    };
    let connection = fixture.connect().await;
    let commands = (0..8).map(|_| {
        let connection = connection.clone();
        async move { exec(&connection, &plain("sleep 0.1; echo hi")).await.unwrap() }
    });
    for output in futures::future::join_all(commands).await {
        assert_eq!(output.text(), "hi\n");
    }
}

/// All sessions are taken by the command itself: it is ended over a connection of its own.
#[tokio::test]
async fn canceling_where_one_session_is_all() {
    let Some(fixture) = Fixture::openssh_with("MaxSessions 1").await else {
        return;
    };
    let connection = fixture.connect().await;
    let cancel = CancellationToken::new();
    let trigger = cancel.clone();
    let mut sink = When::prints("ready\n", move || trigger.cancel());
    let error = connection.exec(&reattachable("echo $$; echo ready; sleep 300"), &mut sink, &cancel).await.unwrap_err();
    assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
    assert!(!alive(sink.stdout().lines().next().unwrap()));
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let fixture = Fixture::demo().await;
    let proxy = Proxy::start(fixture.address.port).await;
    let config = SshConfig { idle_close: Duration::from_millis(200), ..SshConfig::new(fixture.path("keys")) };
    let address = TargetAddress { port: proxy.port, ..fixture.address.clone() };
    let connection = Ssh::new(config).unwrap().connect(&address).await.unwrap();
    // A command that runs for longer is not idle.
    assert_eq!(exec(&connection, &plain("sleep 0.6; echo hi")).await.unwrap().text(), "hi\n");
    assert_eq!(proxy.accepted(), 1);
    proxy.all_closed().await;
    assert_eq!(exec(&connection, &plain("echo again")).await.unwrap().text(), "again\n");
    assert_eq!(proxy.accepted(), 2);
}

#[tokio::test]
async fn many_share_one_connection() {
    let fixture = Fixture::demo().await;
    let proxy = Proxy::start(fixture.address.port).await;
    let address = TargetAddress { port: proxy.port, ..fixture.address.clone() };
    let connections = futures::future::join_all((0..20).map(|_| fixture.ssh.connect(&address))).await;
    assert!(connections.iter().all(Result::is_ok));
    assert_eq!(proxy.accepted(), 1);
}

#[tokio::test]
async fn forbidden_tunnels() {
    let Some(fixture) = Fixture::openssh_with("AllowTcpForwarding no").await else {
        return;
    };
    let error = fixture.connect().await.open_tcp("127.0.0.1", 9).await.err().unwrap();
    assert_eq!(error.code(), "forwarding-denied");
    assert!(error.hint().unwrap().contains("AllowTcpForwarding"));
}

#[tokio::test]
async fn a_server_that_runs_something_else() {
    let Some(fixture) = Fixture::openssh_with("ForceCommand echo This account is not available.; exit 1").await else {
        return;
    };
    let connection = fixture.connect().await;
    for request in script_both_ways("true") {
        let error = exec(&connection, &request).await.unwrap_err();
        assert_eq!(error.to_string(), "web-1: the command could not be started: This account is not available.");
    }
}

/// A profile that prints on both streams before each command.
#[tokio::test]
async fn a_profile_that_talks() {
    let Some(fixture) = Fixture::openssh_with(
        "ForceCommand echo Welcome; echo Careful >&2; printf prompt; eval \"$SSH_ORIGINAL_COMMAND\"",
    )
    .await
    else {
        return;
    };
    let connection = fixture.connect().await;
    for request in script_both_ways("echo out; echo err >&2") {
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!((output.text(), output.stderr.as_slice()), ("out\n", &b"err\n"[..]));
    }
}

/// Stands in for sudo, which is not everywhere: takes `-n`, drops the environment, runs as a child.
const SUDO: &str = "#!/bin/sh
[ \"$1\" = -n ] || exit 9
shift
env -i HOME=\"$HOME\" PATH=\"$PATH\" VIA_SUDO=yes \"$@\"
";

fn install_sudo(fixture: &Fixture, program: &str) {
    executable(Path::new(&fixture.path("bin/sudo")), program);
}

#[tokio::test]
async fn commands_as_root() {
    let Some(fixture) = Fixture::openssh().await else {
        return;
    };
    install_sudo(&fixture, SUDO);
    let connection = fixture.connect().await;
    for request in script_both_ways("cat; echo $VIA_SUDO $NAME; exit 3") {
        let request = ExecRequest {
            sudo: Sudo::WithoutPassword,
            env: vec![("NAME".to_owned(), "value".to_owned())],
            stdin: b"input\n".to_vec(),
            ..request
        };
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!((output.text(), output.exit()), ("input\nyes value\n", &Exit::Status(3)));
    }
}

#[tokio::test]
async fn canceling_a_command_as_root() {
    let Some(fixture) = Fixture::openssh().await else {
        return;
    };
    install_sudo(&fixture, SUDO);
    for request in script_both_ways("sleep 300 & echo $!; echo ready; wait") {
        let cancel = CancellationToken::new();
        let trigger = cancel.clone();
        let mut sink = When::prints("ready\n", move || trigger.cancel());
        let request = ExecRequest { sudo: Sudo::WithoutPassword, ..request };
        let error = fixture.connect().await.exec(&request, &mut sink, &cancel).await.unwrap_err();
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
        assert!(!alive(sink.stdout().lines().next().unwrap()));
    }
}

#[tokio::test]
async fn sudo_that_wants_a_password() {
    let Some(fixture) = Fixture::openssh().await else {
        return;
    };
    install_sudo(&fixture, "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n");
    let connection = fixture.connect().await;
    for request in script_both_ways("true") {
        let error = exec(&connection, &ExecRequest { sudo: Sudo::WithoutPassword, ..request }).await.unwrap_err();
        assert_eq!(error.to_string(), "web-1: sudo refused: a password is required");
    }
}
