//! Changes, on each kind of server that runs here.

use super::*;

#[tokio::test]
async fn knot_takes_changes() {
    if let Some(server) = ready(DnsServer::knot()).await {
        takes_changes(&server, &zones(ZONE, rfc2136(&server.address, KEY), SECRET)).await;
    }
}

#[tokio::test]
async fn bind_takes_changes() {
    if let Some(server) = ready(DnsServer::bind()).await {
        takes_changes(&server, &zones(ZONE, rfc2136(&server.address, KEY), SECRET)).await;
    }
}

#[tokio::test]
async fn powerdns_takes_changes() {
    if let Some(server) = ready(DnsServer::powerdns()).await {
        takes_changes(&server, &zones(ZONE, powerdns(&server.api), API_KEY)).await;
    }
}

async fn takes_changes(server: &DnsServer, zones: &Zones) {
    // An alias is followed by resolvers; what is read of a zone, to be put back, is what stands there.
    let alias = "alias.example.test";
    assert_eq!(server.says(alias, RecordType::A).await.values, ["192.0.2.1"]);
    assert_eq!(read(zones, alias, RecordType::A).await, Found::default());
    assert_eq!(read(zones, alias, RecordType::Cname).await.values, ["www.example.test"]);
    replaces_and_deletes(server, zones).await;
    takes_every_type(server, zones).await;
    // Again: nothing is different.
    takes_every_type(server, zones).await;
}

async fn replaces_and_deletes(server: &DnsServer, zones: &Zones) {
    let www = "www.example.test";
    assert_eq!(read(zones, www, RecordType::A).await, Found::new(["192.0.2.1".into()], 300));
    upsert(zones, "WWW.example.test.", RecordType::A, &["192.0.2.20", "192.0.2.10", "192.0.2.20"]).await.unwrap();
    let found = server.says(www, RecordType::A).await;
    assert_eq!((found.values, found.ttl), (vec!["192.0.2.10".to_owned(), "192.0.2.20".to_owned()], 60));
    upsert(zones, www, RecordType::A, &["192.0.2.30"]).await.unwrap();
    assert_eq!(server.says(www, RecordType::A).await.values, ["192.0.2.30"]);
    for _ in 0..2 {
        delete(zones, www, RecordType::A).await.unwrap();
        assert_eq!(server.says(www, RecordType::A).await, Found::default());
    }
    assert_eq!(read(zones, www, RecordType::A).await, Found::default());
}

async fn takes_every_type(server: &DnsServer, zones: &Zones) {
    let long = "v=DKIM1; p=\"quoted\" back\\slash ".to_owned() + &"0123456789".repeat(40);
    for (name, kind, value) in [
        ("a.example.test", RecordType::A, "192.0.2.7"),
        ("six.example.test", RecordType::Aaaa, "2001:db8::7"),
        ("name.example.test", RecordType::Cname, "www.other.test"),
        ("_acme-challenge.example.test", RecordType::Txt, long.as_str()),
        ("*.wild.example.test", RecordType::A, "192.0.2.8"),
        ("example.test", RecordType::A, "192.0.2.9"),
    ] {
        upsert(zones, name, kind, &[value]).await.unwrap();
        assert_eq!(server.says(name, kind).await.values, [value], "{name}");
        assert_eq!(read(zones, name, kind).await, Found { values: vec![value.into()], ttl: 60 }, "{name}");
    }
    assert_eq!(server.says("any.wild.example.test", RecordType::A).await.values, ["192.0.2.8"]);
}
