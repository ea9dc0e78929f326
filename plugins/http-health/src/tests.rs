use super::HttpHealth;
use serde_json::json;
use std::time::Duration;
use windlass_sdk::health::{Check, Policy, Report};
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Error, ErrorKind};

fn unhealthy() -> Error {
    Error::failed("12/12: GET :3000/health → 503").code("unhealthy")
}

fn failing(config: serde_json::Value) -> Harness {
    let mut harness = Harness::new().target("web-1").config(config);
    harness.on_health(|_| Err(unhealthy()));
    harness
}

#[test]
fn all_that_is_configured_is_asked_for() {
    let mut harness = Harness::new().target("web-1").config(json!({
        "port": 3000, "path": "/up", "interval_seconds": 2, "timeout_seconds": 3, "attempts": 4, "successes": 5,
        "statuses": [200, 204], "headers": { "Host": "shop.example.com" }
    }));
    harness.on_health(|_| Ok(Report { attempts: 2, latency: Duration::from_millis(7) }));
    assert_eq!(harness.run::<HttpHealth>().unwrap(), json!({ "attempts": 2, "latency_ms": 7 }));
    let [Call::WaitHealthy(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    let seconds = Duration::from_secs;
    assert_eq!(request.policy, Policy { interval: seconds(2), timeout: seconds(3), attempts: 4, successes: 5 });
    let Check::Http(probe) = &request.check else { panic!("{request:?}") };
    assert_eq!((probe.host.as_str(), probe.port, probe.path.as_str()), ("127.0.0.1", 3000, "/up"));
    assert_eq!(probe.statuses, [200, 204]);
    assert_eq!(probe.headers, [("Host".to_owned(), "shop.example.com".to_owned())]);
}

#[test]
fn by_default_it_tries_thirty_times_a_second_apart() {
    let mut harness = Harness::new().target("web-1").config(json!({ "port": 3000 }));
    harness.on_health(|request| {
        assert_eq!(request.policy, Policy::default());
        Ok(Report { attempts: 1, latency: Duration::ZERO })
    });
    harness.run::<HttpHealth>().unwrap();
    assert_eq!(harness.calls(), ["health.wait-healthy web-1: GET 127.0.0.1:3000/health"]);
}

#[test]
fn a_failure_quotes_the_end_of_the_apps_log() {
    let mut harness = failing(json!({ "port": 3000, "log": "shop/run/app.log" }));
    harness.next_exec(Ok(Output::ok("listening\nKeyError: DATABASE_URL\n")));
    let error = harness.run::<HttpHealth>().unwrap_err();
    assert_eq!(error.message, "12/12: GET :3000/health → 503\napp: listening\napp: KeyError: DATABASE_URL");
    assert_eq!(error.code, "unhealthy");
    assert_eq!(harness.calls().last().unwrap(), "ssh-exec.exec web-1: tail -n 20 shop/run/app.log");
}

#[test]
fn a_log_that_cannot_be_read_does_not_hide_the_failure() {
    let mut harness = failing(json!({ "port": 3000, "log": "shop/run/app.log" }));
    harness.next_exec(Ok(Output::failed(1, "tail: cannot open 'shop/run/app.log'\n")));
    assert_eq!(harness.run::<HttpHealth>().unwrap_err(), unhealthy());
    assert!(harness.log()[0].1.starts_with("the app's log cannot be read"));
}

#[test]
fn another_error_is_passed_on_as_it_is() {
    let lost = Error::new(ErrorKind::Unreachable, "the connection to web-1 was lost");
    let mut harness = Harness::new().target("web-1").config(json!({ "port": 3000, "log": "x.log" }));
    let answer = lost.clone();
    harness.on_health(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<HttpHealth>().unwrap_err(), lost);
}
