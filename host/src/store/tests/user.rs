use super::*;
use crate::on_both_databases;

on_both_databases!(a_link_works_once, sessions_expire, tokens_expire_and_are_revoked, plugins_are_kept);

async fn a_link_works_once(database: TestDatabase) {
    let store = database.open().await;
    assert_eq!(store.first_user().await.unwrap(), None);
    let ada = store.create_user("ada", NOW).await.unwrap();
    store.create_user("grace", NOW).await.unwrap();
    assert_eq!(store.first_user().await.unwrap(), Some(ada.clone()));
    assert_eq!(store.create_user("ada", NOW).await.unwrap_err().to_string(), "there is a user `ada` already");

    let hash = SecretHash::of("link");
    store.create_sign_in_link(hash, ada.id, NOW + 1_000).await.unwrap();
    assert_eq!(store.use_sign_in_link(SecretHash::of("guess"), NOW).await.unwrap(), None);
    assert_eq!(store.use_sign_in_link(hash, NOW + 1_000).await.unwrap(), None, "it has expired");
    let uses = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.use_sign_in_link(hash, NOW).await.unwrap() })
    });
    let users: Vec<_> = futures::future::join_all(uses).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(users, [ada.id]);
}

async fn sessions_expire(database: TestDatabase) {
    let store = database.open().await;
    let ada = store.create_user("ada", NOW).await.unwrap();
    let hash = SecretHash::of("session");
    store.create_session(hash, ada.id, NOW, NOW + 600_000).await.unwrap();
    assert_eq!(store.session(hash, NOW + 599_999).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.session(hash, NOW + 600_000).await.unwrap(), None);
    store.delete_session(hash).await.unwrap();
    assert_eq!(store.session(hash, NOW).await.unwrap(), None);

    store.create_session(hash, ada.id, NOW, NOW + 1).await.unwrap();
    store.delete_expired(NOW + 1).await.unwrap();
    assert_eq!(store.session(hash, NOW).await.unwrap(), None);
}

async fn tokens_expire_and_are_revoked(database: TestDatabase) {
    let store = database.open().await;
    let ada = store.create_user("ada", NOW).await.unwrap();
    let grace = store.create_user("grace", NOW).await.unwrap();
    let new = |secret: &str, expires_at| NewToken {
        user: ada.id,
        name: secret.into(),
        hash: SecretHash::of(secret),
        now: NOW,
        expires_at,
    };
    let ci = store.create_token(&new("ci", None)).await.unwrap();
    store.create_token(&new("short", Some(NOW + 1))).await.unwrap();
    let names: Vec<_> = store.tokens(ada.id).await.unwrap().into_iter().map(|token| token.name).collect();
    assert_eq!(names, ["short", "ci"]);
    assert_eq!(store.token_user(SecretHash::of("short"), NOW).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.token_user(SecretHash::of("short"), NOW + 1).await.unwrap(), None);
    assert_eq!(store.token_user(SecretHash::of("ci"), NOW + 7).await.unwrap(), Some(ada.clone()));
    let used = store.tokens(ada.id).await.unwrap().into_iter().find(|token| token.id == ci.id).unwrap();
    assert_eq!(used.last_used_at, Some(NOW + 7));

    assert!(!store.delete_token(grace.id, ci.id).await.unwrap(), "it is not hers");
    assert!(store.delete_token(ada.id, ci.id).await.unwrap());
    assert_eq!(store.token_user(SecretHash::of("ci"), NOW).await.unwrap(), None);
}

async fn plugins_are_kept(database: TestDatabase) {
    let store = database.open().await;
    let plugin = PluginRecord {
        digest: "sha256:0".into(),
        name: "run".into(),
        version: "1.0.0".into(),
        metadata: json!({ "summary": "Runs a shell line" }),
        source: "shipped".into(),
        loaded_at: NOW,
    };
    store.put_plugin(&plugin).await.unwrap();
    store.put_plugin(&PluginRecord { source: "elsewhere".into(), ..plugin.clone() }).await.unwrap();
    assert_eq!(store.plugins().await.unwrap(), std::slice::from_ref(&plugin));
    assert_eq!(store.plugin("sha256:0").await.unwrap(), Some(plugin));
    assert_eq!(store.plugin("sha256:1").await.unwrap(), None);
}
