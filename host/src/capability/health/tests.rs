//! Health checks as effects: from the server by the rules of requests, and from a real target.

use super::check::Check;
use super::*;
use crate::capability::testing::{Options, Place};
use crate::demo::target;
use crate::outbound::tests::site::{Site, answer};
use crate::ssh::{Identity, Ssh, SshConfig, TargetAddress};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::{CancellationToken, DropGuard};
use windlass_api_types::EventBody;

fn get(host: &str, port: u16) -> wit::HttpProbe {
    wit::HttpProbe {
        host: host.into(),
        port,
        path: "/health".into(),
        statuses: Vec::new(),
        headers: Vec::new(),
        contains: None,
        tls: None,
    }
}

fn wait(place: &Place, target: Option<&str>, check: wit::Check) -> WaitHealthy {
    WaitHealthy {
        target: target.map(Into::into),
        check: Check::from_wit(check, &place.journal),
        log: None,
        interval_ms: 1,
        timeout_ms: 2_000,
        attempts: 3,
        successes: 1,
        failures: 0,
    }
}

/// The reasons of the attempts that are recorded.
async fn attempts(place: &Place) -> Vec<String> {
    let events = place.events().await;
    let attempted = events.into_iter().filter(|event| matches!(event.body, EventBody::ProbeAttempted { .. }));
    attempted.map(|event| event.message).collect()
}

#[tokio::test]
async fn from_the_server_the_host_must_be_granted() {
    let site = Site::start(|_| answer(200, "ready")).await;
    let place = Place::new(Options::default()).await;
    for check in [
        wit::Check::Http(get("127.0.0.1", site.port)),
        wit::Check::Tcp(wit::TcpProbe { host: "127.0.0.1".into(), port: site.port }),
    ] {
        let failure = place.call(wait(&place, None, check)).await.err().unwrap();
        let grant = site.grant();
        assert_eq!(failure.message, format!("the plugin `notify` may not send requests to {grant}"));
        let hint = format!("if it should: windlass grant add shop/production http {grant} --plugin notify");
        assert_eq!(failure.hint.unwrap(), hint);
    }
    assert!(site.seen().is_empty());
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    for check in [
        wit::Check::Http(get("127.0.0.1", site.port)),
        wit::Check::Tcp(wit::TcpProbe { host: "127.0.0.1".into(), port: site.port }),
    ] {
        assert_eq!(place.call(wait(&place, None, check)).await.ok().unwrap().attempts, 1);
    }
    let reasons = attempts(&place).await;
    let port = site.port;
    assert_eq!(reasons, [format!("1/3: GET :{port}/health → 200"), format!("1/3: connect :{port} → connected")]);
}

#[tokio::test]
async fn what_cannot_be_probed_from_the_server_is_said() {
    let place = Place::new(Options::default()).await;
    let exec = wit::Check::Exec(wit::ExecProbe { argv: vec!["true".into()] });
    let failure = place.call(wait(&place, None, exec)).await.err().unwrap();
    assert_eq!(failure.message, "a health check that runs a command needs a target to run it on");
    let mut logged = wait(&place, None, wit::Check::Http(get("127.0.0.1", 1)));
    logged.log = Some(AppLog::File("app.log".into()));
    let failure = place.call(logged).await.err().unwrap();
    assert_eq!(failure.message, "a probe from the server has no log: `log` needs a target");
}

#[tokio::test]
async fn a_body_without_the_text_is_unhealthy() {
    let asked = AtomicU32::new(0);
    let site = Site::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => answer(200, "starting"),
        _ => answer(200, format!("{}all ready", "x".repeat(60_000))),
    })
    .await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    let probe = wit::HttpProbe { contains: Some("ready".into()), ..get("127.0.0.1", site.port) };
    let report = place.call(wait(&place, None, wit::Check::Http(probe))).await.ok().unwrap();
    assert_eq!(report.attempts, 2);
    let first = format!("1/3: GET :{}/health → 200, but its body does not contain `ready`", site.port);
    assert_eq!(attempts(&place).await[0], first);
}

#[tokio::test]
async fn failures_in_a_row_end_it_early() {
    let site = Site::start(|_| answer(503, "")).await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    let mut waiting = wait(&place, None, wit::Check::Http(get("127.0.0.1", site.port)));
    (waiting.attempts, waiting.failures) = (30, 2);
    let failure = place.call(waiting).await.err().unwrap();
    let message = format!("from the server: 2/30: GET :{}/health → 503", site.port);
    assert_eq!((failure.code.as_str(), failure.message), ("unhealthy", message));
    assert_eq!(site.seen().len(), 2);
}

#[tokio::test]
async fn a_header_may_be_a_secret() {
    let site = Site::start(|seen| {
        answer(if seen.headers.get("x-key").is_some_and(|key| key == "hunter22") { 200 } else { 401 }, "")
    })
    .await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], secrets: &[("KEY", "hunter22")], ..Options::default() }).await;
    let key = crate::capability::wit::windlass::types::types::Segment::Secret("KEY".into());
    let probe = wit::HttpProbe { headers: vec![("x-key".into(), vec![key])], ..get("127.0.0.1", site.port) };
    place.call(wait(&place, None, wit::Check::Http(probe))).await.ok().unwrap();
    assert!(!place.recorded().await.contains("hunter22"));
}

