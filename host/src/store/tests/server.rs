use super::*;
use crate::on_both_databases;
use crate::store::query::query;
use futures::future::join_all;
use windlass_api_types::ServerId;

on_both_databases!(
    servers_come_and_go,
    a_second_process_of_an_id_supersedes_the_first,
    a_start_releases_what_was_left_behind,
    a_silent_server_loses_its_deployments,
    of_many_who_take_over_one_does,
    what_several_servers_run_is_said,
);

fn identity(name: &str) -> ServerIdentity {
    ServerIdentity { id: ServerId::new(), name: name.into(), url: Some(format!("http://{name}:4680")) }
}

async fn register(fixture: &Fixture, name: &str) -> ServerIdentity {
    let identity = identity(name);
    fixture.store.register_server(&identity).await.unwrap();
    identity
}

/// A deployment that the server runs.
async fn running(fixture: &Fixture, server: &ServerIdentity) -> DeploymentRecord {
    fixture.queued().await;
    fixture.store.claim_next(server.id, NOW).await.unwrap().unwrap()
}

/// As if the server had said nothing for longer than the lease.
async fn silence(fixture: &Fixture, server: &ServerIdentity) {
    let silent = query("update servers set seen_at = seen_at - 15500 where id = $1").bind(server.id.to_string());
    assert_eq!(fixture.store.execute(silent).await.unwrap(), 1);
}

async fn servers_come_and_go(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (one, two) = (identity("ops-1"), identity("ops-2"));
    let first = fixture.store.register_server(&one).await.unwrap();
    let second = fixture.store.register_server(&two).await.unwrap();
    let record = running(&fixture, &one).await;
    let servers = fixture.store.servers().await.unwrap();
    let seen: Vec<_> = servers.iter().map(|server| (server.name.as_str(), server.alive, server.deployments)).collect();
    assert_eq!(seen, [("ops-1", true, 1), ("ops-2", true, 0)]);
    assert_eq!((servers[0].id, servers[0].url.as_deref()), (one.id, Some("http://ops-1:4680")));
    assert!(fixture.store.heartbeat(one.id, first.started_at).await.unwrap());

    silence(&fixture, &two).await;
    // Where there is one server only it need not be heard.
    assert_eq!(fixture.store.servers().await.unwrap()[1].alive, !fixture.store.is_shared());
    assert!(fixture.store.heartbeat(two.id, second.started_at).await.unwrap());
    assert!(fixture.store.servers().await.unwrap()[1].alive);

    fixture.store.leave(one.id, first.started_at).await.unwrap();
    let names: Vec<_> = fixture.store.servers().await.unwrap().into_iter().map(|server| server.name).collect();
    assert_eq!(names, ["ops-2"]);
    assert!(!fixture.store.heartbeat(one.id, first.started_at).await.unwrap());
    let left = fixture.store.take_over(two.id, NOW).await.unwrap().unwrap();
    assert_eq!(left.summary.id, record.summary.id, "nobody waits for the end of its lease");
}

async fn a_second_process_of_an_id_supersedes_the_first(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let identity = identity("ops-1");
    let first = fixture.store.register_server(&identity).await.unwrap();
    let second = fixture.store.register_server(&identity).await.unwrap();
    assert!(second.started_at > first.started_at);
    assert!(!fixture.store.heartbeat(identity.id, first.started_at).await.unwrap());
    assert!(fixture.store.heartbeat(identity.id, second.started_at).await.unwrap());
    // The first one's end is not the second one's.
    fixture.store.leave(identity.id, first.started_at).await.unwrap();
    assert_eq!(fixture.store.servers().await.unwrap().len(), 1);
}

async fn a_start_releases_what_was_left_behind(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (one, two) = (register(&fixture, "ops-1").await, register(&fixture, "ops-2").await);
    let record = running(&fixture, &one).await;
    assert_eq!(fixture.store.take_over(two.id, NOW).await.unwrap(), None, "its server is alive");
    assert_eq!(fixture.store.register_server(&one).await.unwrap().released, 1);
    let released = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    assert_eq!((released.owner, released.epoch), (None, record.epoch));
    let taken = fixture.store.take_over(one.id, NOW).await.unwrap().unwrap();
    assert_eq!((taken.owner, taken.epoch), (Some(one.id), record.epoch + 1));
}

async fn a_silent_server_loses_its_deployments(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (one, two) = (register(&fixture, "ops-1").await, register(&fixture, "ops-2").await);
    let record = running(&fixture, &one).await;
    fixture.queued().await;
    silence(&fixture, &one).await;
    assert_eq!(fixture.store.take_over(one.id, NOW).await.unwrap(), None, "nobody takes over from itself");
    let taken = fixture.store.take_over(two.id, NOW).await.unwrap().unwrap();
    assert_eq!((taken.summary.id, taken.epoch), (record.summary.id, record.epoch + 1));
    assert_eq!((taken.owner, taken.summary.last_seq), (Some(two.id), 3));
    // The first one is not dead after all: whatever it writes now is refused.
    let late = line(&record, 1, Level::Info, "late");
    let error = fixture.append(&record, std::slice::from_ref(&late)).await.unwrap_err();
    assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
    let record = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    let line = line(&record, 1, Level::Info, "in time");
    fixture.append(&record, &[line]).await.unwrap();
    let record = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    fixture.succeed(&record).await;
    assert_eq!(fixture.store.take_over(one.id, NOW).await.unwrap(), None, "what is queued or has ended is nobody's");
}

async fn of_many_who_take_over_one_does(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let silent = register(&fixture, "silent").await;
    let mut expected = std::collections::BTreeSet::new();
    for number in 0..6 {
        let name = format!("qa-{number}");
        let environment_id = fixture.store.upsert_environment(fixture.project, &name, &BTreeMap::new()).await.unwrap();
        let new = NewDeployment { environment_id, ..fixture.new_deployment() };
        fixture.store.create_deployment(&new).await.unwrap();
        let claimed = fixture.store.claim_next(silent.id, NOW).await.unwrap().unwrap();
        expected.insert(claimed.summary.id);
    }
    silence(&fixture, &silent).await;
    let takers = (0..8).map(|number| {
        let store = fixture.store.clone();
        tokio::spawn(async move {
            let identity = identity(&format!("ops-{number}"));
            store.register_server(&identity).await.unwrap();
            let mut taken = Vec::new();
            while let Some(record) = store.take_over(identity.id, NOW).await.unwrap() {
                assert_eq!(record.owner, Some(identity.id));
                taken.push(record.summary.id);
            }
            taken
        })
    });
    let mut taken: Vec<_> = join_all(takers).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(taken.len(), 6, "each once");
    taken.sort_unstable();
    assert!(taken.into_iter().eq(expected), "all of them");
}

async fn what_several_servers_run_is_said(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let one = register(&fixture, "ops-1").await;
    let record = running(&fixture, &one).await;
    let runs_on = async || fixture.store.deployment(record.summary.id).await.unwrap().unwrap().summary.server;
    assert_eq!(runs_on().await, None, "there is no other");
    register(&fixture, "ops-2").await;
    assert_eq!(runs_on().await.as_deref(), Some("ops-1"));
    let listed = fixture.store.deployments(&DeploymentFilter { limit: 9, ..Default::default() }).await.unwrap();
    assert_eq!(listed[0].server.as_deref(), Some("ops-1"));
    let record = fixture.store.deployment(record.summary.id).await.unwrap().unwrap();
    fixture.succeed(&record).await;
    assert_eq!(runs_on().await, None, "it has ended");
}
