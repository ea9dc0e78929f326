//! What is refused before anything is sent, and waiting, against a real server.

use super::wait::WaitPropagated;
use super::*;
use crate::capability::{Granter, StateView};
use crate::dns::testing::{DnsServer, KEY, SECRET, ZONE};
use crate::dns::{Dns, Zones};
use crate::exchange::Tls;
use crate::journal::Tee;
use crate::outbound::Outbound;
use crate::ssh::{Ssh, SshConfig};
use crate::store::testing::{TestDatabase, skipped};
use crate::vault::{OpenZone, SecretValue, Vault};
use expect_test::{Expect, expect};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::EnvironmentId;
use windlass_api_types::grant::Grant;
use windlass_api_types::zone::{Zone, ZoneProvider};

/// A world where the plugin `dns-record` is granted some zones, and the zone's server is at an address.
struct Place {
    world: Arc<World>,
    _database: TestDatabase,
    _keys: tempfile::TempDir,
}

async fn place(server: &str, granted: &[&str]) -> Place {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let keys = tempfile::tempdir().unwrap();
    let grant = |zone: &&str| Grant { plugin: "dns-record".into(), kind: GrantKind::Zone, value: (*zone).into() };
    let grants: Vec<Grant> = granted.iter().map(grant).collect();
    let world = World {
        ssh: Ssh::new(SshConfig::new(keys.path().join("keys"))).unwrap(),
        zones: zones(server),
        store: store.clone(),
        granter: Granter::new("shop/production", "dns-record", []).with(&grants),
        artifacts: Vec::new(),
        state: StateView::new(store.clone(), EnvironmentId::new(), "dns-record"),
        secrets: Arc::default(),
        masker: Default::default(),
        outbound: Outbound::new(Tls::default()),
        vault: Vault::open(store, keys.path()).unwrap(),
        environment: EnvironmentId::new(),
        deployment_url: None,
        deployment: "shop#41".into(),
    };
    Place { world: Arc::new(world), _database: database, _keys: keys }
}

fn zones(server: &str) -> Zones {
    let provider = ZoneProvider::Rfc2136 { server: server.into(), key_name: KEY.into(), algorithm: Default::default() };
    let open = |name: &str| OpenZone {
        zone: Zone {
            name: name.into(),
            provider: provider.clone(),
            name_servers: Vec::new(),
            created_at: 0,
            created_by: "ada".into(),
        },
        secret: Ok(SecretValue::new(SECRET)),
    };
    Dns::new().unwrap().zones(vec![open(ZONE), open("inner.example.test")])
}

