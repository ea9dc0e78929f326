//! Secrets against both databases.

use super::*;
use crate::on_both_databases;
use crate::store::testing::TestDatabase;
use std::collections::BTreeMap;
use windlass_api_types::zone::{Zone, ZoneProvider};

on_both_databases!(
    versions_are_immutable,
    a_removed_secret_keeps_its_versions,
    secrets_are_copied,
    nothing_is_stored_in_the_clear,
    a_ciphertext_is_bound_to_its_row,
    a_new_key_replaces_the_old_one,
    the_keys_of_zones_are_sealed_too,
    servers_that_share_a_database_share_a_key,
);

const NOW: Timestamp = 1_700_000_000_000;

struct Opened {
    vault: Vault,
    data: tempfile::TempDir,
    qa: EnvironmentId,
    stage: EnvironmentId,
}

async fn opened(database: &TestDatabase) -> Opened {
    let store = database.open().await;
    let project = store.upsert_project("shop", "", NOW).await.unwrap();
    let qa = store.upsert_environment(project, "qa", &BTreeMap::new()).await.unwrap();
    let stage = store.upsert_environment(project, "stage", &BTreeMap::new()).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(&data.path().join("keys"), None).unwrap();
    Opened { vault: Vault { store, ring: Arc::new(RwLock::new(ring)) }, data, qa, stage }
}

impl Opened {
    async fn set(&self, name: &str, value: &str) -> Result<u64, VaultError> {
        Ok(self.vault.set(self.qa, name, &SecretValue::new(value), "ada", NOW).await?.version)
    }

    async fn get(&self, name: &str, version: u64) -> Result<String, VaultError> {
        let secrets = self.vault.secrets(self.qa, &BTreeMap::from([(name.to_owned(), version)])).await?;
        Ok(secrets.get(name, version).unwrap().expose().to_owned())
    }
}

async fn versions_are_immutable(database: TestDatabase) {
    let place = opened(&database).await;
    assert_eq!(place.set("PASSWORD", "hunter22").await.unwrap(), 1);
    assert_eq!(place.set("PASSWORD", "grün\n'\"").await.unwrap(), 2);
    assert_eq!(place.get("PASSWORD", 1).await.unwrap(), "hunter22");
    assert_eq!(place.get("PASSWORD", 2).await.unwrap(), "grün\n'\"");
    assert_eq!(place.vault.versions(place.qa).await.unwrap(), BTreeMap::from([("PASSWORD".to_owned(), 2)]));
    for (name, value) in [("A-B", "hunter22"), ("1A", "hunter22"), ("A", "abc"), ("A", ""), ("A", "abcd\0")] {
        let error = place.set(name, value).await.unwrap_err();
        assert_eq!(error.failure().code, "bad-secret", "{error}");
    }
}

async fn a_removed_secret_keeps_its_versions(database: TestDatabase) {
    let place = opened(&database).await;
    place.set("PASSWORD", "hunter22").await.unwrap();
    place.vault.remove(place.qa, "PASSWORD", NOW).await.unwrap();
    assert_eq!(place.vault.list(place.qa).await.unwrap(), []);
    assert_eq!(place.get("PASSWORD", 1).await.unwrap(), "hunter22");
    let again = place.vault.remove(place.qa, "PASSWORD", NOW).await.unwrap_err();
    assert_eq!(again.to_string(), "the environment has no secret `PASSWORD`");
    assert_eq!(place.set("PASSWORD", "hunter33").await.unwrap(), 2);
}

async fn secrets_are_copied(database: TestDatabase) {
    let place = opened(&database).await;
    place.set("ONE", "first value").await.unwrap();
    place.set("TWO", "second value").await.unwrap();
    let there = SecretValue::new("of the stage");
    place.vault.set(place.stage, "TWO", &there, "ada", NOW).await.unwrap();
    let copied = place.vault.copy(place.qa, place.stage, false, "bob", NOW).await.unwrap();
    let named: Vec<_> = copied.iter().map(|secret| (secret.name.as_str(), secret.created_by.as_str())).collect();
    assert_eq!(named, [("ONE", "bob")]);
    let replaced = place.vault.copy(place.qa, place.stage, true, "bob", NOW).await.unwrap();
    assert_eq!(replaced.len(), 2);
    let versions = place.vault.versions(place.stage).await.unwrap();
    let secrets = place.vault.secrets(place.stage, &versions).await.unwrap();
    assert_eq!(secrets.get("TWO", versions["TWO"]).unwrap().expose(), "second value");
}

async fn nothing_is_stored_in_the_clear(database: TestDatabase) {
    let place = opened(&database).await;
    place.set("PASSWORD", "hunter22").await.unwrap();
    let stored = place.vault.store.sealed_secrets().await.unwrap();
    assert!(stored[0].sealed.starts_with("1.") && !stored[0].sealed.contains("hunter22"));
    let file = place.data.path().join("keys/secrets.keys");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(format!("{:?}", SecretValue::new("hunter22")), "SecretValue(***)");
}

