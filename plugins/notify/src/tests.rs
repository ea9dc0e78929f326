use super::Notify;
use serde_json::{Value, json};
use windlass_sdk::http::{Method, Request, Response};
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Commit, DeploymentKind};

fn harness(config: Value) -> Harness {
    let mut harness = Harness::new().config(config);
    let context = harness.context();
    context.deployment.url = Some("https://deploy.example.com/projects/shop/41".to_owned());
    context.release.commit = Some(Commit {
        sha: "4f2a9c1".to_owned(),
        branch: Some("main".to_owned()),
        message: Some("Sell \"more\"".to_owned()),
        author: None,
    });
    harness.on_http(|_| Ok(Response::new(200, "ok")));
    harness
}

fn sent(config: Value) -> (Request, Value) {
    let mut harness = harness(config);
    assert_eq!(harness.run::<Notify>().unwrap(), json!({ "status": 200 }));
    let [Call::Http(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    let body = serde_json::from_str(&request.body.to_string()).unwrap();
    (request.clone(), body)
}

#[test]
fn by_default_all_that_is_known_is_posted() {
    let (request, body) = sent(json!({ "url": ["https://hooks.example.com/", { "secret": "HOOK" }] }));
    assert_eq!(
        (request.method, request.url.to_string().as_str()),
        (Method::Post, "https://hooks.example.com/{{secret:HOOK}}")
    );
    assert_eq!(request.headers[0].1.to_string(), "application/json");
    assert_eq!((request.retries, request.idempotency_key), (0, false));
    assert_eq!(
        body,
        json!({
            "text": "ada deployed shop 20260305-143022 on production (shop#41)",
            "project": "shop", "environment": "production", "label": "shop#41", "number": 41,
            "url": "https://deploy.example.com/projects/shop/41", "actor": "ada", "kind": "deploy",
            "release": "20260305-143022", "commit": "4f2a9c1", "branch": "main",
            "commit_message": "Sell \"more\""
        })
    );
}

#[test]
fn slack_gets_a_text_with_a_link() {
    let config = json!({ "url": "https://hooks.slack.com/x", "format": "slack", "text": "shop <is> live & well" });
    let link = "<https://deploy.example.com/projects/shop/41|shop#41>";
    assert_eq!(sent(config).1, json!({ "text": format!("shop &lt;is&gt; live &amp; well {link}") }));
}

#[test]
fn a_template_is_filled() {
    let body = json!({
        "content": "{{label}} by {{ actor }}: {{commit_message}}{{author}}",
        "embeds": [{ "id": "{{number}}", "other": "{{unknown}} {{", "flag": true }]
    });
    let (_, sent) = sent(json!({ "url": "https://hooks.example.com/", "body": body }));
    assert_eq!(
        sent,
        json!({
            "content": "shop#41 by ada: Sell \"more\"",
            "embeds": [{ "id": 41, "other": "{{unknown}} {{", "flag": true }]
        })
    );
}

#[test]
fn a_rollback_is_called_so() {
    let mut harness = harness(json!({ "url": "https://hooks.example.com/", "format": "slack" }));
    harness.context().kind = DeploymentKind::Rollback;
    harness.run::<Notify>().unwrap();
    let [Call::Http(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert!(request.body.to_string().contains("ada rolled back to shop 20260305-143022 on production"));
}

#[test]
fn what_is_configured_is_asked_for() {
    let (request, _) = sent(json!({
        "url": "https://hooks.example.com/", "method": "PUT", "retries": 3, "idempotency_key": true,
        "timeout_seconds": 5, "headers": { "Content-Type": "application/x", "authorization": { "secret": "TOKEN" } }
    }));
    assert_eq!((request.method, request.retries, request.idempotency_key), (Method::Put, 3, true));
    assert_eq!(request.timeout.unwrap().as_secs(), 5);
    let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(headers, ["Content-Type: application/x", "authorization: {{secret:TOKEN}}"]);
}

#[test]
fn a_refusal_is_a_failure_that_names_no_secret() {
    let mut harness = harness(json!({ "url": ["https://hooks.example.com/", { "secret": "HOOK" }] }));
    harness.on_http(|_| Ok(Response::new(404, "no_service\n")));
    let error = harness.run::<Notify>().unwrap_err();
    let message = "POST https://hooks.example.com/{{secret:HOOK}} was answered with 404\n  no_service";
    assert_eq!((error.message.as_str(), error.retryable), (message, false));
    let hint = "check the stage's `url` and what its receiver wants as `body` and `headers`";
    assert_eq!(error.hint.as_deref(), Some(hint));
}

#[test]
fn a_plan_sends_nothing_and_makes_the_same_call() {
    let mut planned = harness(json!({ "url": "https://hooks.example.com/" }));
    planned.on_http(|_| panic!("a plan sends nothing"));
    assert_eq!(planned.plan::<Notify>().unwrap(), json!({ "status": 200 }));
    assert_eq!(planned.calls(), ["http.send POST https://hooks.example.com/"]);
}
