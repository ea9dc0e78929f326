//! Many commands for one target: never more at once than it may have.

use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, exec, plain, reattachable};
use super::on_both_servers;
use crate::ssh::probe::Probe;
use crate::ssh::{Capture, Connection, OutputSink, OutputStream, Ssh, SshConfig, SshError};

on_both_servers![never_more_than_the_limit, waiting_is_told_and_can_be_canceled];

async fn limited(fixture: &Fixture, limit: usize) -> Connection {
    let config = SshConfig {
        commands_per_target: limit,
        waiting_notice: Duration::from_millis(50),
        ..SshConfig::new(fixture.path("keys"))
    };
    Ssh::new(config).unwrap().connect(&fixture.address).await.unwrap()
}

/// How many ran at once at most, by a log with a line at each begin and end.
fn most_at_once(log: &str) -> i32 {
    let running = log.lines().scan(0, |running, line| {
        *running += if line == "begin" { 1 } else { -1 };
        Some(*running)
    });
    running.max().unwrap_or_default()
}

async fn never_more_than_the_limit(fixture: Fixture) {
    for limit in [1, 3, 11] {
        let connection = limited(&fixture, limit).await;
        let log = fixture.path(&format!("log-{limit}"));
        let script = format!("echo begin >>'{log}'; sleep 0.1; echo end >>'{log}'");
        let commands = (0..2 * limit).map(|number| {
            let request = if number % 2 == 0 { plain(&script) } else { reattachable(&script) };
            let connection = connection.clone();
            async move { exec(&connection, &request).await.unwrap() }
        });
        assert!(join_all(commands).await.iter().all(|output| output.exit().success()));
        let log = std::fs::read_to_string(&log).unwrap();
        assert_eq!(log.lines().count(), 4 * limit);
        assert!(most_at_once(&log) <= i32::try_from(limit).unwrap(), "{limit}: {log}");
    }
}

/// Tells what it is told of waiting.
#[derive(Default)]
struct Notices(Vec<String>, Option<CancellationToken>);

impl OutputSink for Notices {
    fn write<'a>(&'a mut self, _: OutputStream, _: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn waits<'a>(&'a mut self, target: &'a str, limit: usize) -> BoxFuture<'a, ()> {
        self.0.push(format!("{target} {limit}"));
        if let Some(cancel) = &self.1 {
            cancel.cancel();
        }
        Box::pin(std::future::ready(()))
    }
}

async fn waiting_is_told_and_can_be_canceled(fixture: Fixture) {
    let connection = limited(&fixture, 1).await;
    let go = fixture.path("go");
    let script = format!("while [ ! -e '{go}' ]; do sleep 0.05; done");
    let long = plain(&script);
    let first = async {
        let end = connection.exec(&long, &mut Capture::new(0), &CancellationToken::new()).await.unwrap();
        assert!(end.exit.success());
    };
    let second = async {
        let cancel = CancellationToken::new();
        let mut notices = Notices(Vec::new(), Some(cancel.clone()));
        // Its own time does not pass while it waits.
        let request = crate::ssh::ExecRequest { timeout: Some(Duration::from_millis(1)), ..plain("true") };
        let error = connection.exec(&request, &mut notices, &cancel).await.unwrap_err();
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
        assert_eq!(notices.0, ["web-1 1"]);
        std::fs::write(&go, "").unwrap();
    };
    let look = async {
        let probe = Probe::Exec { argv: vec!["true".to_owned()] };
        let attempt = connection.probe(&probe, Duration::from_millis(10), &CancellationToken::new()).await.unwrap();
        assert_eq!((attempt.healthy, attempt.reason.as_str()), (false, "true → no answer within 0.01 s"));
    };
    // What is behind in the line goes on once the first has ended.
    let others = async {
        look.await;
        second.await;
    };
    tokio::join!(first, others);
    let mut notices = Notices::default();
    connection.exec(&plain("true"), &mut notices, &CancellationToken::new()).await.unwrap();
    assert_eq!(notices.0, [""; 0], "who does not wait says nothing");
}
