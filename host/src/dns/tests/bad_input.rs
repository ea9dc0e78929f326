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
            wrong_secret: expect![[r#"
                tsig-wrong-key: zone example.test: SERVER has another secret for the key `windlass`
                give the secret as the server has it: windlass zone add example.test rfc2136 …"#]],
            unknown_key: expect![[r#"
                tsig-unknown-key: zone example.test: SERVER does not know the key `nobody`
                add the key `nobody` to that server and let it update example.test (some say the same of both), or correct its name or algorithm: windlass zone add example.test rfc2136 …"#]],
            not_allowed: expect![[r#"
                tsig-unknown-key: zone example.test: SERVER does not know the key `reader`
                add the key `reader` to that server and let it update example.test (some say the same of both), or correct its name or algorithm: windlass zone add example.test rfc2136 …"#]],
            foreign_zone: expect![[r#"
                zone-not-served: zone elsewhere.test: SERVER is not the zone's primary server (NOTAUTH)
                check the zone's name, and that SERVER is where its updates go, not one of its copies"#]],
        };
        refuses(&server, expected).await;
    }
}

#[tokio::test]
async fn bind_refuses() {
    if let Some(server) = ready(DnsServer::bind()).await {
        let expected = Expected {
            wrong_secret: expect![[r#"
                tsig-wrong-key: zone example.test: SERVER has another secret for the key `windlass`
                give the secret as the server has it: windlass zone add example.test rfc2136 …"#]],
            unknown_key: expect![[r#"
                tsig-unknown-key: zone example.test: SERVER does not know the key `nobody`
                add the key `nobody` to that server and let it update example.test (some say the same of both), or correct its name or algorithm: windlass zone add example.test rfc2136 …"#]],
            not_allowed: expect![[r#"
                dns-change-refused: zone example.test: SERVER refuses the change (REFUSED)
                allow the key to update example.test in the server's configuration (its ACL or update policy)"#]],
            foreign_zone: expect![[r#"
                zone-not-served: zone elsewhere.test: SERVER is not the zone's primary server (NOTAUTH)
                check the zone's name, and that SERVER is where its updates go, not one of its copies"#]],
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
    expect![[r#"
        dns-conflict: alias.example.test A: the name is an alias (CNAME)
        a name with a CNAME has no other records: delete what is at alias.example.test first, or use another name"#]]
    .assert_eq(&said(&alias, at));
    let taken = upsert(&zones, "www.example.test", RecordType::Cname, &["example.org"]).await.unwrap_err();
    expect![[r#"
        dns-conflict: www.example.test CNAME: the name has other records, and cannot be an alias
        a name with a CNAME has no other records: delete what is at www.example.test first, or use another name"#]]
    .assert_eq(&said(&taken, at));
}

#[tokio::test]
async fn powerdns_refuses() {
    let Some(server) = ready(DnsServer::powerdns()).await else { return };
    let with = async |zone: &str, key: &str, name: &str| {
        let zones = zones(zone, powerdns(&server.api), key);
        said(&upsert(&zones, name, RecordType::A, &["192.0.2.66"]).await.unwrap_err(), &server.api)
    };
    expect![[r#"
        dns-provider-denied: zone example.test: PowerDNS answered 401: Unauthorized
        give a key that may change the zone: windlass zone add example.test …"#]]
    .assert_eq(&with(ZONE, "wrong-key", "www.example.test").await);
    expect![[r#"
        zone-not-served: zone elsewhere.test: PowerDNS has no such zone
        check that elsewhere.test is there, and that the key may see it"#]]
    .assert_eq(&with("elsewhere.test", API_KEY, "www.elsewhere.test").await);
    expect!["dns-provider-refused: zone example.test: PowerDNS answered 422: RRset alias.example.test. IN A: Conflicts with pre-existing RRset"].assert_eq(&with(ZONE, API_KEY, "alias.example.test").await);
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
    expect![[r#"
        dns-server-unreachable: zone example.test: SERVER cannot be reached: Connection refused (os error 111)
        check that SERVER is up and can be reached from this server"#]]
    .assert_eq(&said(&down, &at));
    assert!(down.retryable);
    let zones_there = zones(ZONE, powerdns(&format!("http://{at}")), API_KEY);
    let down = upsert(&zones_there, "www.example.test", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
    expect![[r#"
        dns-server-unreachable: zone example.test: http://SERVER cannot be reached: Connection refused (os error 111)
        check that http://SERVER is up and can be reached from this server"#]]
    .assert_eq(&said(&down, &at));
    assert!(down.retryable);
}

#[tokio::test]
async fn a_resolver_that_is_down() {
    let at = nobody();
    let name = DnsName::parse("www.example.test").unwrap();
    let down = lookup(&at, &name, RecordType::A).await.unwrap_err().failure();
    expect![[r#"
        resolver-unreachable: the DNS server SERVER does not answer: no answer in time
        check that SERVER answers DNS, and that no firewall is between"#]]
    .assert_eq(&said(&down, &at));
    assert!(down.retryable);
}

#[tokio::test]
async fn a_server_that_does_not_serve_the_name() {
    let Some(server) = ready(DnsServer::bind()).await else { return };
    let name = DnsName::parse("www.elsewhere.test").unwrap();
    let refused = lookup(&server.address, &name, RecordType::A).await.unwrap_err().failure();
    expect!["lookup-failed: the DNS server SERVER answered REFUSED for www.elsewhere.test A"]
        .assert_eq(&said(&refused, &server.address));
}

#[tokio::test]
async fn names_outside_every_zone() {
    let zones = zones(ZONE, rfc2136(&nobody(), KEY), SECRET);
    for name in ["www.example.org", "notexample.test"] {
        let outside = upsert(&zones, name, RecordType::A, &["192.0.2.1"]).await.unwrap_err();
        assert_eq!(outside.message, format!("no zone is configured that {name} is in"));
    }
    let outside = upsert(&zones, "www.example.org", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
    expect![[r#"
        no-such-zone: no zone is configured that www.example.org is in
        configure its zone, such as: windlass zone add example.org rfc2136 --primary … --key-name …"#]]
    .assert_eq(&said(&outside, "nobody"));
}
