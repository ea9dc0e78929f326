//! Connecting: who the target is, who we are, and what to do when it fails.

use std::process::Command;
use std::time::Duration;

use tokio::net::TcpListener;

use super::fixture::{Fixture, exec, plain};
use super::on_both_servers;
use crate::ssh::{Identity, Ssh, SshConfig, SshError, TargetAddress};

on_both_servers![a_key_that_is_not_authorized, a_changed_host_key, a_host_key_of_another_sort, scanning];

/// Whether keys can be made here; says loudly where not.
fn keys_can_be_made() -> bool {
    let installed = Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !installed {
        eprintln!("SKIPPED: signing in with other keys, because ssh-keygen is not installed");
    }
    installed
}

/// Another key of ours, in a file.
fn key_file(fixture: &Fixture, kind: &str, passphrase: &str) -> String {
    let path = fixture.path(&format!("{kind}-key"));
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", passphrase, "-C", "other", "-f", &path]).status();
    assert!(made.unwrap().success());
    path
}

fn signing_in_with(fixture: &Fixture, path: &str) -> TargetAddress {
    TargetAddress { identity: Identity::File(path.into()), ..fixture.address.clone() }
}

async fn failure(fixture: &Fixture, address: &TargetAddress) -> SshError {
    fixture.ssh.connect(address).await.err().unwrap()
}

async fn a_key_that_is_not_authorized(fixture: Fixture) {
    if !keys_can_be_made() {
        return;
    }
    let path = key_file(&fixture, "ed25519", "");
    let error = failure(&fixture, &signing_in_with(&fixture, &path)).await;
    let public = std::fs::read_to_string(format!("{path}.pub")).unwrap();
    let public = public.split(' ').nth(1).unwrap();
    assert_eq!(error.code(), "authentication-failed");
    assert!(error.to_string().contains(&format!("may not sign in with {path} (SHA256:")), "{error}");
    assert!(error.hint().unwrap().ends_with(&format!("on the target: ssh-ed25519 {public} windlass")));
    assert!(!error.retryable());
}

async fn a_changed_host_key(fixture: Fixture) {
    if !keys_can_be_made() {
        return;
    }
    let other = std::fs::read_to_string(key_file(&fixture, "ed25519", "") + ".pub").unwrap();
    let address = TargetAddress { host_key: other.trim().to_owned(), ..fixture.address.clone() };
    let error = failure(&fixture, &address).await;
    let presented = fixture.ssh.scan_host_key("127.0.0.1", address.port, None).await.unwrap().fingerprint;
    assert_eq!(error.code(), "host-key-changed");
    assert!(error.to_string().ends_with(&format!("presented was {presented}")), "{error}");
    assert!(error.hint().unwrap().contains("windlass target add web-1 USER@HOST --replace-host-key"));
}

async fn a_host_key_of_another_sort(fixture: Fixture) {
    if !keys_can_be_made() {
        return;
    }
    let other = std::fs::read_to_string(key_file(&fixture, "ecdsa", "") + ".pub").unwrap();
    let address = TargetAddress { host_key: other.trim().to_owned(), ..fixture.address.clone() };
    assert_eq!(failure(&fixture, &address).await.code(), "host-key-changed");
}

async fn scanning(fixture: Fixture) {
    let scanned = fixture.ssh.scan_host_key("127.0.0.1", fixture.address.port, None).await.unwrap();
    assert_eq!(scanned.openssh, fixture.address.host_key);
    assert!(scanned.fingerprint.starts_with("SHA256:"));
}

#[tokio::test]
async fn keys_in_files() {
    let Some(fixture) = Fixture::openssh().await else {
        return;
    };
    for kind in ["rsa", "ecdsa", "ed25519"] {
        let path = key_file(&fixture, kind, "");
        std::fs::copy(format!("{path}.pub"), &fixture.sshd.as_ref().unwrap().authorized_keys).unwrap();
        let connection = fixture.ssh.connect(&signing_in_with(&fixture, &path)).await.unwrap();
        assert_eq!(exec(&connection, &plain("echo hi")).await.unwrap().text(), "hi\n", "{kind}");
    }
}

#[tokio::test]
async fn key_files_that_cannot_be_used() {
    if !keys_can_be_made() {
        return;
    }
    let fixture = Fixture::demo().await;
    let encrypted = key_file(&fixture, "ed25519", "a passphrase");
    let public = format!("{encrypted}.pub");
    let missing = fixture.path("missing");
    let expectations = [(encrypted, "is encrypted"), (public, "is not a private key"), (missing, "cannot be read")];
    for (path, what) in expectations {
        let error = failure(&fixture, &signing_in_with(&fixture, &path)).await;
        assert!(error.to_string().contains(&format!("the key file {path} {what}")), "{error}");
        assert!(error.hint().is_some());
    }
}

#[tokio::test]
async fn keys_of_an_agent() {
    let Some(fixture) = Fixture::openssh().await else {
        return;
    };
    let (path, socket) = (key_file(&fixture, "ed25519", ""), fixture.path("agent"));
    let mut agent =
        Command::new("ssh-agent").args(["-D", "-a", &socket]).stdout(std::process::Stdio::null()).spawn().unwrap();
    while !std::path::Path::new(&socket).exists() {
        tokio::task::yield_now().await;
    }
    // SAFETY: each test is a process of its own under nextest, and no other thread reads this variable.
    unsafe { std::env::set_var("SSH_AUTH_SOCK", &socket) };
    let address = TargetAddress { identity: Identity::Agent, ..fixture.address.clone() };
    assert!(failure(&fixture, &address).await.to_string().contains("the SSH agent holds no keys"));
    assert!(Command::new("ssh-add").args(["-q", &path]).status().unwrap().success());
    assert_eq!(failure(&fixture, &address).await.code(), "authentication-failed");
    std::fs::copy(format!("{path}.pub"), &fixture.sshd.as_ref().unwrap().authorized_keys).unwrap();
    let connection = fixture.ssh.connect(&address).await.unwrap();
    assert_eq!(exec(&connection, &plain("echo hi")).await.unwrap().text(), "hi\n");
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[tokio::test]
async fn targets_that_cannot_be_reached() {
    let fixture = Fixture::demo().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = TargetAddress { port: free, ..fixture.address.clone() };
    let error = failure(&fixture, &refused).await;
    assert_eq!(error.to_string(), format!("web-1: 127.0.0.1:{free} refused the connection"));
    assert!(error.retryable());

    let unknown = TargetAddress { host: "no-such-host.invalid".to_owned(), ..fixture.address.clone() };
    assert_eq!(failure(&fixture, &unknown).await.code(), "name-unknown");

    // Accepts and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = SshConfig { connect_timeout: Duration::from_millis(300), ..SshConfig::new(fixture.path("keys")) };
    let ssh = Ssh::new(config).unwrap();
    let address = TargetAddress { port: silent.local_addr().unwrap().port(), ..fixture.address.clone() };
    let error = ssh.connect(&address).await.err().unwrap();
    assert!(error.to_string().ends_with("did not answer within 0.3 s"), "{error}");
}

#[tokio::test]
async fn the_stored_key_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    let first = Ssh::new(SshConfig::new(&keys)).unwrap().public_key();
    assert_eq!(Ssh::new(SshConfig::new(&keys)).unwrap().public_key(), first);
    assert!(first.starts_with("ssh-ed25519 ") && first.ends_with(" windlass"), "{first}");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&keys), mode(&keys.join("id_ed25519"))), (0o700, 0o600));
    assert_eq!(std::fs::read_dir(&keys).unwrap().count(), 1);
}