/// A real SSH server that is this machine, as the target `web-1`.
async fn web_1(directory: &std::path::Path) -> (Ssh, TargetAddress, DropGuard) {
    let ssh = Ssh::new(SshConfig::new(directory.join("keys"))).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (host_key, home) = (directory.join("host_key"), directory.join("home"));
    let address = TargetAddress {
        name: "web-1".into(),
        host: "127.0.0.1".into(),
        port,
        user: "demo".into(),
        host_key: target::public_host_key(&host_key).unwrap(),
        identity: Identity::Stored,
        jump: None,
    };
    let stop = CancellationToken::new();
    let (authorized, stopped) = (ssh.public_key().to_owned(), stop.clone());
    tokio::spawn(async move { target::serve(listener, &host_key, &authorized, &home, stopped).await.unwrap() });
    (ssh, address, stop.drop_guard())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_a_target_tls_is_verified() {
    let directory = tempfile::tempdir().unwrap();
    let (ssh, address, _stop) = web_1(directory.path()).await;
    let site = Site::start_tls("app.internal", |_| answer(200, "ready")).await;
    let options =
        Options { targets: vec![address], ssh: Some(ssh), tls: site.trusted("app.internal"), ..Options::default() };
    let place = Place::new(options).await;
    let over = |server_name: Option<&str>| {
        let tls = Some(wit::Tls { server_name: server_name.map(Into::into) });
        wait(&place, Some("web-1"), wit::Check::Http(wit::HttpProbe { tls, ..get("127.0.0.1", site.port) }))
    };
    assert_eq!(place.call(over(Some("app.internal"))).await.ok().unwrap().attempts, 1);
    // The name of the probe's host is not that of the certificate, and nobody vouches for it.
    let failure = place.call(over(None)).await.err().unwrap();
    let port = site.port;
    let said = format!("web-1: 3/3: GET https://127.0.0.1:{port}/health → TLS: its certificate is not trusted: ");
    assert!(failure.message.starts_with(&said), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_quotes_the_end_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (ssh, address, _stop) = web_1(directory.path()).await;
    let site = Site::start(|_| answer(503, "")).await;
    let secrets = &[("PASSWORD", "hunter22")];
    let place = Place::new(Options { secrets, targets: vec![address], ssh: Some(ssh), ..Options::default() }).await;
    let log = directory.path().join("app.log");
    let lines: String = (1..=30).map(|line| format!("line {line} hunter22\n")).collect();
    std::fs::write(&log, lines).unwrap();
    let waiting = |log: &std::path::Path| WaitHealthy {
        log: Some(AppLog::File(log.display().to_string())),
        ..wait(&place, Some("web-1"), wit::Check::Http(get("127.0.0.1", site.port)))
    };
    let failure = place.call(waiting(&log)).await.err().unwrap();
    let unhealthy = format!("web-1: 3/3: GET :{}/health → 503", site.port);
    let quoted: String = (11..=30).map(|line| format!("\napp: line {line} ***")).collect();
    assert_eq!(failure.message, unhealthy.clone() + &quoted);
    // One that cannot be read does not hide the failure.
    let gone = directory.path().join("gone.log");
    assert_eq!(place.call(waiting(&gone)).await.err().unwrap().message, unhealthy);
    let recorded = place.recorded().await;
    assert!(recorded.contains("gone.log cannot be read: tail: "), "{recorded}");
}

/// What is said while it is probed is in the log; a failure quotes the end of it, in both ways.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_says_is_logged_and_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let (ssh, address, _stop) = web_1(directory.path()).await;
    let said = directory.path().join("said");
    let secrets = &[("PASSWORD", "hunter22")];
    let place = Place::new(Options { secrets, targets: vec![address], ssh: Some(ssh), ..Options::default() }).await;
    // The probe is unhealthy until the command has spoken, and is given up then.
    let probe = wit::ExecProbe { argv: argv(&format!("test ! -e {}", said.display())) };
    let follow = format!("echo out hunter22; echo err >&2; touch {}; exec sleep 1000", said.display());
    let waiting = |tail: &str| WaitHealthy {
        log: Some(AppLog::from(wit::AppLog::Commands(wit::LogCommands {
            follow: argv(&follow),
            tail: if tail.is_empty() { Vec::new() } else { argv(tail) },
        }))),
        attempts: 1_000_000,
        failures: 1,
        successes: 1_000_000,
        ..wait(&place, Some("web-1"), wit::Check::Exec(probe.clone()))
    };
    let failure = place.call(waiting("echo the end")).await.err().unwrap();
    assert!(failure.message.ends_with("\napp: the end"), "{failure:?}");
    std::fs::remove_file(&said).unwrap();
    let failure = place.call(waiting("")).await.err().unwrap();
    assert!(failure.message.ends_with("\napp: out ***\napp: err"), "{failure:?}");
    let recorded = place.recorded().await;
    assert!(recorded.contains("out ***"), "{recorded}");
}

fn argv(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(str::to_owned).to_vec()
}
