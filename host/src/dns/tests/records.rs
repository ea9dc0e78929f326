//! What is checked before anything is sent.

use super::*;
use expect_test::{Expect, expect};

fn check(name: &str, kind: RecordType, values: &[&str], expected: Expect) {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    expected.assert_eq(&RecordSet::new(name, kind, &values, 300).unwrap_err().to_string());
}

#[test]
fn names_that_are_none() {
    let a = |name: &str, expected| check(name, RecordType::A, &["192.0.2.1"], expected);
    a("www;reboot.example.test", expect![""]);
    a("$(id).example.test", expect![""]);
    a("`id`.example.test", expect![""]);
    a("a b.example.test", expect![""]);
    a("a\nb.example.test", expect![""]);
    a("grün.example.test", expect![""]);
    a("www..example.test", expect![""]);
    a(".example.test", expect![""]);
    a("", expect![""]);
    a("-www.example.test", expect![""]);
    a("a.*.example.test", expect![""]);
    a(&format!("{}.example.test", "x".repeat(64)), expect![""]);
    a(&"x.".repeat(128), expect![""]);
}

#[test]
fn values_that_are_none() {
    check("www.example.test", RecordType::A, &["192.0.2.256"], expect![""]);
    check("www.example.test", RecordType::A, &["2001:db8::1"], expect![""]);
    check("www.example.test", RecordType::A, &[], expect![""]);
    check("www.example.test", RecordType::Aaaa, &["192.0.2.1"], expect![""]);
    check("www.example.test", RecordType::Cname, &["a;b.test"], expect![""]);
    check("www.example.test", RecordType::Cname, &["a.test", "b.test"], expect![""]);
    check("www.example.test", RecordType::Txt, &["tab\there"], expect![""]);
    let error = RecordSet::new("www.example.test", RecordType::A, &["192.0.2.1".into()], 0).unwrap_err();
    expect![""].assert_eq(&error.to_string());
}

#[test]
fn the_longest_zone_has_the_name() {
    let zone = |name: &str| OpenZone {
        zone: Zone {
            name: name.into(),
            provider: rfc2136("127.0.0.1", KEY),
            name_servers: Vec::new(),
            created_at: 0,
            created_by: "ada".into(),
        },
        secret: Ok(SecretValue::new(SECRET)),
    };
    let zones = Dns::new().unwrap().zones(vec![zone("example.test"), zone("shop.example.test"), zone("test")]);
    let zone_of = |name: &str| zones.zone_of(&DnsName::parse(name).unwrap()).unwrap().to_owned();
    assert_eq!(zone_of("www.shop.example.test"), "shop.example.test");
    assert_eq!(zone_of("shop.example.test"), "shop.example.test");
    assert_eq!(zone_of("bishop.example.test"), "example.test");
    assert_eq!(zone_of("myexample.test"), "test");
}

#[test]
fn texts_are_read_as_they_are_written() {
    let long = "0123456789".repeat(30);
    for text in ["plain", "with \"quotes\" and \\ and ;", long.as_str()] {
        let written = RecordType::Txt.written(text);
        assert!(written.starts_with('"') && written.ends_with('"'), "{written}");
        assert_eq!(RecordType::Txt.read(&written), text);
    }
    assert_eq!(RecordType::Txt.read("\"a\\098c\" \"d\""), "abcd");
    assert_eq!(RecordType::Txt.read("no quotes"), "no quotes");
    assert_eq!(RecordType::Cname.read("WWW.Example.test."), "www.example.test");
    assert_eq!(RecordType::Aaaa.read("2001:0db8:0::1"), "2001:db8::1");
}

#[test]
fn zones_that_cannot_be() {
    let refused = |name: &str, provider: ZoneProvider, secret: &str| {
        let mut zone =
            Zone { name: name.into(), provider, name_servers: Vec::new(), created_at: 0, created_by: "ada".into() };
        said(&check_zone(&mut zone, secret).unwrap_err().failure(), "-")
    };
    expect![""].assert_eq(&refused("exam ple.test", rfc2136("127.0.0.1", KEY), SECRET));
    expect![""].assert_eq(&refused(ZONE, rfc2136("127.0.0.1", KEY), "no base64!"));
    expect![""].assert_eq(&refused(ZONE, rfc2136("127.0.0.1:dns", KEY), SECRET));
    expect![""].assert_eq(&refused(ZONE, rfc2136("ns1;id", KEY), SECRET));
    expect![""].assert_eq(&refused(ZONE, rfc2136("127.0.0.1", "my key"), SECRET));
    expect![""].assert_eq(&refused(ZONE, powerdns("ftp://127.0.0.1"), API_KEY));
    expect![""].assert_eq(&refused(ZONE, powerdns("http://127.0.0.1"), "two\nlines"));
}
