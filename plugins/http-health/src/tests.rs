use super::HttpHealth;
use serde_json::json;
use std::time::Duration;
use windlass_sdk::docker::{LogLine, Reply, Request};
use windlass_sdk::health::{AppLog, Check, Policy, Report, Tls};
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Error, ErrorKind, Text};

#[test]
fn all_that_is_configured_is_asked_for() {
    let mut harness = Harness::new().target("web-1").config(json!({
        "port": 3000, "path": "/up", "interval_seconds": 2, "timeout_seconds": 3, "attempts": 4, "successes": 5,
        "statuses": [200, 204], "headers": { "Host": "shop.example.com" }, "failures": 2, "contains": "ready",
        "tls_name": "shop.internal"
    }));
    harness.on_health(|_| Ok(Report { attempts: 2, latency: Duration::from_millis(7) }));
    assert_eq!(harness.run::<HttpHealth>().unwrap(), json!({ "attempts": 2, "latency_ms": 7 }));
    let [Call::WaitHealthy(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    let seconds = Duration::from_secs;
    assert_eq!(
        request.policy,
        Policy { interval: seconds(2), timeout: seconds(3), attempts: 4, successes: 5, failures: 2 }
    );
    let Check::Http(probe) = &request.check else { panic!("{request:?}") };
    assert_eq!((probe.host.as_str(), probe.port, probe.path.as_str()), ("127.0.0.1", 3000, "/up"));
    assert_eq!(probe.statuses, [200, 204]);
    assert_eq!(probe.headers, [("Host".to_owned(), Text::from("shop.example.com"))]);
    assert_eq!(probe.contains.as_deref(), Some("ready"));
    assert_eq!(probe.tls, Some(Tls { server_name: Some("shop.internal".to_owned()) }));
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
fn the_apps_log_is_named_to_the_host_which_quotes_it() {
    let mut harness = Harness::new().target("web-1").config(json!({ "port": 3000, "log": "shop/run/app.log" }));
    let unhealthy = Error::failed("web-1: 30/30: GET :3000/health → 503\napp: KeyError").code("unhealthy");
    let answer = unhealthy.clone();
    harness.on_health(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<HttpHealth>().unwrap_err(), unhealthy);
    let [Call::WaitHealthy(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert_eq!(request.log, Some(AppLog::File("shop/run/app.log".to_owned())));
}

#[test]
fn what_writes_the_log_is_named_to_the_host_which_runs_it() {
    let config = json!({ "port": 3000, "follow": ["follow", "shop"], "tail": ["tail", "shop"] });
    let mut harness = Harness::new().target("web-1").config(config);
    harness.on_health(|_| Ok(Report { attempts: 1, latency: Duration::ZERO }));
    harness.run::<HttpHealth>().unwrap();
    let [Call::WaitHealthy(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    let argv = |program: &str| vec![program.to_owned(), "shop".to_owned()];
    assert_eq!(request.log, Some(AppLog::Commands { follow: argv("follow"), tail: argv("tail") }));
    let both = json!({ "port": 3000, "log": "x.log", "follow": ["cat", "x.log"] });
    let error = Harness::new().target("web-1").config(both).run::<HttpHealth>().unwrap_err();
    assert_eq!(error.message, "`log` excludes `follow` and `tail`");
}

#[test]
fn the_server_itself_looks_over_tls() {
    let mut harness = Harness::new().config(json!({
        "port": 443, "host": "shop.example.com", "from": "server", "tls": true,
        "headers": { "authorization": ["Bearer ", { "secret": "TOKEN" }] }
    }));
    harness.on_health(|_| Ok(Report { attempts: 1, latency: Duration::ZERO }));
    harness.run::<HttpHealth>().unwrap();
    let [Call::WaitHealthy(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    let Check::Http(probe) = &request.check else { panic!("{request:?}") };
    assert_eq!((request.target.as_deref(), &probe.tls), (None, &Some(Tls { server_name: None })));
    assert_eq!(probe.headers[0].1.to_string(), "Bearer {{secret:TOKEN}}");
}

#[test]
fn another_error_is_passed_on_as_it_is() {
    let lost = Error::new(ErrorKind::Unreachable, "the connection to web-1 was lost");
    let mut harness = Harness::new().target("web-1").config(json!({ "port": 3000, "log": "x.log" }));
    let answer = lost.clone();
    harness.on_health(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<HttpHealth>().unwrap_err(), lost);
}

#[test]
fn a_failure_quotes_the_end_of_the_containers_log() {
    let mut harness = Harness::new().target("web-1").config(json!({ "port": 3000, "container": "shop-41" }));
    harness.on_health(|_| Err(Error::failed("web-1: 3/20: GET :3000/ → 500").code("unhealthy")));
    harness.on_docker(|request| {
        let Request::Logs { container, tail: Some(20), .. } = request else { panic!("{request}") };
        assert_eq!(container, "shop-41");
        let line = LogLine { stderr: true, at: String::new(), text: "KeyError: DATABASE_URL".to_owned() };
        Ok(Reply::Lines(vec![line]))
    });
    let error = harness.run::<HttpHealth>().unwrap_err();
    assert_eq!(error.message, "web-1: 3/20: GET :3000/ → 500\n  KeyError: DATABASE_URL");
    harness.on_docker(|_| Err(Error::not_found("no such container")));
    let error = harness.run::<HttpHealth>().unwrap_err();
    assert_eq!(error.message, "web-1: 3/20: GET :3000/ → 500; the container has written nothing to its log");
}