async fn a_ciphertext_is_bound_to_its_row(database: TestDatabase) {
    let place = opened(&database).await;
    place.set("ONE", "first value").await.unwrap();
    place.set("TWO", "second value").await.unwrap();
    let stored = place.vault.store.sealed_secrets().await.unwrap();
    let named = |name: &str| stored.iter().find(|secret| secret.name == name).unwrap();
    place.vault.store.reseal_secret(named("TWO"), &named("ONE").sealed).await.unwrap();
    let error = place.get("TWO", 1).await.unwrap_err();
    assert_eq!(error.to_string(), "the secret `TWO` is damaged: it does not decrypt");
}

async fn a_new_key_replaces_the_old_one(database: TestDatabase) {
    let place = opened(&database).await;
    place.set("ONE", "first value").await.unwrap();
    let file = place.data.path().join("keys/secrets.keys");
    let before = std::fs::read_to_string(&file).unwrap();
    assert_eq!(place.vault.rotate().await.unwrap(), 1);
    let after = std::fs::read_to_string(&file).unwrap();
    assert_ne!(before, after);
    assert_eq!(after.lines().count(), before.lines().count());
    assert_eq!(place.get("ONE", 1).await.unwrap(), "first value");
    // The old key alone opens nothing any more.
    let old = before.lines().last().unwrap().to_owned();
    let ring = KeyRing::open(place.data.path(), Some(old)).unwrap();
    let vault = Vault { store: place.vault.store.clone(), ring: Arc::new(RwLock::new(ring)) };
    let error = vault.secrets(place.qa, &BTreeMap::from([("ONE".to_owned(), 1)])).await.unwrap_err();
    assert_eq!(error.failure().code, "secret-key-missing", "{error}");
}

async fn the_keys_of_zones_are_sealed_too(database: TestDatabase) {
    let place = opened(&database).await;
    let zone = |name: &str| Zone {
        name: name.into(),
        provider: ZoneProvider::Powerdns { url: "http://127.0.0.1:8081".into(), server_id: "localhost".into() },
        name_servers: vec!["127.0.0.1:5300".into()],
        created_at: NOW,
        created_by: "ada".into(),
    };
    for (name, key) in [("one.test", "first key"), ("two.test", "replaced"), ("two.test", "second key")] {
        place.vault.put_zone(&zone(name), &SecretValue::new(key)).await.unwrap();
    }
    assert_eq!(place.vault.zones().await.unwrap(), [zone("one.test"), zone("two.test")]);
    let stored = place.vault.store.zones().await.unwrap();
    assert!(stored.iter().all(|stored| stored.sealed.starts_with("1.") && !stored.sealed.contains(" key")));
    assert_eq!(place.vault.rotate().await.unwrap(), 2);
    let open = place.vault.open_zones().await.unwrap();
    let keys: Vec<&str> = open.iter().map(|open| open.secret.as_ref().unwrap().expose()).collect();
    assert_eq!(keys, ["first key", "second key"]);
    // Another row's ciphertext does not open, and the other zone still does.
    let stored = place.vault.store.zones().await.unwrap();
    place.vault.store.reseal_zone("two.test", &stored[0].sealed).await.unwrap();
    let open = place.vault.open_zones().await.unwrap();
    assert!(open[0].secret.is_ok());
    let damaged = open[1].secret.as_ref().unwrap_err();
    assert_eq!(damaged.to_string(), "the key of the zone `two.test` is damaged: it does not decrypt");
    assert!(place.vault.store.delete_zone("one.test").await.unwrap());
    assert!(!place.vault.store.delete_zone("one.test").await.unwrap());
}

async fn servers_that_share_a_database_share_a_key(database: TestDatabase) {
    let first = opened(&database).await;
    first.vault.agree().await.unwrap();
    first.set("PASSWORD", "hunter22").await.unwrap();
    let second = opened(&database).await;
    if !second.vault.store.is_shared() {
        return second.vault.agree().await.unwrap();
    }
    let failure = second.vault.agree().await.unwrap_err().failure();
    let (key, file) = (first.vault.current_key(), second.data.path().join("keys/secrets.keys"));
    let said = "the servers of this database encrypt secrets with the key";
    let expected = format!("{said} {key}, which is not among those of this server ({})", file.display());
    assert_eq!((failure.code.as_str(), failure.message), ("other-secret-key", expected));
    assert_eq!(second.set("OTHER", "hunter22").await.unwrap_err().failure().code, "other-secret-key");
    assert_eq!(second.get("PASSWORD", 1).await.unwrap_err().failure().code, "secret-key-missing");

    std::fs::copy(first.data.path().join("keys/secrets.keys"), &file).unwrap();
    let second = Opened { vault: Vault::open(second.vault.store.clone(), second.data.path()).unwrap(), ..second };
    second.vault.agree().await.unwrap();
    assert_eq!(second.get("PASSWORD", 1).await.unwrap(), "hunter22");
    // A new key has to be copied too: until then the others encrypt nothing with the old one.
    first.vault.rotate().await.unwrap();
    assert_eq!(second.set("OTHER", "hunter22").await.unwrap_err().failure().code, "other-secret-key");
    first.set("OTHER", "hunter22").await.unwrap();
}