fn upsert(name: &str) -> Upsert {
    Upsert { name: name.into(), r#type: RecordType::A, values: vec!["192.0.2.7".into()], ttl: 60 }
}

fn wait(values: &[&str], resolvers: &[&str], timeout_ms: u64) -> WaitPropagated {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    WaitPropagated {
        name: "www.example.test".into(),
        r#type: RecordType::A,
        values: owned(values),
        resolvers: owned(resolvers),
        interval_ms: 100,
        timeout_ms,
    }
}

fn performance(cancel: &CancellationToken) -> Performance {
    Performance { key: uuid::Uuid::nil(), cancel: cancel.clone(), tee: Tee::silent(), fence: None, again: false }
}

fn said(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("-");
    format!("{}: {}\n{hint}", failure.code, failure.message)
}

#[tokio::test]
async fn only_names_of_granted_zones() {
    // Nobody listens there: what is refused is refused before anything is sent.
    let place = place("127.0.0.1:1", &[ZONE]).await;
    let refused = |effect: Upsert, expected: Expect| {
        expected.assert_eq(&said(&effect.check(&place.world).unwrap_err()));
    };
    for name in ["example.test", "www.example.test", "a.b.EXAMPLE.test."] {
        upsert(name).check(&place.world).unwrap();
    }
    refused(
        upsert("www.inner.example.test"),
        expect![[r#"
        zone-denied: the plugin `dns-record` may not use the name www.inner.example.test of the zone `inner.example.test`
        if it should: windlass grant add shop/production zone inner.example.test --plugin dns-record"#]],
    );
    refused(
        upsert("www.example.org"),
        expect![[r#"
        no-such-zone: no zone is configured that www.example.org is in
        configure its zone, such as: windlass zone add example.org rfc2136 --primary … --key-name …"#]],
    );
    refused(
        upsert("www;reboot.example.test"),
        expect![[r#"
        bad-dns-name: `www;reboot.example.test` is no DNS name: ';' cannot stand in it
        labels of letters, digits, hyphens and underscores, joined by dots, such as www.example.com"#]],
    );
    let delete = Delete { name: "inner.example.test".into(), r#type: RecordType::A };
    assert_eq!(delete.check(&place.world).unwrap_err().code, "zone-denied");
    let resolvers = vec!["127.0.0.1;id".into()];
    let lookup = Lookup { name: "www.example.test".into(), r#type: RecordType::A, resolvers };
    expect![[r#"
        bad-dns-server: `127.0.0.1;id` is no DNS server: ';' cannot stand in it
        give a name or an address, with `:port` where it is not 53, such as 9.9.9.9"#]]
    .assert_eq(&said(&lookup.check(&place.world).unwrap_err()));
    let outside = Lookup { name: "inner.example.test".into(), r#type: RecordType::A, resolvers: Vec::new() };
    assert_eq!(outside.check(&place.world).unwrap_err().code, "zone-denied");
}

#[tokio::test]
async fn a_part_of_a_zone_can_be_granted() {
    let place = place("127.0.0.1:1", &["shop.example.test", "test"]).await;
    upsert("www.shop.example.test").check(&place.world).unwrap();
    upsert("shop.example.test").check(&place.world).unwrap();
    for name in ["www.example.test", "bishop.example.test", "example.test"] {
        assert_eq!(upsert(name).check(&place.world).unwrap_err().code, "zone-denied", "{name}");
    }
}

#[tokio::test]
async fn waiting_ends_when_all_servers_agree() {
    let server = match DnsServer::knot() {
        Ok(server) => server.ready().await,
        Err(reason) => return skipped("waiting for a change", &reason),
    };
    let place = place(&server.address, &[ZONE]).await;
    let cancel = CancellationToken::new();
    let there = wait(&["192.0.2.1"], &[], 5000).perform(place.world.clone(), performance(&cancel)).await;
    assert_eq!(there.unwrap().answer.attempts, 1);

    // The change comes while it waits.
    let changing = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let changed = Upsert { name: "www.example.test".into(), ..upsert("") };
        changed.perform(place.world.clone(), performance(&cancel)).await.unwrap();
    };
    let waiting = wait(&["192.0.2.7"], &[&server.address], 20_000).perform(place.world.clone(), performance(&cancel));
    let (report, ()) = tokio::join!(waiting, changing);
    let report = report.unwrap().answer;
    assert!(report.attempts >= 3 && report.waited_ms >= 200, "{} {}", report.attempts, report.waited_ms);

    let late = wait(&["192.0.2.8"], &[&server.address, "127.0.0.1:1"], 300);
    let late = late.perform(place.world.clone(), performance(&cancel)).await.err().unwrap();
    expect![[r#"
        not-propagated: www.example.test A is not what it should be after 0 s: SERVER says 192.0.2.7; the DNS server 127.0.0.1:1 does not answer: no answer in time
        a resolver keeps the old answer for as long as its TTL was; wait longer, or lower the TTL beforehand"#]].assert_eq(&said(&late).replace(&server.address, "SERVER"));
    assert!(late.retryable);
}

#[tokio::test]
async fn a_wait_is_canceled() {
    let place = place("127.0.0.1:1", &[ZONE]).await;
    let cancel = CancellationToken::new();
    let waiting = wait(&["192.0.2.7"], &[], 60_000).perform(place.world.clone(), performance(&cancel));
    let (canceled, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    });
    assert_eq!(canceled.err().unwrap().kind, ErrorKind::Canceled);
}
