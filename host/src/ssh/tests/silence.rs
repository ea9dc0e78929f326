//! Connections that stand still are noticed in bounded time, whatever goes over them.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, When, alive, exec, plain, reattachable, script_both_ways};
use super::proxy::{Flow, Proxy};
use super::transfers::{archive, unpacking};
use crate::ssh::files::WriteFile;
use crate::ssh::{Connection, ExecRequest, Exit, Fence, Ssh, SshConfig, SshError, TargetAddress};

/// Much more than the test's connections may stand still.
const BOUNDED: Duration = Duration::from_secs(30);

/// A connection that may stand still for 0.8 s.
async fn connect(fixture: &Fixture) -> (Connection, Proxy) {
    let proxy = Proxy::start(fixture.address.port).await;
    (connect_to(fixture, &proxy).await, proxy)
}

async fn connect_to(fixture: &Fixture, proxy: &Proxy) -> Connection {
    let config = SshConfig {
        keepalive_interval: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        reconnect_patience: Duration::from_secs(1),
        ..SshConfig::new(fixture.path("keys"))
    };
    assert_eq!(config.longest_silence(), Duration::from_millis(800));
    let address = TargetAddress { port: proxy.port, ..fixture.address.clone() };
    Ssh::new(config).unwrap().connect(&address).await.unwrap()
}

/// Bytes that are lost and bytes that stand still, side by side.
async fn on_each_flow(test: impl AsyncFn(Flow)) {
    tokio::join!(test(Flow::Vanishes), test(Flow::Stands));
}

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUNDED, work).await.expect("a connection that stands still is given up")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_command_is_lost() {
    let Some(fixture) = Fixture::openssh().await else { return };
    on_each_flow(async |flow| {
        let (connection, proxy) = connect(&fixture).await;
        let mut sink = When::prints("ready\n", || proxy.all(flow));
        let request = plain("echo ready; sleep 300");
        let error = bounded(connection.exec(&request, &mut sink, &CancellationToken::new())).await.unwrap_err();
        assert_eq!(error.to_string(), "web-1: the connection was lost while the command ran");
        assert_eq!(bounded(exec(&connection, &plain("echo hi"))).await.unwrap().text(), "hi\n");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_is_lost() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let cancel = CancellationToken::new();
    on_each_flow(async |flow| {
        let proxy = Proxy::start(fixture.address.port).await;
        // In the middle of it.
        proxy.plan_for_client(1, 5_000_000, flow);
        let connection = connect_to(&fixture, &proxy).await;
        // Together more than the buffers in between hold: what is written last waits for room.
        let writing = (0..6).map(async |number| {
            let path = fixture.path(&format!("{flow:?}-{number}"));
            let contents = vec![b'x'; 8_000_000];
            let file = WriteFile { path: path.clone(), contents, mode: None, owner: None, sudo: false, parents: false };
            let end = bounded(connection.write_file(&file, &cancel)).await;
            assert_eq!(std::path::Path::new(&path).exists(), end.is_ok());
            end
        });
        let ends = join_all(writing).await;
        // One that had no session yet goes over the next connection.
        let lost: Vec<SshError> = ends.into_iter().filter_map(Result::err).collect();
        assert!(!lost.is_empty() && lost.iter().all(|error| error.code() == "connection-lost"), "{lost:?}");
        let proxy = Proxy::start(fixture.address.port).await;
        proxy.plan_for_client(1, 5_000_000, flow);
        let connection = connect_to(&fixture, &proxy).await;
        let large = "y".repeat(20_000_000);
        let bytes = archive(&[("large", large.as_str())]);
        let unpack = unpacking(&fixture.path(&format!("{flow:?}-directory")), "sha256:1", bytes.len());
        let error = bounded(connection.unpack(&unpack, bytes.as_slice(), &cancel)).await.unwrap_err();
        assert_eq!(error.code(), "connection-lost", "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tunnel_ends() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for flow in [Flow::Vanishes, Flow::Stands] {
        let (connection, proxy) = connect(&fixture).await;
        let (mut reading, mut writing) = (
            connection.open_tcp("127.0.0.1", port).await.unwrap(),
            connection.open_tcp("127.0.0.1", port).await.unwrap(),
        );
        // Nobody reads and nobody writes there.
        let kept = (listener.accept().await.unwrap(), listener.accept().await.unwrap());
        proxy.all(flow);
        let read = bounded(reading.read(&mut [0; 10])).await;
        assert!(matches!(read, Ok(0) | Err(_)));
        let chunk = vec![0; 1 << 20];
        bounded(async { while writing.write_all(&chunk).await.is_ok() {} }).await;
        drop(kept);
    }
}

/// The two ways to a Docker engine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_and_a_pipe_end() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let path = fixture.path("socket");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    for flow in [Flow::Vanishes, Flow::Stands] {
        let (connection, proxy) = connect(&fixture).await;
        let mut socket = connection.open_unix(&path).await.unwrap().unwrap();
        let kept = listener.accept().await.unwrap();
        let (mut pipe, _) = connection.open_pipe("exec cat").await.unwrap();
        pipe.write_all(b"x").await.unwrap();
        assert_eq!(pipe.read_u8().await.unwrap(), b'x');
        proxy.all(flow);
        assert!(matches!(bounded(socket.read(&mut [0; 10])).await, Ok(0) | Err(_)));
        assert!(matches!(bounded(pipe.read(&mut [0; 10])).await, Ok(0) | Err(_)));
        let chunk = vec![0; 1 << 20];
        bounded(async { while socket.write_all(&chunk).await.is_ok() {} }).await;
        bounded(async { while pipe.write_all(&chunk).await.is_ok() {} }).await;
        drop(kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_a_black_hole_for_good_is_unknown() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let (connection, proxy) = connect(&fixture).await;
    let mut sink = When::prints("ready\n", || proxy.become_a_black_hole());
    let request = reattachable("echo ready; sleep 1");
    let error = bounded(connection.exec(&request, &mut sink, &CancellationToken::new())).await.unwrap_err();
    assert!(matches!(error, SshError::OutcomeUnknown { .. }), "{error}");
    let error = bounded(exec(&connection, &plain("true"))).await.unwrap_err();
    assert!(matches!(error, SshError::ConnectTimeout { .. }), "{error}");
}

/// The other side answers what it is asked: a command may be quiet for as long as it likes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_only_quiet_is_not_lost() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let (connection, proxy) = connect(&fixture).await;
    assert_eq!(exec(&connection, &plain("sleep 2; echo hi")).await.unwrap().text(), "hi\n");
    assert_eq!(proxy.accepted(), 1);
}

/// With the limits that users have it takes a minute to notice that a connection is dead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn canceling_needs_no_connection_that_stands_still() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let [one, other] = script_both_ways("sleep 300 & echo $!; echo ready; wait").map(async |request| {
        let (connection, proxy) = fixture.connect_through_proxy().await;
        let cancel = CancellationToken::new();
        let trigger = cancel.clone();
        let mut sink = When::prints("ready\n", || {
            proxy.all(Flow::Vanishes);
            trigger.cancel();
        });
        let error = bounded(connection.exec(&request, &mut sink, &cancel)).await.unwrap_err();
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
        assert!(!alive(sink.stdout().lines().next().unwrap()));
    });
    tokio::join!(one, other);
}

