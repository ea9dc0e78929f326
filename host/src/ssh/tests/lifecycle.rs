//! Ending commands: canceling, limits of time, and that nothing is left.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, When, alive, exec, plain, script_both_ways};
use super::on_both_servers;
use crate::ssh::{Connection, ExecRequest, Exit, SshError};

on_both_servers![
    canceling_ends_the_whole_group,
    what_ignores_term_is_killed,
    a_limit_of_time_ends_the_command,
    canceling_before_the_start,
    a_canceled_command_may_clean_up,
];

/// Runs a script that prints its children's numbers and `ready`, cancels it, and answers the numbers,
/// the error and all that it printed.
async fn cancel_when_ready(fixture: &Fixture, request: &ExecRequest) -> (Vec<String>, SshError, String) {
    let connection = fixture.connect().await;
    let cancel = CancellationToken::new();
    let trigger = cancel.clone();
    let mut sink = When::prints("ready\n", move || trigger.cancel());
    let error = connection.exec(request, &mut sink, &cancel).await.unwrap_err();
    let pids = sink.stdout().lines().filter(|line| line.parse::<u32>().is_ok()).map(str::to_owned).collect();
    (pids, error, sink.stdout().to_owned())
}

async fn canceling_ends_the_whole_group(fixture: Fixture) {
    for request in script_both_ways("sleep 300 & echo $!; echo $$; (sleep 301 & echo $!; echo ready; wait) & wait") {
        let (pids, error, _) = cancel_when_ready(&fixture, &request).await;
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
        assert_eq!(pids.len(), 3);
        for pid in pids {
            assert!(!alive(&pid), "{pid} is left of {request:?}");
        }
    }
}

async fn what_ignores_term_is_killed(fixture: Fixture) {
    let both =
        script_both_ways("trap '' TERM; echo $$; echo ready; while :; do sleep 0.2; done").map(async |request| {
            let begun = Instant::now();
            let (pids, error, _) = cancel_when_ready(&fixture, &request).await;
            assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
            assert!(begun.elapsed() >= Duration::from_secs(5), "it was given its grace");
            assert!(!alive(&pids[0]));
        });
    join_all(both).await;
}

/// The command itself obeys at once; what it has started does not.
pub(super) const STUBBORN_CHILD: &str =
    "sh -c 'trap \"\" TERM; echo $$; echo ready; exec sleep 300' & trap 'exit 0' TERM; echo $$; wait";

/// Runs [`STUBBORN_CHILD`], cancels it, and nothing is left of it.
pub(super) async fn nothing_is_left(connection: &Connection, request: ExecRequest) {
    let cancel = CancellationToken::new();
    let trigger = cancel.clone();
    let mut sink = When::prints("ready\n", move || trigger.cancel());
    let error = connection.exec(&request, &mut sink, &cancel).await.unwrap_err();
    assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
    let pids: Vec<&str> = sink.stdout().lines().filter(|line| line.parse::<u32>().is_ok()).collect();
    assert_eq!(pids.len(), 2, "{}", sink.stdout());
    for pid in pids {
        assert!(!alive(pid), "{pid} is left of {request:?}");
    }
}

/// With the shells that targets have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_ignores_term_is_killed() {
    let shells = ["/bin/dash", "/bin/bash", "/bin/busybox"].map(async |shell| {
        if !Path::new(shell).exists() {
            eprintln!("SKIPPED: ending commands in {shell}, because it is not installed here");
            return;
        }
        let Some(fixture) = Fixture::openssh().await else { return };
        std::os::unix::fs::symlink(shell, Path::new(&fixture.path("bin")).join("sh")).unwrap();
        let connection = fixture.connect().await;
        join_all(script_both_ways(STUBBORN_CHILD).map(|request| nothing_is_left(&connection, request))).await;
    });
    join_all(shells).await;
}

async fn a_limit_of_time_ends_the_command(fixture: Fixture) {
    let connection = fixture.connect().await;
    for (number, request) in script_both_ways("echo $$ >\"$NOTE\"; exec sleep 300").into_iter().enumerate() {
        let note = fixture.path(&format!("pid-{number}"));
        let request = ExecRequest {
            env: vec![("NOTE".to_owned(), note.clone())],
            timeout: Some(Duration::from_millis(700)),
            ..request
        };
        let error = exec(&connection, &request).await.unwrap_err();
        assert_eq!(error.to_string(), "web-1: ended after its limit of 0.7 s");
        assert!(!alive(std::fs::read_to_string(note).unwrap().trim()));
    }
}

async fn canceling_before_the_start(fixture: Fixture) {
    let connection = fixture.connect().await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    for request in script_both_ways("exit 0") {
        let mut sink = When::prints("never", || ());
        let error = connection.exec(&request, &mut sink, &cancel).await.unwrap_err();
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
    }
    assert_eq!(*exec(&connection, &plain("exit 3")).await.unwrap().exit(), Exit::Status(3));
}

async fn a_canceled_command_may_clean_up(fixture: Fixture) {
    for (number, request) in script_both_ways(
        "trap 'sleep 0.3; echo clean >\"$NOTE\"; echo cleaned; exit 1' TERM; echo ready; while :; do sleep 0.1; done",
    )
    .into_iter()
    .enumerate()
    {
        let note = fixture.path(&format!("clean-{number}"));
        let request = ExecRequest { env: vec![("NOTE".to_owned(), note.clone())], ..request };
        let (_, _, said) = cancel_when_ready(&fixture, &request).await;
        assert_eq!(said, "ready\ncleaned\n");
        assert_eq!(std::fs::read_to_string(note).unwrap(), "clean\n");
    }
}
