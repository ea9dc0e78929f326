use super::*;
use crate::on_both_databases;
use futures::future::{join_all, try_join_all};
use std::collections::BTreeSet;

on_both_databases!(
    numbers_count_without_gaps,
    begins_with_its_first_event,
    one_holds_an_environment,
    parallel_claims_take_each_once,
    knows_what_was_live_before,
    lists_by_filter,
    finds_by_label,
);

async fn numbers_count_without_gaps(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let created = try_join_all((0..20).map(|_| async {
        let new = fixture.new_deployment();
        fixture.store.create_deployment(&new).await
    }));
    let numbers: BTreeSet<u64> = created.await.unwrap().iter().map(|record| record.summary.number).collect();
    assert_eq!(numbers, (1..=20).collect());
}

async fn begins_with_its_first_event(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let new = fixture.new_deployment();
    let record = fixture.store.create_deployment(&new).await.unwrap();
    assert_eq!((record.summary.label.as_str(), record.summary.last_seq, record.epoch), ("shop#1", 1, 0));
    assert_eq!((record.summary.status, record.inputs), (DeploymentStatus::Queued, new.inputs));
    let events = fixture.store.events(new.id, 0, 10).await.unwrap();
    let EventBody::DeploymentQueued { number: 1, actor, release, stages, .. } = &events[0].body else {
        panic!("{events:?}")
    };
    assert_eq!((actor.as_str(), release, stages), ("ada", &record.summary.release, &new.stages));
}

async fn one_holds_an_environment(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let (first, second) = (fixture.queued().await, fixture.queued().await);
    let claimed = fixture.store.claim_next(SERVER, NOW).await.unwrap().unwrap();
    assert_eq!(claimed.summary.id, first.summary.id);
    assert_eq!((claimed.epoch, claimed.owner, claimed.summary.last_seq), (1, Some(SERVER), 2));
    assert_eq!(claimed.summary.status, DeploymentStatus::Running);
    let events = fixture.store.events(first.summary.id, 1, 10).await.unwrap();
    assert!(matches!(events[..], [Event { seq: 2, body: EventBody::DeploymentStarted { .. }, .. }]), "{events:?}");

    assert_eq!(fixture.store.claim_next(SERVER, NOW).await.unwrap(), None);
    fixture.succeed(&claimed).await;
    let claimed = fixture.store.claim_next(SERVER, NOW).await.unwrap().unwrap();
    assert_eq!(claimed.summary.id, second.summary.id);
}

async fn parallel_claims_take_each_once(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let mut expected = BTreeSet::new();
    for environment in 0..4 {
        let name = format!("qa-{environment}");
        let environment = fixture.store.upsert_environment(fixture.project, &name, &BTreeMap::new()).await.unwrap();
        for place in 0..3 {
            let new = NewDeployment { environment_id: environment, ..fixture.new_deployment() };
            let record = fixture.store.create_deployment(&new).await.unwrap();
            if place == 0 {
                expected.insert(record.summary.id);
            }
        }
    }
    let claims = (0..12).map(|server| {
        let store = fixture.store.clone();
        tokio::spawn(async move { store.claim_next(ServerId(uuid::Uuid::from_u128(server)), NOW).await.unwrap() })
    });
    let mut claimed: Vec<_> = join_all(claims).await.into_iter().filter_map(Result::unwrap).collect();
    // A server may have found only candidates that another one was about to take: nobody has them twice.
    while let Some(record) = fixture.store.claim_next(SERVER, NOW).await.unwrap() {
        claimed.push(record);
    }
    let ids: Vec<_> = claimed.iter().map(|record| record.summary.id).collect();
    assert_eq!(ids.len(), 4, "each environment is held once");
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected, "by the first of its queue");
}

async fn knows_what_was_live_before(database: TestDatabase) {
    let mut fixture = Fixture::new(database).await;
    let first = fixture.release;
    assert_eq!(fixture.store.previous_release(fixture.environment).await.unwrap(), None);
    fixture.succeed(&fixture.running().await).await;
    assert_eq!(fixture.store.previous_release(fixture.environment).await.unwrap(), None);

    fixture.release = fixture.new_release().await;
    let second = fixture.running().await;
    assert_eq!(second.previous_release_id, Some(first));
    fixture.succeed(&second).await;
    let previous = fixture.store.previous_release(fixture.environment).await.unwrap();
    assert_eq!(previous.map(|release| release.id), Some(first));

    let live = fixture.store.live(fixture.environment).await.unwrap();
    assert_eq!((live.len(), live[0].target.as_deref()), (1, None));
    assert_eq!((live[0].release.as_str(), live[0].deployment.as_str()), (second.summary.release.as_str(), "shop#2"));
    let project = fixture.store.project("shop").await.unwrap().unwrap();
    assert_eq!(project.environments[0].live, live);
    assert_eq!(project.environments[0].latest.as_ref().map(|latest| latest.number), Some(2));
}

async fn lists_by_filter(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let qa = fixture.store.upsert_environment(fixture.project, "qa", &BTreeMap::new()).await.unwrap();
    for number in 1..=6 {
        let environment_id = if number % 2 == 0 { qa } else { fixture.environment };
        let new = NewDeployment { environment_id, ..fixture.new_deployment() };
        fixture.store.create_deployment(&new).await.unwrap();
    }
    fixture.store.claim_next(SERVER, NOW).await.unwrap().unwrap();
    let numbers = async |project: Option<&str>, environment: Option<&str>, status, before, limit| {
        let (project, environment) = (project.map(String::from), environment.map(String::from));
        let filter = DeploymentFilter { project, environment, status, before, limit };
        let page = fixture.store.deployments(&filter).await.unwrap();
        page.iter().map(|summary| summary.number).collect::<Vec<_>>()
    };
    let (shop, running) = (Some("shop"), Some(DeploymentStatus::Running));
    assert_eq!(numbers(None, None, None, None, 50).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(numbers(None, None, running, None, 50).await, [1]);
    assert_eq!(numbers(shop, None, None, None, 2).await, [6, 5]);
    assert_eq!(numbers(shop, None, running, None, 50).await, [1]);
    assert_eq!(numbers(shop, Some("qa"), None, None, 50).await, [6, 4, 2]);
    assert_eq!(numbers(shop, Some("qa"), running, None, 50).await, [0_u64; 0]);
    assert_eq!(numbers(None, Some("production"), None, None, 50).await, [5, 3, 1]);
    assert_eq!(numbers(None, Some("production"), running, None, 50).await, [1]);
    assert_eq!(numbers(Some("other"), None, None, None, 50).await, [0_u64; 0]);
    let third = fixture.store.deployment_by_label("shop", 3).await.unwrap().unwrap().summary.id;
    assert_eq!(numbers(shop, None, None, Some(third), 50).await, [2, 1]);
}

async fn finds_by_label(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let record = fixture.queued().await;
    assert_eq!(fixture.store.deployment_by_label("shop", 1).await.unwrap(), Some(record.clone()));
    assert_eq!(fixture.store.deployment(record.summary.id).await.unwrap(), Some(record.clone()));
    assert_eq!(fixture.store.deployment_by_label("shop", 2).await.unwrap(), None);
    assert_eq!(fixture.store.unfinished().await.unwrap(), [record]);
}
