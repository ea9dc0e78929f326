//! Requests and answers, against a real server.

use super::*;
use site::answer;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_request_arrives_as_it_was_meant() {
    let site = Site::start(|_| answer(201, "made")).await;
    let mut put = request(Method::PUT, &site.url("/a%20b?c=d#fragment"));
    put.body = "{}".into();
    put.headers.push(Header::new("X-Who", "grün", false).unwrap());
    let answered = send(&put, &[&site.grant()]).await.unwrap();
    assert_eq!((answered.status.as_u16(), answered.body.as_slice(), answered.truncated), (201, &b"made"[..], false));
    let seen = site.seen().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.body.as_str()), ("PUT", "/a%20b?c=d", "{}"));
    assert_eq!((seen.headers["x-who"].as_str(), seen.headers["content-length"].as_str()), ("grün", "2"));
    assert_eq!(seen.headers["user-agent"], concat!("windlass/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let site = Site::start(|_| answer(200, "x".repeat(200_000))).await;
    let mut request = get(&site.url("/"));
    request.most = 70_000;
    let answered = send(&request, &[&site.grant()]).await.unwrap();
    assert_eq!((answered.body.len(), answered.truncated), (70_000, true));
    request.most = 200_000;
    assert!(!send(&request, &[&site.grant()]).await.unwrap().truncated);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let refused = |text: &str| parse_url(text).unwrap_err().to_string();
    let scheme = |scheme: &str| format!("the URL has the scheme `{scheme}`; only http and https are spoken");
    assert_eq!(refused("ftp://hunter22.example.com/"), scheme("ftp"));
    assert_eq!(refused("file:///etc/passwd"), scheme("file"));
    let credentials = "the URL has a user name or password in it; put them into the header `Authorization`";
    assert_eq!(refused("https://user:hunter22@example.com/"), credentials);
    assert_eq!(refused("https://hunter22@example.com/"), credentials);
    assert_eq!(refused("hunter22"), "the URL cannot be read: relative URL without a base");
    assert_eq!(refused("http://example.com/\r\nx: hunter22"), "the URL holds a space or a control character");
    let header = |name: &str, value: &str| Header::new(name, value, true).unwrap_err().to_string();
    assert_eq!(
        header("x-key", "hunter22\r\nx-evil: 1"),
        "the value of the header `x-key` holds a line break or another control character"
    );
    assert_eq!(header("x\r\nevil", "1"), "`x\\r\\nevil` cannot be the name of a header");
    for name in ["Host", "content-length", "Transfer-Encoding", "connection", "upgrade", "proxy-authorization"] {
        let name = name.to_lowercase();
        assert_eq!(header(&name, "1"), format!("the header `{name}` is written by the server itself"));
    }
}

#[tokio::test]
async fn another_attempt_follows_a_passing_failure() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let site = Site::start(move |_| match counter.fetch_add(1, Ordering::SeqCst) {
        0 => answer(503, ""),
        1 => answer(429, ""),
        _ => answer(200, "at last"),
    })
    .await;
    let mut request = get(&site.url("/"));
    request.retries = 3;
    assert_eq!(send(&request, &[&site.grant()]).await.unwrap().body, b"at last");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    count.store(0, Ordering::SeqCst);
    request.retries = 0;
    assert_eq!(send(&request, &[&site.grant()]).await.unwrap().status.as_u16(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_does_not_answer_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let mut request = get(&format!("http://{host}/"));
    request.timeout = Duration::from_millis(200);
    let error = send(&request, &[&host]).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host} did not answer within 0.2 s"));
    drop(silent);
    let error = send(&request, &[&host]).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host} cannot be reached: connection refused"));
    let (outbound, _) = resolving(&[]);
    let allowed = Allowed::new(["nowhere.example.com"]);
    let request = get("https://nowhere.example.com/");
    let error = outbound.send(&request, &allowed, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "the name nowhere.example.com is unknown: it has no address");
}

#[tokio::test]
async fn a_canceled_request_ends_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let cancel = CancellationToken::new();
    let (outbound, allowed) = (Outbound::new(Tls::default()), Allowed::new([host.as_str()]));
    let request = get(&format!("http://{host}/"));
    let (answer, ()) = tokio::join!(outbound.send(&request, &allowed, &cancel), async {
        drop(silent.accept().await.unwrap());
        cancel.cancel();
    });
    assert!(answer.is_err());
}

/// The example `get-vanilla` of AWS' own test suite.
#[test]
fn a_signature_is_that_of_the_test_suite() {
    let signature = Signature {
        service: "service".into(),
        region: "us-east-1".into(),
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
    };
    assert!(!format!("{signature:?}").contains("EXAMPLE"));
    let url = parse_url("https://example.amazonaws.com/").unwrap();
    let mut request = http::Request::get("/").header("host", "example.amazonaws.com").body(Default::default()).unwrap();
    let at = std::time::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    signature.sign(&mut request, &url, b"", at).unwrap();
    assert_eq!(
        request.headers()["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
}

#[tokio::test]
async fn a_signed_request_is_signed_for_its_own_origin_only() {
    let there = Site::start(|_| answer(200, "")).await;
    let location = there.url("/");
    let here = Site::start(move |_| site::redirect(307, &location)).await;
    let mut put = request(Method::PUT, &here.url("/bucket/key"));
    put.body = "contents".into();
    put.signature = Some(Signature {
        service: "s3".into(),
        region: "eu-central-1".into(),
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "hunter22".into(),
    });
    send(&put, &[&here.grant(), &there.grant()]).await.unwrap();
    let seen = here.seen().pop().unwrap();
    assert!(seen.headers["authorization"].starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{seen:?}");
    // The SHA-256 of the body.
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"contents"));
    assert_eq!(seen.headers["x-amz-content-sha256"], digest);
    assert!(!there.seen()[0].headers.contains_key("authorization"));
}