/// More than all buffers in between hold, on both streams.
const MUCH: &str = "echo ready; sleep 0.5; i=0; while [ $i -lt 600 ]; do printf '%050000d\\n' $i; printf '%050000d\\n' $i >&2; \
                    i=$((i+1)); done; exit 4";

/// A server is frozen while its command has much to say: the one that takes over is not held up by what the
/// frozen one does not read.
async fn a_frozen_server_holds_no_command_up_in(shell: &str) {
    if !std::path::Path::new(shell).exists() {
        eprintln!("SKIPPED: frozen servers and {shell}, because it is not installed here");
        return;
    }
    let Some(fixture) = Fixture::openssh().await else { return };
    std::os::unix::fs::symlink(shell, std::path::Path::new(&fixture.path("bin")).join("sh")).unwrap();
    let (frozen, proxy) = fixture.connect_through_proxy().await;
    let fence = |epoch| Some(Fence { deployment: uuid::Uuid::nil(), epoch });
    let request = ExecRequest { fence: fence(1), ..reattachable(MUCH) };
    let (ready, seen) = tokio::sync::oneshot::channel();
    let first = {
        let request = request.clone();
        tokio::spawn(async move {
            let mut sink = When::prints("ready\n", move || {
                proxy.all(Flow::Stands);
                ready.send(proxy).ok().unwrap();
            });
            drop(frozen.exec(&request, &mut sink, &CancellationToken::new()).await);
        })
    };
    let proxy = seen.await.unwrap();
    let successor = fixture.connect().await;
    let output = bounded(exec(&successor, &ExecRequest { fence: fence(2), ..request })).await.unwrap();
    assert_eq!(*output.exit(), Exit::Status(4));
    let line = |number: usize| format!("{number:050000}\n");
    let all: String = (0..600).map(line).collect();
    assert!(output.text() == "ready\n".to_owned() + &all, "{} bytes", output.stdout.len());
    assert!(output.stderr == all.as_bytes(), "{} bytes", output.stderr.len());
    first.abort();
    drop(proxy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_holds_no_command_up() {
    tokio::join!(
        a_frozen_server_holds_no_command_up_in("/bin/dash"),
        a_frozen_server_holds_no_command_up_in("/bin/bash"),
        a_frozen_server_holds_no_command_up_in("/bin/busybox"),
    );
}
