use super::*;
use crate::on_both_databases;
use crate::store::WatchKey;

on_both_databases!(keeps_what_watches_find);

async fn keeps_what_watches_find(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (store, deployment) = (&fixture.store, fixture.running().await.summary.id);
    let key = |target: &str| WatchKey { deployment, target: target.into(), stage: "healthy".into() };
    assert_eq!(store.last_health(&key("web-1")).await.unwrap(), None);
    store.add_health(&key(""), NOW, true, "it passed").await.unwrap();
    for second in 0..210 {
        store.add_health(&key("web-1"), NOW + second, second % 2 == 0, &format!("change {second}")).await.unwrap();
    }
    assert_eq!(store.last_health(&key("web-1")).await.unwrap(), Some(false));
    assert_eq!(store.last_health(&key("")).await.unwrap(), Some(true));

    let changes = store.health_changes(fixture.environment).await.unwrap();
    assert_eq!(changes.len(), 100);
    let newest = &changes[0];
    assert_eq!((newest.target.as_deref(), newest.deployment.as_str()), (Some("web-1"), "shop#1"));
    assert_eq!((newest.health.reason.as_str(), newest.health.since), ("change 209", NOW + 209));
    // The newest two hundred of a watch stay.
    let count = crate::store::query::query("select count(*) as n from health_changes where target = 'web-1'");
    let row = store.fetch_optional(count).await.unwrap().unwrap();
    assert_eq!(sqlx::Row::get::<i64, _>(&row, "n"), 200);
}
