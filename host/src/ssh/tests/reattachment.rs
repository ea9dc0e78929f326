//! Commands that outlive their connection: started once, found again, or honestly unknown.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fixture::{Fixture, When, alive, exec, plain, reattachable};
use super::on_both_servers;
use crate::ssh::{Capture, ExecRequest, Exit, Repeat, SshError, Sudo};

on_both_servers![
    output_goes_on_after_a_lost_connection,
    the_same_key_starts_once,
    a_key_finds_its_command_after_the_client_is_gone,
    a_process_that_vanished_is_unknown,
    a_target_that_stays_away_is_unknown,
    a_cut_input_never_starts,
    a_lost_plain_command_is_never_success,
    canceling_reaches_a_command_whose_connection_was_lost,
    forgetting_removes_the_record,
];

fn with_key(script: &str, key: Uuid) -> ExecRequest {
    ExecRequest { repeat: Repeat::Reattachable { key }, ..reattachable(script) }
}

/// Prints 400 numbered lines on each stream over about 2 s, in chunks that a cut goes through.
const LONG: &str = "i=0; while [ $i -lt 400 ]; do echo line-$i; echo err-$i >&2; \
                    [ $((i % 20)) -ne 0 ] || sleep 0.1; i=$((i+1)); done; exit 6";

fn numbered(prefix: &str) -> String {
    (0..400).map(|number| format!("{prefix}-{number}\n")).collect()
}

async fn output_goes_on_after_a_lost_connection(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let mut sink = Both { cut: When::prints("line-50\n", move || proxy.cut()), all: Capture::new(1 << 20) };
    let end = connection.exec(&reattachable(LONG), &mut sink, &CancellationToken::new()).await.unwrap();
    assert_eq!(end.exit, Exit::Status(6));
    assert!(end.found_again);
    assert_eq!(String::from_utf8(sink.all.stdout).unwrap(), numbered("line"));
    assert_eq!(String::from_utf8(sink.all.stderr).unwrap(), numbered("err"));
}

struct Both<F> {
    cut: When<F>,
    all: Capture,
}

impl<F: FnOnce() + Send> crate::ssh::OutputSink for Both<F> {
    fn write<'a>(
        &'a mut self,
        stream: crate::ssh::OutputStream,
        bytes: &'a [u8],
    ) -> futures::future::BoxFuture<'a, ()> {
        Box::pin(async move {
            self.all.write(stream, bytes).await;
            self.cut.write(stream, bytes).await;
        })
    }
}

async fn the_same_key_starts_once(fixture: Fixture) {
    let connection = fixture.connect().await;
    let (key, log) = (Uuid::now_v7(), fixture.path("log"));
    let mut request = with_key("echo started >>\"$LOG\"; sleep 0.3; echo hello; echo error >&2; exit 5", key);
    request.env = vec![("LOG".to_owned(), log.clone())];
    let (first, second) = tokio::join!(exec(&connection, &request), exec(&connection, &request));
    let third = exec(&connection, &request).await;
    for output in [first, second, third] {
        let output = output.unwrap();
        assert_eq!((output.text(), output.stderr.as_slice()), ("hello\n", &b"error\n"[..]));
        assert_eq!(*output.exit(), Exit::Status(5));
    }
    assert_eq!(std::fs::read_to_string(log).unwrap(), "started\n");
}

async fn a_key_finds_its_command_after_the_client_is_gone(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let key = Uuid::now_v7();
    let request = with_key("echo begun; sleep 1; echo done", key);
    let (begun, seen) = tokio::sync::oneshot::channel();
    let abandoned = tokio::spawn(async move {
        let mut sink = When::prints("begun\n", move || begun.send(()).unwrap());
        connection.exec(&request, &mut sink, &CancellationToken::new()).await
    });
    seen.await.unwrap();
    abandoned.abort();
    proxy.close();
    // Another client, as after a restart of the server.
    let output = exec(&fixture.connect().await, &with_key("echo begun; sleep 1; echo done", key)).await.unwrap();
    assert_eq!(output.text(), "begun\ndone\n");
    assert!(output.end.found_again);
}

async fn a_process_that_vanished_is_unknown(fixture: Fixture) {
    let connection = fixture.connect().await;
    let key = Uuid::now_v7();
    // Kills its wrapper first: the group of its session, as a reboot would.
    let error = exec(&connection, &with_key("kill -KILL 0", key)).await.unwrap_err();
    assert!(matches!(error, SshError::OutcomeUnknown { .. }), "{error}");
    let again = exec(&connection, &with_key("kill -KILL 0", key)).await.unwrap_err();
    assert!(matches!(again, SshError::OutcomeUnknown { .. }), "{again}");
}

async fn a_target_that_stays_away_is_unknown(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let mut sink = When::prints("ready\n", move || proxy.close());
    let request = reattachable("echo ready; sleep 2");
    let error = connection.exec(&request, &mut sink, &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, SshError::OutcomeUnknown { .. }), "{error}");
    assert!(!error.retryable());
}

/// The connection breaks while the input is on its way. The command has not started, is started anew
/// over the next connection, and gets all of its input.
async fn a_cut_input_never_starts(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let (key, log) = (Uuid::now_v7(), fixture.path("log"));
    let mut request = with_key("echo started >>\"$LOG\"; wc -c", key);
    request.env = vec![("LOG".to_owned(), log.clone())];
    request.stdin = vec![b'x'; 30_000_000];
    let record = fixture.effect(key);
    let cutting = async {
        // Some of it has arrived, and most has not.
        while std::fs::metadata(record.join("stdin")).map_or(0, |file| file.len()) == 0 {
            tokio::task::yield_now().await;
        }
        proxy.cut();
    };
    let (output, ()) = tokio::join!(exec(&connection, &request), cutting);
    assert_eq!(output.unwrap().text().trim(), "30000000");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "started\n");
}

async fn a_lost_plain_command_is_never_success(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let mut sink = When::prints("ready\n", move || proxy.cut());
    let error = connection.exec(&plain("echo ready; sleep 1"), &mut sink, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "web-1: the connection was lost while the command ran");
    assert!(error.retryable());
    // The next one has a new connection.
    assert_eq!(exec(&connection, &plain("echo hi")).await.unwrap().text(), "hi\n");
}

async fn canceling_reaches_a_command_whose_connection_was_lost(fixture: Fixture) {
    let (connection, proxy) = fixture.connect_through_proxy().await;
    let cancel = CancellationToken::new();
    let (proxy, trigger) = (std::sync::Arc::new(proxy), cancel.clone());
    let cutter = std::sync::Arc::clone(&proxy);
    let mut sink = When::prints("ready\n", move || {
        cutter.cut();
        trigger.cancel();
    });
    let request = reattachable("echo $$; echo ready; sleep 300");
    let error = connection.exec(&request, &mut sink, &cancel).await.unwrap_err();
    assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
    assert!(!alive(sink.stdout().lines().next().unwrap()));
}

async fn forgetting_removes_the_record(fixture: Fixture) {
    let connection = fixture.connect().await;
    let keys = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    for key in keys {
        exec(&connection, &with_key("true", key)).await.unwrap();
        assert!(fixture.effect(key).exists());
    }
    // Two of the same place: one is asked for both.
    fixture.ssh.forget(&fixture.address, keys[0], Sudo::No);
    fixture.ssh.forget(&fixture.address, keys[1], Sudo::No);
    fixture.ssh.close().await;
    assert_eq!(keys.map(|key| fixture.effect(key).exists()), [false, false, true]);
}
