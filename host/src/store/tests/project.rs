use super::*;
use crate::on_both_databases;
use windlass_api_types::TargetId;
use windlass_api_types::project::Variables;
use windlass_api_types::target::{Identity, Target};

on_both_databases!(
    upserts_projects,
    binds_targets,
    keeps_bound_targets,
    keeps_targets_that_lead_to_others,
    changes_variables,
    shares_equal_revisions
);

fn target(name: &str) -> Target {
    Target {
        id: TargetId::new(),
        name: name.into(),
        host: "10.0.0.12".into(),
        port: 22,
        user: "deploy".into(),
        host_key: "ssh-ed25519 AAAA".into(),
        fingerprint: "SHA256:abc".into(),
        identity: Identity::File("/keys/id".into()),
        jump: None,
        created_at: NOW,
    }
}

async fn upserts_projects(database: TestDatabase) {
    let store = database.open().await;
    let first = store.upsert_project("shop", "one", NOW).await.unwrap();
    let again = store.upsert_project("shop", "two", NOW + 1).await.unwrap();
    assert_eq!(first, again);
    store.upsert_project("app", "", NOW).await.unwrap();
    let names: Vec<_> = store.projects().await.unwrap().into_iter().map(|project| project.name).collect();
    assert_eq!(names, ["app", "shop"]);
    let shop = store.project("shop").await.unwrap().unwrap();
    assert_eq!((shop.config.as_str(), shop.created_at), ("two", NOW));
    assert_eq!(store.project("nothing").await.unwrap(), None);
}

async fn binds_targets(database: TestDatabase) {
    let store = database.open().await;
    let project = store.upsert_project("shop", "", NOW).await.unwrap();
    let web: Vec<_> = ["web-2", "web-1"].map(target).into();
    let ids = web.iter().map(|target| target.id).collect::<Vec<_>>();
    for target in &web {
        assert_eq!(&store.put_target(target).await.unwrap(), target);
    }
    let groups = BTreeMap::from([("web".to_owned(), ids.clone()), ("db".to_owned(), vec![ids[1]])]);
    let id = store.upsert_environment(project, "production", &groups).await.unwrap();
    let environment = store.environment(project, "production").await.unwrap().unwrap();
    assert_eq!(environment.id, id);
    assert_eq!(environment.targets["web"], ["web-2", "web-1"]);
    assert_eq!(environment.targets["db"], ["web-1"]);

    let groups = BTreeMap::from([("web".to_owned(), vec![ids[1]])]);
    assert_eq!(store.upsert_environment(project, "production", &groups).await.unwrap(), id);
    let environment = store.environment(project, "production").await.unwrap().unwrap();
    assert_eq!(environment.targets, BTreeMap::from([("web".to_owned(), vec!["web-1".to_owned()])]));

    let unknown = BTreeMap::from([("web".to_owned(), vec![TargetId::new()])]);
    let error = store.upsert_environment(project, "production", &unknown).await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownTarget), "{error}");
    assert_eq!(store.environment(project, "production").await.unwrap().unwrap(), environment);
    assert_eq!(store.environment(project, "qa").await.unwrap(), None);
}

async fn keeps_bound_targets(database: TestDatabase) {
    let store = database.open().await;
    let project = store.upsert_project("shop", "", NOW).await.unwrap();
    let stored = store.put_target(&target("web-1")).await.unwrap();
    let changed = Target { host: "10.0.0.13".into(), ..target("web-1") };
    let changed = store.put_target(&changed).await.unwrap();
    assert_eq!((changed.id, changed.host.as_str()), (stored.id, "10.0.0.13"));
    let groups = BTreeMap::from([("web".to_owned(), vec![stored.id])]);
    store.upsert_environment(project, "production", &groups).await.unwrap();
    let error = store.delete_target("web-1").await.unwrap_err();
    assert_eq!(error.to_string(), "target `web-1` is bound to shop/production");

    store.upsert_environment(project, "production", &BTreeMap::new()).await.unwrap();
    assert!(store.delete_target("web-1").await.unwrap());
    assert!(!store.delete_target("web-1").await.unwrap());
    assert_eq!(store.targets().await.unwrap(), []);
}

async fn keeps_targets_that_lead_to_others(database: TestDatabase) {
    let store = database.open().await;
    store.put_target(&target("bastion")).await.unwrap();
    for name in ["web-1", "web-2"] {
        let behind = Target { jump: Some("bastion".into()), ..target(name) };
        assert_eq!(store.put_target(&behind).await.unwrap(), behind);
    }
    let error = store.delete_target("bastion").await.unwrap_err();
    assert_eq!(error.to_string(), "target `bastion` is the jump through which web-1, web-2 are reached");
    store.put_target(&target("web-1")).await.unwrap();
    assert_eq!(store.target("web-1").await.unwrap().unwrap().jump, None);
    assert!(store.delete_target("web-2").await.unwrap());
    assert!(store.delete_target("bastion").await.unwrap());
    let lost = Target { jump: Some("bastion".into()), ..target("web-1") };
    assert_eq!(store.put_target(&lost).await.unwrap_err().to_string(), "there is no target bastion");
}

async fn changes_variables(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (store, environment) = (&fixture.store, fixture.environment);
    let set = |pairs: &[(&str, &str)]| -> Variables {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let first = store.change_variables(environment, &set(&[("A", "1"), ("B", "2")]), &[], NOW).await.unwrap();
    assert_eq!(first, set(&[("A", "1"), ("B", "2")]));
    let unset = ["B".to_owned(), "never".to_owned()];
    let second = store.change_variables(environment, &set(&[("A", "3")]), &unset, NOW).await.unwrap();
    assert_eq!(second, set(&[("A", "3")]));
    assert_eq!(store.variables(environment).await.unwrap(), second);
}

async fn shares_equal_revisions(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (store, project) = (&fixture.store, fixture.project);
    let put = async |digest: &str, definition| {
        store.put_pipeline_revision(project, digest, Some("process@1.0.0"), &definition, NOW).await.unwrap()
    };
    let second = put("sha256:2", json!({ "stages": ["up"] })).await;
    assert_eq!((second.number, second.template.as_deref()), (2, Some("process@1.0.0")));
    assert_eq!(put("sha256:2", json!({ "ignored": true })).await, second);
    let at_once = futures::future::join_all((0..8).map(|_| put("sha256:3", json!({})))).await;
    assert!(at_once.iter().all(|revision| revision == &at_once[0]), "{at_once:?}");
    assert_eq!(at_once[0].number, 3);
    assert_eq!(put("sha256:4", json!({})).await.number, 4);
    assert_eq!(store.pipeline_revision(second.id).await.unwrap(), Some(second));
}

#[tokio::test]
async fn says_what_postgres_cannot_store() {
    let Some(database) = TestDatabase::postgres() else { return };
    let store = database.open().await;
    let error = store.upsert_project("shop", "a\0b", NOW).await.unwrap_err();
    assert_eq!(error.to_string(), "a text holds a NUL character, which cannot be stored");
}
