//! Each hop is checked, and carries only what it may.

use super::*;
use site::{answer, redirect};

fn with_headers(mut request: Request) -> Request {
    let header = |name, value, secret| Header::new(name, value, secret).unwrap();
    request.headers = vec![
        header("authorization", "Bearer t0ken", false),
        header("x-key", "hunter22", true),
        header("x-plain", "yes", false),
    ];
    request
}

#[tokio::test]
async fn to_the_metadata_service_is_refused() {
    let site = Site::start(|_| redirect(302, "http://169.254.169.254/latest/meta-data/")).await;
    let grant = site.grant();
    let error = send(&get(&site.url("/")), &[&grant]).await.unwrap_err();
    assert_eq!(error.to_string(), format!("169.254.169.254 is not granted ({grant} redirects there)"));
    assert_eq!(site.seen().len(), 1);
}

#[tokio::test]
async fn each_way_to_write_a_forbidden_place_is_refused() {
    let inside = Site::start(|_| answer(200, "inside")).await;
    let port = inside.port;
    let places = [
        format!("http://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://hooks.example.com@127.0.0.1:{port}/"),
        format!("http:\\\\127.0.0.1:{port}\\"),
    ];
    for place in places {
        let location = place.clone();
        let site = Site::start(move |_| redirect(302, &location)).await;
        let refused = send(&get(&site.url("/")), &[&site.grant(), "hooks.example.com"]).await;
        assert!(
            matches!(refused.unwrap_err(), OutboundError::HostDenied { .. } | OutboundError::BadRedirect { .. }),
            "{place}"
        );
    }
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn only_http_is_followed() {
    for (location, reason) in [
        ("file:///etc/passwd", "the URL has the scheme `file`; only http and https are spoken"),
        ("gopher://127.0.0.1/", "the URL has the scheme `gopher`; only http and https are spoken"),
        ("http://", "the URL cannot be read: empty host"),
    ] {
        let site = Site::start(move |_| redirect(302, location)).await;
        let error = send(&get(&site.url("/")), &[&site.grant()]).await.unwrap_err();
        let host = site.grant();
        assert_eq!(error.to_string(), format!("{host} redirects to what cannot be followed: {reason}"));
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let site = Site::start(|_| redirect(302, "/again")).await;
    let error = send(&get(&site.url("/")), &[&site.grant()]).await.unwrap_err();
    let host = site.grant();
    assert_eq!(error.to_string(), format!("{host} and what it redirects to answered with more than 5 redirects"));
    assert_eq!(site.seen().len(), 6);
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let there = Site::start(|_| answer(200, "there")).await;
    let location = there.url("/end");
    let here = Site::start(move |seen| match seen.path.as_str() {
        "/start" => redirect(302, "/next"),
        _ => redirect(302, &location),
    })
    .await;
    let request = with_headers(get(&here.url("/start")));
    let answered = send(&request, &[&here.grant(), &there.grant()]).await.unwrap();
    assert_eq!(answered.body, b"there");
    for seen in here.seen() {
        assert_eq!((&*seen.headers["authorization"], &*seen.headers["x-key"]), ("Bearer t0ken", "hunter22"));
    }
    let seen = &there.seen()[0];
    assert_eq!(seen.headers["x-plain"], "yes");
    assert!(!seen.headers.contains_key("authorization") && !seen.headers.contains_key("x-key"), "{seen:?}");
}

#[tokio::test]
async fn once_away_credentials_do_not_come_back() {
    let (sender, receiver) = std::sync::mpsc::channel::<String>();
    let receiver = std::sync::Mutex::new(receiver);
    let there = Site::start(move |_| redirect(302, &receiver.lock().unwrap().recv().unwrap())).await;
    let away = there.url("/");
    let here = Site::start(move |seen| match seen.path.as_str() {
        "/start" => redirect(302, &away),
        _ => answer(200, "home"),
    })
    .await;
    sender.send(here.url("/end")).unwrap();
    send(&with_headers(get(&here.url("/start"))), &[&here.grant(), &there.grant()]).await.unwrap();
    assert!(!here.seen()[1].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_post_becomes_a_get_or_keeps_its_body() {
    for (status, line, body) in [
        (301, "GET /end", ""),
        (302, "GET /end", ""),
        (303, "GET /end", ""),
        (307, "POST /end", "x=1"),
        (308, "POST /end", "x=1"),
    ] {
        let site = Site::start(move |seen| match seen.path.as_str() {
            "/start" => redirect(status, "/end"),
            _ => answer(200, ""),
        })
        .await;
        let mut post = request(Method::POST, &site.url("/start"));
        post.body = "x=1".into();
        post.headers.push(Header::new("content-type", "text/plain", false).unwrap());
        send(&post, &[&site.grant()]).await.unwrap();
        let last = site.seen().pop().unwrap();
        assert_eq!((site.lines()[1].as_str(), last.body.as_str()), (line, body), "{status}");
        assert_eq!(last.headers.contains_key("content-type"), !body.is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_body_with_secrets_goes_nowhere_else() {
    let there = Site::start(|_| answer(200, "")).await;
    let location = there.url("/");
    let here = Site::start(move |_| redirect(307, &location)).await;
    let mut post = request(Method::POST, &here.url("/"));
    (post.body, post.secret_body) = ("hunter22".into(), true);
    let error = send(&post, &[&here.grant(), &there.grant()]).await.unwrap_err();
    let reason = "redirects to what cannot be followed: it would take a body with secrets to another origin";
    assert_eq!(error.to_string(), format!("{} {reason}", here.grant()));
    assert!(there.seen().is_empty());
}
