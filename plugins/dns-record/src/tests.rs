use super::DnsRecord;
use serde_json::json;
use windlass_sdk::dns::Answer;
use windlass_sdk::testing::Harness;
use windlass_sdk::{Error, ErrorKind};

fn harness(there: &'static [&'static str]) -> Harness {
    let config = json!({ "name": "shop.example.com", "values": ["192.0.2.7", "192.0.2.8"], "ttl": 60 });
    let mut harness = Harness::new().config(config);
    let values: Vec<String> = there.iter().map(ToString::to_string).collect();
    let ttl = if values.is_empty() { 0 } else { 900 };
    harness.on_dns_lookup(move |_| Ok(vec![Answer { resolver: String::new(), values: values.clone(), ttl }]));
    harness.on_dns_upsert(|_| Ok(())).on_dns_delete(|_| Ok(()));
    harness
}

#[test]
fn what_is_there_is_kept_before_it_is_replaced() {
    let mut harness = harness(&["192.0.2.1"]);
    assert_eq!(harness.run::<DnsRecord>().unwrap(), json!({ "previous": ["192.0.2.1"] }));
    assert_eq!(
        harness.calls(),
        [
            "dns.lookup shop.example.com A",
            r#"control.checkpoint {"values":["192.0.2.1"],"ttl":900}"#,
            "dns.upsert shop.example.com A = 192.0.2.7, 192.0.2.8 for 60 s",
        ]
    );
    harness.forget();
    harness.undo::<DnsRecord>().unwrap();
    assert_eq!(harness.calls(), ["dns.upsert shop.example.com A = 192.0.2.1 for 900 s"]);
}

#[test]
fn a_name_that_was_not_there_is_deleted_again() {
    let mut harness = harness(&[]);
    assert_eq!(harness.run::<DnsRecord>().unwrap(), json!({ "previous": [] }));
    harness.forget();
    harness.undo::<DnsRecord>().unwrap();
    assert_eq!(harness.calls(), ["dns.delete shop.example.com A"]);
}

#[test]
fn a_second_attempt_keeps_what_the_first_one_found() {
    let mut harness = harness(&["192.0.2.7"]).checkpoint(json!({ "values": ["192.0.2.1"], "ttl": 900 }));
    assert_eq!(harness.run::<DnsRecord>().unwrap(), json!({ "previous": ["192.0.2.1"] }));
    assert_eq!(harness.calls(), ["dns.upsert shop.example.com A = 192.0.2.7, 192.0.2.8 for 60 s"]);
}

#[test]
fn without_a_checkpoint_there_is_nothing_to_undo() {
    let mut harness = harness(&[]);
    harness.undo::<DnsRecord>().unwrap();
    assert_eq!(harness.calls(), [""; 0]);
}

#[test]
fn a_plan_makes_the_same_calls() {
    let (mut planned, mut performed) = (harness(&["192.0.2.1"]), harness(&["192.0.2.1"]));
    assert_eq!(planned.plan::<DnsRecord>().unwrap(), performed.run::<DnsRecord>().unwrap());
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn a_refusal_is_passed_on_as_it_is() {
    let refused = Error::new(ErrorKind::Denied, "zone example.com: ns1 does not know the key `windlass`");
    let mut harness = harness(&[]);
    let answer = refused.clone();
    harness.on_dns_upsert(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<DnsRecord>().unwrap_err(), refused);
}

#[test]
fn types_are_written_as_in_dns() {
    let config = json!({ "name": "_acme-challenge.example.com", "type": "TXT", "values": ["token"] });
    let mut harness = harness(&[]).config(config);
    harness.run::<DnsRecord>().unwrap();
    assert_eq!(harness.calls()[2], "dns.upsert _acme-challenge.example.com TXT = token for 300 s");
    let mut wrong = Harness::new().config(json!({ "name": "example.com", "type": "MX", "values": ["x"] }));
    let error = wrong.run::<DnsRecord>().unwrap_err();
    assert!(error.message.starts_with("stage `stage`: with.type: unknown variant `MX`"), "{error}");
}
