//! Requests as effects: what is granted, recorded, masked and captured, against real servers.

use super::*;
use crate::capability::segment::SecretRef;
use crate::capability::testing::{Options, Place};
use crate::outbound::tests::site::{Site, answer, redirect};
use expect_test::expect;
use windlass_api_types::{ErrorKind, EventBody};

fn text(text: impl Into<String>) -> Vec<Segment> {
    vec![Segment::Text(text.into())]
}

fn secret(name: &str) -> Segment {
    Segment::Secret(SecretRef { name: name.into(), version: Some(1) })
}

fn send(method: Method, url: impl Into<String>) -> Send {
    Send {
        method,
        url: text(url),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: None,
        max_response_bytes: 64 * 1024,
        retries: 0,
        idempotency_key: false,
        reads: false,
        sigv4: None,
        capture: None,
        assume: None,
    }
}

fn shown(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("no hint");
    format!("{:?} {}: {}\n{hint}", failure.kind, failure.code, failure.message)
}

#[tokio::test]
async fn a_host_must_be_granted() {
    let site = Site::start(|_| answer(200, "hello")).await;
    let place = Place::new(Options::default()).await;
    let failure = place.call(send(Method::Get, "https://hooks.example.com/x")).await.unwrap_err();
    expect![[r"
        Denied http-denied: the plugin `notify` may not send requests to hooks.example.com
        if it should: windlass grant add shop/production http hooks.example.com --plugin notify"]]
    .assert_eq(&shown(&failure));
    assert_eq!(place.call(send(Method::Get, site.url("/"))).await.unwrap_err().kind, ErrorKind::Denied);
    assert!(site.seen().is_empty());
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    let response = place.call(send(Method::Get, site.url("/"))).await.unwrap();
    assert_eq!((response.status, response.body.0.as_slice()), (200, &b"hello"[..]));
}

#[tokio::test]
async fn a_redirect_to_the_metadata_service_is_denied() {
    let site = Site::start(|_| redirect(302, "http://169.254.169.254/latest/meta-data/iam")).await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    let failure = place.call(send(Method::Get, site.url("/"))).await.unwrap_err();
    assert_eq!(
        shown(&failure),
        format!(
            "Denied http-denied: the plugin `notify` may not send requests to 169.254.169.254, where {grant} redirects\n\
             if it should: windlass grant add shop/production http 169.254.169.254 --plugin notify"
        )
    );
}

#[tokio::test]
async fn a_name_that_leads_home_is_denied() {
    let place = Place::new(Options { hosts: &["*.localhost:9"], ..Options::default() }).await;
    let mut request = send(Method::Get, "http://app.localhost:9/");
    request.retries = 1;
    let failure = place.call(request).await.unwrap_err();
    // Some machines know no names below `localhost`.
    if failure.code != "name-unknown" {
        let said = "the plugin `notify` may not send requests to app.localhost:9: its address ";
        assert!(failure.message.starts_with(said), "{failure:?}");
        assert!(failure.message.ends_with("is one of the server's own network"), "{failure:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    let place = Place::new(Options { secrets: &[("TOKEN", "hunter22\n")], ..Options::default() }).await;
    let url = "https://hooks.example.com/";
    let with = |change: fn(&mut Send)| {
        let mut request = send(Method::Post, url);
        change(&mut request);
        request
    };
    let mut said = String::new();
    for request in [
        send(Method::Get, "ftp://hooks.example.com/"),
        send(Method::Get, "https://ada:hunter22@hooks.example.com/"),
        with(|request| request.max_response_bytes = 5_000_000),
        with(|request| request.retries = 1),
        with(|request| request.body = text("x".repeat(1024 * 1024 + 1))),
        with(|request| request.headers = vec![("x-token".into(), vec![secret("TOKEN")])]),
        with(|request| request.headers = vec![("host".into(), text("elsewhere"))]),
        with(|request| request.capture = Some(Capture { pointer: "token".into(), secret: "TOKEN".into() })),
        with(|request| request.capture = Some(Capture { pointer: "/token".into(), secret: "OTHER".into() })),
        with(|request| request.capture = Some(Capture { pointer: "/token".into(), secret: "A B".into() })),
    ] {
        said += &(shown(&place.call(request).await.unwrap_err()) + "\n");
    }
    expect![[r"
        InvalidInput bad-request: the URL has the scheme `ftp`; only http and https are spoken
        no hint
        InvalidInput bad-request: the URL has a user name or password in it; put them into the header `Authorization`
        no hint
        InvalidInput response-too-large: max_response_bytes is more than 4 MiB
        no hint
        InvalidInput retried-once: a POST is sent once, and cannot have retries
        if its server knows the header `idempotency-key`, set idempotency_key
        InvalidInput body-too-large: the body of the request has 1048577 bytes; 1 MiB is allowed
        no hint
        InvalidInput bad-request: the value of the header `x-token` holds a line break or another control character
        no hint
        InvalidInput bad-request: the header `host` is written by the server itself
        no hint
        InvalidInput bad-pointer: `token` is no JSON pointer to a field: it begins with `/`
        no hint
        Denied secret-denied: the plugin `notify` may not use the secret `OTHER`
        if it should: windlass grant add shop/production secret OTHER --plugin notify
        InvalidInput bad-secret: `A B` cannot be the name of a secret: letters, digits and underscores, at most 100, and the first is no digit
        no hint
    "]]
    .assert_eq(&said);
}

#[tokio::test]
async fn a_secret_is_sent_and_seen_nowhere_else() {
    let site = Site::start(|seen| answer(200, format!("you sent {:?} {}", seen.headers, seen.path))).await;
    let grant = site.grant();
    let options = Options { secrets: &[("TOKEN", "hunter22/and more")], hosts: &[&grant], ..Options::default() };
    let place = Place::new(options).await;
    let mut request = send(Method::Post, site.url("/hook/"));
    request.url.push(secret("TOKEN"));
    request.headers = vec![("authorization".into(), vec![Segment::Text("Bearer ".into()), secret("TOKEN")])];
    request.body = vec![secret("TOKEN")];
    let response = place.call(request).await.err();
    // A space is no part of a URL: said without the URL.
    assert_eq!(response.unwrap().message, "the URL holds a space or a control character");
    let mut request = send(Method::Post, site.url("/hook"));
    request.headers = vec![("authorization".into(), vec![Segment::Text("Bearer ".into()), secret("TOKEN")])];
    request.body = vec![secret("TOKEN")];
    let response = place.call(request).await.unwrap();
    let seen = site.seen().pop().unwrap();
    assert_eq!((&*seen.headers["authorization"], &*seen.body), ("Bearer hunter22/and more", "hunter22/and more"));
    let echoed = String::from_utf8(response.body.0).unwrap();
    assert!(echoed.contains("Bearer ***") && !echoed.contains("hunter22"), "{echoed}");
    let recorded = place.recorded().await;
    assert!(recorded.contains(r#"{"secret":"TOKEN@1"}"#) && !recorded.contains("hunter22"), "{recorded}");
}

#[tokio::test]
async fn a_value_that_is_cut_is_not_shown_in_part() {
    let site = Site::start(|_| answer(200, "your key is hunter22-and-more")).await;
    let grant = site.grant();
    let place =
        Place::new(Options { secrets: &[("TOKEN", "hunter22-and-more")], hosts: &[&grant], ..Options::default() })
            .await;
    let mut request = send(Method::Get, site.url("/"));
    request.max_response_bytes = 22;
    let response = place.call(request).await.unwrap();
    assert_eq!((String::from_utf8(response.body.0).unwrap(), response.truncated), ("your key is ".into(), true));
}

#[tokio::test]
async fn a_field_is_captured_and_found_nowhere_but_in_the_vault() {
    let body = r#"{"id": 7, "data": {"token": "fr3sh-t\u006fken\/1"}, "again": ["x fr3sh-token/1"]}"#;
    let site = Site::start(move |_| {
        http::Response::builder().status(201).header("x-token", "fr3sh-token/1").body(body.into()).unwrap()
    })
    .await;
    let grant = site.grant();
    let options = Options { hosts: &[&grant], granted: &["FRESH"], ..Options::default() };
    let place = Place::new(options).await;
    let mut request = send(Method::Post, site.url("/tokens"));
    request.capture = Some(Capture { pointer: "/data/token".into(), secret: "FRESH".into() });
    let response = place.call(request).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&response.body.0).unwrap();
    assert_eq!(body, serde_json::json!({ "id": 7, "data": { "token": "***" }, "again": ["x ***"] }));
    assert_eq!(response.headers.iter().find(|(name, _)| name == "x-token").unwrap().1, "***");
    // In the vault, by this deployment …
    let environment = place.world.environment;
    let listed = place.world.vault.list(environment).await.unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].version, listed[0].created_by.as_str()), ("FRESH", 1, "shop#41"));
    let versions = place.world.vault.versions(environment).await.unwrap();
    let opened = place.world.vault.secrets(environment, &versions).await.unwrap();
    assert_eq!(opened.get("FRESH", 1).unwrap().expose(), "fr3sh-token/1");
    // … and in nothing that comes later, however it is written.
    place.log("later: fr3sh-token/1 and ZnIzc2gtdG9rZW4vMQ==").await;
    let recorded = place.recorded().await;
    assert!(recorded.contains("later: *** and ***"), "{recorded}");
    assert!(!recorded.contains("fr3sh-t"), "{recorded}");
    assert!(!place.on_disk("fr3sh-t") && place.on_disk("later: ***"));
}

#[tokio::test]
async fn what_cannot_be_captured_is_said() {
    let cases = [
        (r#"{"token": 7}"#, "the answer has no text at `/token`: nothing was captured into the secret `FRESH`"),
        (r#"{"other": "x"}"#, "the answer has no field `/token`: nothing was captured into the secret `FRESH`"),
        ("<html>", "the answer is not JSON: nothing was captured into the secret `FRESH`"),
        (
            r#"{"token": "abc"}"#,
            "the answer has less than 4 characters at `/token`: nothing was captured into the secret `FRESH`",
        ),
    ];
    for (body, said) in cases {
        let site = Site::start(move |_| answer(200, body)).await;
        let grant = site.grant();
        let place = Place::new(Options { hosts: &[&grant], granted: &["FRESH"], ..Options::default() }).await;
        let mut request = send(Method::Post, site.url("/"));
        request.capture = Some(Capture { pointer: "/token".into(), secret: "FRESH".into() });
        let failure = place.call(request).await.unwrap_err();
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("capture", said));
        assert!(place.world.vault.list(place.world.environment).await.unwrap().is_empty());
    }
}

#[test]
fn the_method_and_what_is_said_make_the_policy() {
    use RepeatPolicy::{Idempotent, Once, Read};
    let policy = |method, change: fn(&mut Send)| {
        let mut request = send(method, "https://hooks.example.com/");
        change(&mut request);
        request.policy()
    };
    let plain: fn(&mut Send) = |_| {};
    for (method, expected) in [
        (Method::Get, Read),
        (Method::Head, Read),
        (Method::Options, Read),
        (Method::Put, Idempotent),
        (Method::Delete, Idempotent),
        (Method::Post, Once),
        (Method::Patch, Once),
    ] {
        assert_eq!(policy(method, plain), expected, "{method:?}");
    }
    assert_eq!(policy(Method::Post, |request| request.reads = true), Read);
    assert_eq!(policy(Method::Post, |request| request.idempotency_key = true), Idempotent);
    let captures: fn(&mut Send) =
        |request| request.capture = Some(Capture { pointer: "/a".into(), secret: "A".into() });
    assert_eq!((policy(Method::Get, captures), policy(Method::Post, captures)), (Idempotent, Once));
}

#[tokio::test]
async fn an_interrupted_post_is_recorded_as_once_and_its_end_as_unknown() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let grant = silent.local_addr().unwrap().to_string();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    let request = send(Method::Post, format!("http://{grant}/"));
    let (answer, ()) = tokio::join!(place.call(request), async {
        // Its intent is stored before the first byte is sent; then the connection is lost.
        let stream = silent.accept().await.unwrap();
        let started = place.events().await.pop().unwrap();
        let EventBody::EffectStarted { policy, function, .. } = started.body else { panic!("{started:?}") };
        assert_eq!((policy, function.as_str()), (RepeatPolicy::Once, "http.send"));
        drop(stream);
    });
    let failure = answer.unwrap_err();
    assert_eq!((failure.kind, failure.retryable), (ErrorKind::OutcomeUnknown, false));
    let hint = "nobody can tell whether the request was performed: look there before it is sent again";
    assert_eq!(failure.hint.as_deref(), Some(hint));
    assert_eq!(failure.message, format!("{grant}: closed without an answer"));
}

#[tokio::test]
async fn an_idempotency_key_is_the_effects_own() {
    let site = Site::start(|_| answer(200, "")).await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], ..Options::default() }).await;
    for _ in 0..2 {
        let mut request = send(Method::Post, site.url("/"));
        request.idempotency_key = true;
        place.call(request).await.unwrap();
    }
    let keys: Vec<String> = site.seen().iter().map(|seen| seen.headers["idempotency-key"].clone()).collect();
    let run = place.journal.run();
    assert_eq!(keys, [0, 1].map(|position| crate::journal::idempotency_key(run, position).to_string()));
}

#[tokio::test]
async fn a_plan_sends_what_reads_and_lists_the_rest() {
    let site = Site::start(|_| answer(200, "read")).await;
    let grant = site.grant();
    let place = Place::new(Options { hosts: &[&grant], secrets: &[("TOKEN", "hunter22")], ..Options::default() }).await;
    let (read, _) = place.plan(send(Method::Get, site.url("/a"))).await;
    assert_eq!(read.unwrap().body.0, b"read");
    let mut post = send(Method::Post, site.url("/b/"));
    post.url.push(secret("TOKEN"));
    post.assume = Some(Response { status: 202, ..Response::empty_success() });
    let (assumed, log) = place.plan(post).await;
    assert_eq!(assumed.unwrap().status, 202);
    assert_eq!(log.take().0[0].summary, format!("POST http://{grant}/b/{{{{secret:TOKEN@1}}}}"));
    assert_eq!(site.lines(), ["GET /a"]);
}
