//! A server to test against, and a client that may sign in there.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::proxy::Proxy;
use super::sshd::Sshd;
use crate::demo::target;
use crate::ssh::{
    Capture, Command, Connection, ExecEnd, ExecRequest, Exit, Identity, OutputSink, OutputStream, Repeat, Ssh,
    SshConfig, SshError, TargetAddress,
};

/// More than any test prints.
const CAPTURE: usize = 64 * 1024 * 1024;

pub(super) struct Fixture {
    pub(super) ssh: Ssh,
    pub(super) address: TargetAddress,
    pub(super) sshd: Option<Sshd>,
    _demo: Option<DropGuard>,
    directory: TempDir,
}

impl Fixture {
    pub(super) async fn openssh() -> Option<Self> {
        Self::openssh_with("").await
    }

    pub(super) async fn openssh_with(configuration: &str) -> Option<Self> {
        Self::openssh_after("", configuration).await
    }

    /// A server that is started by a script of root's in a mount namespace of its own.
    pub(super) async fn openssh_after(script: &str, configuration: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let sshd = Sshd::start(script, directory.path(), configuration)?;
        let ssh = client(&directory);
        std::fs::write(&sshd.authorized_keys, ssh.public_key()).unwrap();
        let address = address(sshd.port, &sshd.host_key);
        Some(Self { ssh, address, sshd: Some(sshd), _demo: None, directory })
    }

    pub(super) async fn demo() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ssh = client(&directory);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (host_key, home) = (directory.path().join("demo_host_key"), directory.path().join("home"));
        let address = address(port, &target::public_host_key(&host_key).unwrap());
        let shutdown = CancellationToken::new();
        let (authorized, stop) = (ssh.public_key(), shutdown.clone());
        tokio::spawn(async move { target::serve(listener, &host_key, &authorized, &home, stop).await.unwrap() });
        Self { ssh, address, sshd: None, _demo: Some(shutdown.drop_guard()), directory }
    }

    pub(super) async fn connect(&self) -> Connection {
        self.ssh.connect(&self.address).await.unwrap()
    }

    /// A connection through a proxy that can be cut.
    pub(super) async fn connect_through_proxy(&self) -> (Connection, Proxy) {
        let proxy = Proxy::start(self.address.port).await;
        let address = TargetAddress { port: proxy.port, ..self.address.clone() };
        (self.ssh.connect(&address).await.unwrap(), proxy)
    }

    /// A path in the test's own directory.
    pub(super) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// Where the target keeps a command that outlives its connection.
    pub(super) fn effect(&self, key: Uuid) -> PathBuf {
        self.directory.path().join("home/.local/state/windlass/effects").join(key.to_string())
    }
}

fn client(directory: &TempDir) -> Ssh {
    let config = SshConfig {
        // A test that waits for a dead target waits for this.
        reconnect_patience: Duration::from_secs(2),
        ..SshConfig::new(directory.path().join("keys"))
    };
    Ssh::new(config).unwrap()
}

fn address(port: u16, host_key: &str) -> TargetAddress {
    let user = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    TargetAddress {
        name: "web-1".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        user: user.trim().to_owned(),
        host_key: host_key.to_owned(),
        identity: Identity::Stored,
        jump: None,
    }
}

/// Writes a program that anyone may run.
pub(super) fn executable(path: &Path, program: &str) {
    std::fs::write(path, program).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A script in each of the ways that commands run.
pub(super) fn script_both_ways(script: &str) -> [ExecRequest; 2] {
    [reattachable(script), plain(script)]
}

pub(super) fn plain(script: &str) -> ExecRequest {
    ExecRequest::new(Command::Script(script.to_owned()), Repeat::Idempotent)
}

pub(super) fn reattachable(script: &str) -> ExecRequest {
    ExecRequest::new(Command::Script(script.to_owned()), Repeat::Reattachable { key: Uuid::now_v7() })
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) end: ExecEnd,
}

impl Output {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub(super) fn exit(&self) -> &Exit {
        &self.end.exit
    }
}

pub(super) async fn exec(connection: &Connection, request: &ExecRequest) -> Result<Output, SshError> {
    let mut capture = Capture::new(CAPTURE);
    let end = connection.exec(request, &mut capture, &CancellationToken::new()).await?;
    Ok(Output { stdout: capture.stdout, stderr: capture.stderr, end })
}

/// Does something once a text has appeared on standard output.
pub(super) struct When<F> {
    text: &'static str,
    seen: Vec<u8>,
    action: Option<F>,
}

impl<F: FnOnce() + Send> When<F> {
    pub(super) fn prints(text: &'static str, action: F) -> Self {
        Self { text, seen: Vec::new(), action: Some(action) }
    }

    pub(super) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.seen).unwrap()
    }
}

impl<F: FnOnce() + Send> OutputSink for When<F> {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> futures::future::BoxFuture<'a, ()> {
        if stream == OutputStream::Stdout {
            self.seen.extend_from_slice(bytes);
        }
        if self.stdout().contains(self.text)
            && let Some(action) = self.action.take()
        {
            action();
        }
        Box::pin(std::future::ready(()))
    }
}

/// Whether a process of the target, which is this machine, is there and no zombie.
pub(super) fn alive(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(") ").next().unwrap_or_default().starts_with('Z'))
}
