//! Targets that are reached through others.

use std::sync::Arc;

use super::fixture::{Fixture, exec, plain, script_both_ways};
use crate::ssh::{Ssh, SshConfig, SshError, TargetAddress};

/// A bastion, and a target that lets the bastion's client in too.
async fn behind(configuration: &str) -> Option<(Fixture, Fixture, TargetAddress)> {
    let bastion = Fixture::openssh_with(configuration).await?;
    let inner = Fixture::openssh().await?;
    std::fs::write(&inner.sshd.as_ref()?.authorized_keys, bastion.ssh.public_key()).unwrap();
    let jump = TargetAddress { name: "bastion".to_owned(), ..bastion.address.clone() };
    let address = TargetAddress { jump: Some(Arc::new(jump)), ..inner.address.clone() };
    Some((bastion, inner, address))
}

async fn failure(ssh: &Ssh, address: &TargetAddress) -> SshError {
    ssh.connect(address).await.err().expect("it cannot be connected to")
}

fn with_jump(address: &TargetAddress, change: impl FnOnce(&mut TargetAddress)) -> TargetAddress {
    let mut jump = address.jump.as_deref().unwrap().clone();
    change(&mut jump);
    TargetAddress { jump: Some(Arc::new(jump)), ..address.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_behind_a_jump() {
    let Some((bastion, _inner, address)) = behind("").await else { return };
    let connection = bastion.ssh.connect(&address).await.unwrap();
    for request in script_both_ways("echo out; echo err >&2; exit 7") {
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!((output.text(), output.stderr.as_slice()), ("out\n", &b"err\n"[..]));
    }
    // Large in both directions, at once.
    let stdin = vec![b'x'; 3_000_000];
    let request = crate::ssh::ExecRequest { stdin: stdin.clone(), ..plain("cat") };
    assert!(exec(&connection, &request).await.unwrap().stdout == stdin);
}

/// The connection to the jump lives as long as what goes through it, and ends with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jump_is_used_while_what_is_behind_it_is() {
    let Some((bastion, _inner, address)) = behind("").await else { return };
    let proxy = super::proxy::Proxy::start(bastion.address.port).await;
    let address = with_jump(&address, |jump| jump.port = proxy.port);
    let config =
        SshConfig { idle_close: std::time::Duration::from_millis(200), ..SshConfig::new(bastion.path("keys")) };
    let ssh = Ssh::new(config).unwrap();
    let connection = ssh.connect(&address).await.unwrap();
    assert_eq!(exec(&connection, &plain("sleep 0.6; echo hi")).await.unwrap().text(), "hi\n");
    assert_eq!(proxy.accepted(), 1);
    proxy.all_closed().await;
    assert_eq!(exec(&connection, &plain("echo again")).await.unwrap().text(), "again\n");
    assert_eq!(proxy.accepted(), 2);
}

/// A command that outlives the connection through a jump is found again over a new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_survives_the_loss_of_its_jump() {
    let Some((bastion, _inner, address)) = behind("").await else { return };
    let proxy = super::proxy::Proxy::start(bastion.address.port).await;
    let address = with_jump(&address, |jump| jump.port = proxy.port);
    let connection = bastion.ssh.connect(&address).await.unwrap();
    let go = bastion.path("go");
    let script = format!("echo ready; while [ ! -e '{go}' ]; do sleep 0.05; done; echo done");
    let cut = || {
        proxy.cut();
        std::fs::write(&go, "").unwrap();
    };
    let mut sink = super::fixture::When::prints("ready\n", cut);
    let request = super::fixture::reattachable(&script);
    let end = connection.exec(&request, &mut sink, &tokio_util::sync::CancellationToken::new()).await.unwrap();
    assert!(end.exit.success() && end.found_again);
    assert_eq!(sink.stdout(), "ready\ndone\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_jumps_in_a_row() {
    let Some((bastion, _inner, address)) = behind("").await else { return };
    let Some(middle) = Fixture::openssh().await else { return };
    std::fs::write(&middle.sshd.as_ref().unwrap().authorized_keys, bastion.ssh.public_key()).unwrap();
    let middle = TargetAddress { name: "middle".to_owned(), jump: address.jump.clone(), ..middle.address.clone() };
    let address = TargetAddress { jump: Some(Arc::new(middle)), ..address };
    let connection = bastion.ssh.connect(&address).await.unwrap();
    assert_eq!(exec(&connection, &plain("echo hi")).await.unwrap().text(), "hi\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_says_which_hop_failed() {
    let Some((bastion, inner, address)) = behind("").await else { return };
    let free = super::free_port();
    // The first hop.
    let error = failure(&bastion.ssh, &with_jump(&address, |jump| jump.port = free)).await;
    assert_eq!(error.to_string(), format!("web-1: its jump fails: bastion: 127.0.0.1:{free} refused the connection"));
    assert_eq!((error.code(), error.retryable()), ("connection-refused", true));
    assert!(error.hint().unwrap().contains("no firewall is between"));
    // The second: nothing listens, another machine answers, it does not know our key.
    let error = failure(&bastion.ssh, &TargetAddress { port: free, ..address.clone() }).await;
    let said = format!("web-1: 127.0.0.1:{free} cannot be reached: connection refused (through bastion)");
    assert_eq!(error.to_string(), said);
    let hint = format!("check that an SSH server listens on 127.0.0.1:{free}, as seen from bastion");
    assert_eq!((error.code(), error.hint().unwrap()), ("unreachable", hint));
    let other = bastion.address.host_key.clone();
    let error = failure(&bastion.ssh, &TargetAddress { host_key: other, ..address.clone() }).await;
    assert_eq!(error.code(), "host-key-changed");
    assert!(error.to_string().ends_with(" (through bastion)"), "{error}");
    std::fs::write(&inner.sshd.as_ref().unwrap().authorized_keys, "").unwrap();
    let error = failure(&bastion.ssh, &address).await;
    assert_eq!(error.code(), "authentication-failed");
    let (said, hint) = (error.to_string(), error.hint().unwrap());
    assert!(said.starts_with("web-1: ") && said.ends_with(" (through bastion)"), "{said}");
    assert!(hint.contains("authorized_keys on the target"), "{hint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jump_that_forbids_tunnels() {
    let Some((bastion, _inner, address)) = behind("AllowTcpForwarding no").await else { return };
    let error = failure(&bastion.ssh, &address).await;
    assert_eq!(error.to_string(), "web-1: its jump fails: bastion: the SSH server forbids tunnels");
    assert_eq!(error.code(), "forwarding-denied");
    assert_eq!(error.hint().unwrap(), "allow it in the sshd_config of bastion: AllowTcpForwarding local");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_key_behind_a_jump_is_scanned_from_there() {
    let Some((bastion, inner, address)) = behind("").await else { return };
    let jump = address.jump.as_deref();
    let scanned = bastion.ssh.scan_host_key("127.0.0.1", inner.address.port, jump).await.unwrap();
    assert_eq!(scanned.openssh, inner.address.host_key);
    let free = super::free_port();
    let error = bastion.ssh.scan_host_key("127.0.0.1", free, jump).await.unwrap_err();
    let said = format!("127.0.0.1: 127.0.0.1:{free} cannot be reached: connection refused (through bastion)");
    assert_eq!(error.to_string(), said);
}
