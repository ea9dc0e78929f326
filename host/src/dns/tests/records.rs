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
    a("www;reboot.example.test", expect!["`www;reboot.example.test` is no DNS name: ';' cannot stand in it"]);
    a("$(id).example.test", expect!["`$(id).example.test` is no DNS name: '$' cannot stand in it"]);
    a("`id`.example.test", expect!["``id`.example.test` is no DNS name: '`' cannot stand in it"]);
    a("a b.example.test", expect!["`a b.example.test` is no DNS name: ' ' cannot stand in it"]);
    a("a\nb.example.test", expect![[r#"`a\nb.example.test` is no DNS name: '\n' cannot stand in it"#]]);
    a("grün.example.test", expect!["`grün.example.test` is no DNS name: 'ü' cannot stand in it"]);
    a("www..example.test", expect!["`www..example.test` is no DNS name: a label is empty"]);
    a(".example.test", expect!["`.example.test` is no DNS name: a label is empty"]);
    a("", expect!["`` is no DNS name: it is empty"]);
    a(
        "-www.example.test",
        expect!["`-www.example.test` is no DNS name: the label `-www` begins or ends with a hyphen"],
    );
    a("a.*.example.test", expect!["`a.*.example.test` is no DNS name: '*' cannot stand in it"]);
    a(
        &format!("{}.example.test", "x".repeat(64)),
        expect![
            "`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example.test` is no DNS name: the label `xxxxxxxxxx…` has 64 characters; at most 63"
        ],
    );
    a(
        &"x.".repeat(128),
        expect![
            "`x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.` is no DNS name: it has 255 characters; at most 253"
        ],
    );
}

#[test]
fn values_that_are_none() {
    check(
        "www.example.test",
        RecordType::A,
        &["192.0.2.256"],
        expect!["www.example.test A: the value `192.0.2.256`: it is no IPv4 address"],
    );
    check(
        "www.example.test",
        RecordType::A,
        &["2001:db8::1"],
        expect!["www.example.test A: the value `2001:db8::1`: it is no IPv4 address"],
    );
    check("www.example.test", RecordType::A, &[], expect!["www.example.test A: it has no values; delete it instead"]);
    check(
        "www.example.test",
        RecordType::Aaaa,
        &["192.0.2.1"],
        expect!["www.example.test AAAA: the value `192.0.2.1`: it is no IPv6 address"],
    );
    check(
        "www.example.test",
        RecordType::Cname,
        &["a;b.test"],
        expect!["www.example.test CNAME: the value `a;b.test`: ';' cannot stand in it"],
    );
    check(
        "www.example.test",
        RecordType::Cname,
        &["a.test", "b.test"],
        expect!["www.example.test CNAME: a name can be another's alias only once, not 2 times"],
    );
    check(
        "www.example.test",
        RecordType::Txt,
        &["tab\there"],
        expect![[r#"www.example.test TXT: the value `tab\there`: '\t' is not printable ASCII"#]],
    );
    let error = RecordSet::new("www.example.test", RecordType::A, &["192.0.2.1".into()], 0).unwrap_err();
    expect!["www.example.test A: a TTL of 0 s; from 1 to 2147483647"].assert_eq(&error.to_string());
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
        said(&check_zone(&mut zone, secret).unwrap_err().failure(), "nobody")
    };
    expect![[r#"
        bad-dns-name: `exam ple.test` is no DNS name: ' ' cannot stand in it
        labels of letters, digits, hyphens and underscores, joined by dots, such as www.example.com"#]]
    .assert_eq(&refused("exam ple.test", rfc2136("127.0.0.1", KEY), SECRET));
    expect![[r#"
        bad-zone: zone example.test: the secret of a TSIG key is base64, as tsig-keygen or keymgr print it
        configure it again: windlass zone add example.test"#]]
    .assert_eq(&refused(ZONE, rfc2136("127.0.0.1", KEY), "no base64!"));
    expect![[r#"
        bad-dns-server: `127.0.0.1:dns` is no DNS server: `dns` is no port
        give a name or an address, with `:port` where it is not 53, such as 9.9.9.9"#]]
    .assert_eq(&refused(ZONE, rfc2136("127.0.0.1:dns", KEY), SECRET));
    expect![[r#"
        bad-dns-server: `ns1;id` is no DNS server: ';' cannot stand in it
        give a name or an address, with `:port` where it is not 53, such as 9.9.9.9"#]]
    .assert_eq(&refused(ZONE, rfc2136("ns1;id", KEY), SECRET));
    expect![[r#"
        bad-dns-name: `my key` is no DNS name: ' ' cannot stand in it
        labels of letters, digits, hyphens and underscores, joined by dots, such as www.example.com"#]]
    .assert_eq(&refused(ZONE, rfc2136("127.0.0.1", "my key"), SECRET));
    expect![[r#"
        bad-zone: zone example.test: `ftp://127.0.0.1` is no http or https address
        configure it again: windlass zone add example.test"#]]
    .assert_eq(&refused(ZONE, powerdns("ftp://127.0.0.1"), API_KEY));
    expect![[r#"
        bad-zone: zone example.test: its key is empty, or has characters that no header can carry
        configure it again: windlass zone add example.test"#]]
    .assert_eq(&refused(ZONE, powerdns("http://127.0.0.1"), "two\nlines"));
}
