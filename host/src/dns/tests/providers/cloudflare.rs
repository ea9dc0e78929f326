//! Cloudflare.

use super::*;
use expect_test::expect;
use serde_json::{Value, json};

const TOKEN: &str = "cloudflare-token";
const ZONES: &str = r#"{"success":true,"errors":[],"messages":[],"result":[{"id":"023e105f","name":"example.test"}]}"#;

async fn with(answers: &[(u16, &str)]) -> (Vendor, Zones) {
    let vendor = Vendor::answering(answers).await;
    // As the real one, its address has a path.
    let zones = zones(ZONE, ZoneProvider::Cloudflare { url: format!("{}/client/v4", vendor.url) }, TOKEN);
    (vendor, zones)
}

fn records(records: Value) -> String {
    json!({ "success": true, "errors": [], "messages": [], "result": records }).to_string()
}

#[tokio::test]
async fn a_name_is_replaced_in_one_batch() {
    let there = records(json!([
        { "id": "kept", "type": "A", "name": "www.example.test", "content": "192.0.2.1", "ttl": 60, "proxied": true },
        { "id": "late", "type": "A", "name": "www.example.test", "content": "192.0.2.2", "ttl": 300 },
        { "id": "gone", "type": "A", "name": "www.example.test", "content": "192.0.2.3", "ttl": 60 },
    ]));
    let (vendor, zones) = with(&[(200, ZONES), (200, &there), (200, &records(json!({})))]).await;
    upsert(&zones, "www.example.test", RecordType::A, &["192.0.2.1", "192.0.2.2", "192.0.2.4"]).await.unwrap();
    let asked = vendor.asked();
    let lines: Vec<String> = asked.iter().map(Asked::line).collect();
    assert_eq!(
        lines,
        [
            "GET /client/v4/zones?name=example.test",
            "GET /client/v4/zones/023e105f/dns_records?type=A&name=www.example.test&per_page=500",
            "POST /client/v4/zones/023e105f/dns_records/batch",
        ]
    );
    assert!(asked.iter().all(|asked| asked.header("authorization") == "Bearer cloudflare-token"));
    assert_eq!(asked[2].header("content-type"), "application/json");
    let batch: Value = serde_json::from_str(&asked[2].body).unwrap();
    assert_eq!(
        batch,
        json!({
            "deletes": [{ "id": "gone" }],
            "patches": [{ "id": "late", "ttl": 60 }],
            "posts": [{ "type": "A", "name": "www.example.test", "content": "192.0.2.4", "ttl": 60 }],
        })
    );
}

#[tokio::test]
async fn what_is_there_already_is_left_alone() {
    let there = records(json!([{ "id": "kept", "content": "\"a text\"", "ttl": 60 }]));
    let (vendor, zones) = with(&[(200, ZONES), (200, &there)]).await;
    upsert(&zones, "www.example.test", RecordType::Txt, &["a text"]).await.unwrap();
    assert_eq!(vendor.asked().len(), 2);
}

#[tokio::test]
async fn all_values_are_deleted() {
    let there = records(json!([{ "id": "one", "content": "a.test", "ttl": 60 }]));
    let (vendor, zones) = with(&[(200, ZONES), (200, &there), (200, &records(json!({})))]).await;
    delete(&zones, "www.example.test", RecordType::Cname).await.unwrap();
    let asked = vendor.asked();
    let batch: Value = serde_json::from_str(&asked[2].body).unwrap();
    assert_eq!(batch, json!({ "deletes": [{ "id": "one" }], "patches": [], "posts": [] }));

    let (vendor, zones) = with(&[(200, ZONES), (200, &records(json!([])))]).await;
    delete(&zones, "www.example.test", RecordType::Cname).await.unwrap();
    assert_eq!(vendor.asked().len(), 2);
}

#[tokio::test]
async fn what_is_there_is_read() {
    let there = records(
        json!([{ "id": "1", "content": "192.0.2.2", "ttl": 1 }, { "id": "2", "content": "192.0.2.1", "ttl": 1 }]),
    );
    let (_vendor, zones) = with(&[(200, ZONES), (200, &there)]).await;
    let found = read(&zones, "www.example.test", RecordType::A).await;
    assert_eq!(found, Found { values: vec!["192.0.2.1".into(), "192.0.2.2".into()], ttl: 1 });
}

#[tokio::test]
async fn refusals_say_why() {
    let forbidden =
        r#"{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}],"messages":[],"result":null}"#;
    let taken = r#"{"success":false,"errors":[{"code":81053,"message":"An A, AAAA, or CNAME record with that host already exists."}],"result":null}"#;
    let none = records(json!([]));
    let said_after = async |answers: &[(u16, &str)]| {
        let (vendor, zones) = with(answers).await;
        let refused = upsert(&zones, "www.example.test", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
        vendor.asked();
        said(&refused, &vendor.url)
    };
    expect![[r#"
        dns-provider-denied: zone example.test: Cloudflare answered 403: Invalid access token (9109)
        give a key that may change the zone: windlass zone add example.test …"#]]
    .assert_eq(&said_after(&[(403, forbidden)]).await);
    expect![[r#"
        zone-not-served: zone example.test: Cloudflare has no such zone
        check that example.test is there, and that the key may see it"#]]
    .assert_eq(&said_after(&[(200, &none)]).await);
    expect!["dns-provider-failed: zone example.test: Cloudflare answered 400: An A, AAAA, or CNAME record with that host already exists. (81053)"].assert_eq(&said_after(&[(200, ZONES), (200, &none), (400, taken)]).await);
    expect![[r#"
        dns-provider-failed: zone example.test: Cloudflare answered 502: <html>bad gateway</html>
        try again later"#]]
    .assert_eq(&said_after(&[(502, "<html>bad gateway</html>")]).await);
    expect![[r#"
        dns-change-failed: zone example.test: Cloudflare answered what cannot be read: expected ident at line 1 column 2
        the log or the status page of Cloudflare may say why"#]]
    .assert_eq(&said_after(&[(200, "not JSON")]).await);
}
