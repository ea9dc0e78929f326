//! What goes wrong, with its exact text.

use super::super::testing::{READER, WRONG_SECRET};
use super::*;
use expect_test::{Expect, expect};

/// Every failure that a server for dynamic updates can answer.
struct Expected {
    wrong_secret: Expect,
    unknown_key: Expect,
    not_allowed: Expect,
    foreign_zone: Expect,
}

#[tokio::test]
async fn knot_refuses() {
    if let Some(server) = ready(DnsServer::knot()).await {
        let expected = Expected {
            wrong_secret: expect![""],
            unknown_key: expect![""],
            not_allowed: expect![""],
            foreign_zone: expect![""],
        };
        refuses(&server, expected).await;
    }
}

#[tokio::test]
async fn bind_refuses() {
    if let Some(server) = ready(DnsServer::bind()).await {
        let expected = Expected {
            wrong_secret: expect![""],
            unknown_key: expect![""],
            not_allowed: expect![""],
            foreign_zone: expect![""],
        };
        refuses(&server, expected).await;
    }
}

async fn refuses(server: &DnsServer, expected: Expected) {
    let at = server.address.as_str();
    let with = async |zone: &str, key: &str, secret: &str| {
        let zones = zones(zone, rfc2136(at, key), secret);
        let refused = upsert(&zones, &format!("www.{zone}"), RecordType::A, &["192.0.2.66"]).await.unwrap_err();
        said(&refused, at)
    };
    expected.wrong_secret.assert_eq(&with(ZONE, KEY, WRONG_SECRET).await);
    expected.unknown_key.assert_eq(&with(ZONE, "nobody", SECRET).await);
    expected.not_allowed.assert_eq(&with(ZONE, READER, SECRET).await);
    expected.foreign_zone.assert_eq(&with("elsewhere.test", KEY, SECRET).await);
    assert_eq!(server.says("www.example.test", RecordType::A).await.values, ["192.0.2.1"]);
    let zones = zones(ZONE, rfc2136(at, KEY), SECRET);
    let alias = upsert(&zones, "alias.example.test", RecordType::A, &["192.0.2.66"]).await.unwrap_err();
    expect![""].assert_eq(&said(&alias, at));
    let taken = upsert(&zones, "www.example.test", RecordType::Cname, &["example.org"]).await.unwrap_err();
    expect![""].assert_eq(&said(&taken, at));
}

#[tokio::test]
async fn powerdns_refuses() {
    let Some(server) = ready(DnsServer::powerdns()).await else { return };
    let with = async |zone: &str, key: &str, name: &str| {
        let zones = zones(zone, powerdns(&server.api), key);
        said(&upsert(&zones, name, RecordType::A, &["192.0.2.66"]).await.unwrap_err(), &server.api)
    };
    expect![""].assert_eq(&with(ZONE, "wrong-key", "www.example.test").await);
    expect![""].assert_eq(&with("elsewhere.test", API_KEY, "www.elsewhere.test").await);
    expect![""].assert_eq(&with(ZONE, API_KEY, "alias.example.test").await);
}

/// A port that nobody listens on.
fn nobody() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_server_that_is_down() {
    let at = nobody();
    let zones_there = zones(ZONE, rfc2136(&at, KEY), SECRET);
    let down = upsert(&zones_there, "www.example.test", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
    expect![""].assert_eq(&said(&down, &at));
    assert!(down.retryable);
    let zones_there = zones(ZONE, powerdns(&format!("http://{at}")), API_KEY);
    let down = upsert(&zones_there, "www.example.test", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
    expect![""].assert_eq(&said(&down, &at));
    assert!(down.retryable);
}

#[tokio::test]
async fn a_resolver_that_is_down() {
    let at = nobody();
    let name = DnsName::parse("www.example.test").unwrap();
    let down = lookup(&at, &name, RecordType::A).await.unwrap_err().failure();
    expect![""].assert_eq(&said(&down, &at));
    assert!(down.retryable);
}

#[tokio::test]
async fn a_server_that_does_not_serve_the_name() {
    let Some(server) = ready(DnsServer::bind()).await else { return };
    let name = DnsName::parse("www.elsewhere.test").unwrap();
    let refused = lookup(&server.address, &name, RecordType::A).await.unwrap_err().failure();
    expect![""].assert_eq(&said(&refused, &server.address));
}

#[tokio::test]
async fn names_outside_every_zone() {
    let zones = zones(ZONE, rfc2136(&nobody(), KEY), SECRET);
    for name in ["www.example.org", "notexample.test"] {
        let outside = upsert(&zones, name, RecordType::A, &["192.0.2.1"]).await.unwrap_err();
        assert_eq!(outside.message, format!("no zone is configured that {name} is in"));
    }
    let outside = upsert(&zones, "www.example.org", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
    expect![""].assert_eq(&said(&outside, "-"));
}
