use super::DnsVerify;
use serde_json::json;
use std::time::Duration;
use windlass_sdk::dns::{Policy, RecordType, Report};
use windlass_sdk::testing::{Call, Harness};
use windlass_sdk::{Error, ErrorKind};

#[test]
fn all_that_is_configured_is_asked_for() {
    let mut harness = Harness::new().config(json!({
        "name": "shop.example.com", "type": "CNAME", "values": ["web.example.com"],
        "resolvers": ["9.9.9.9", "127.0.0.1:5300"], "interval_seconds": 2, "timeout_seconds": 20
    }));
    harness.on_wait_propagated(|_| Ok(Report { attempts: 3, waited: Duration::from_secs(4) }));
    assert_eq!(harness.run::<DnsVerify>().unwrap(), json!({ "attempts": 3, "waited_ms": 4000 }));
    let [Call::WaitPropagated(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert_eq!(request.policy, Policy { interval: Duration::from_secs(2), timeout: Duration::from_secs(20) });
    assert_eq!(request.record.record_type, RecordType::Cname);
    assert_eq!(
        harness.calls(),
        ["dns.wait-propagated shop.example.com CNAME = web.example.com at 9.9.9.9, 127.0.0.1:5300"]
    );
}

#[test]
fn by_default_it_asks_the_zones_own_servers_for_three_minutes() {
    let mut harness = Harness::new().config(json!({ "name": "shop.example.com", "values": ["192.0.2.7"] }));
    harness.on_wait_propagated(|request| {
        assert_eq!(request.policy, Policy::default());
        assert_eq!(request.resolvers, [""; 0]);
        Ok(Report { attempts: 1, waited: Duration::ZERO })
    });
    harness.run::<DnsVerify>().unwrap();
    assert_eq!(harness.calls(), ["dns.wait-propagated shop.example.com A = 192.0.2.7"]);
}

#[test]
fn what_is_not_there_in_time_is_an_error() {
    let late = Error::new(ErrorKind::Timeout, "shop.example.com A is not what it should be after 180 s");
    let mut harness = Harness::new().config(json!({ "name": "shop.example.com", "values": ["192.0.2.7"] }));
    let answer = late.clone();
    harness.on_wait_propagated(move |_| Err(answer.clone()));
    assert_eq!(harness.run::<DnsVerify>().unwrap_err(), late);
}
