use super::*;
use crate::on_both_databases;
use std::collections::BTreeSet;
use uuid::Uuid;

on_both_databases!(tells_where_deployments_stand, only_a_shared_database_has_listeners);

async fn tells_where_deployments_stand(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let ended = fixture.running().await;
    fixture.succeed(&ended).await;
    let queued = fixture.queued().await;
    let stand = async |also: &[DeploymentId]| {
        let standings = fixture.store.standings(also).await.unwrap();
        standings.iter().map(|standing| (standing.id, standing.status, standing.last_seq)).collect::<Vec<_>>()
    };
    let waiting = (queued.summary.id, DeploymentStatus::Queued, 1);
    assert_eq!(stand(&[]).await, [waiting]);
    let mut both = stand(&[queued.summary.id, ended.summary.id, DeploymentId::new()]).await;
    both.sort_by_key(|standing| standing.0);
    assert_eq!(both, [(ended.summary.id, DeploymentStatus::Succeeded, 4), waiting]);
}

async fn only_a_shared_database_has_listeners(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let ids: BTreeSet<DeploymentId> = (0..450).map(|_| DeploymentId::new()).collect();
    let told = Told::from([(Topic::Events, ids.clone()), (Topic::Commands, [DeploymentId::new()].into())]);
    let sender = Uuid::now_v7();
    let Some(mut listener) = fixture.store.listen().await.unwrap() else {
        assert!(!fixture.store.is_shared());
        return fixture.store.tell(sender, &told).await.unwrap();
    };
    fixture.store.tell(sender, &told).await.unwrap();
    let mut heard = Told::new();
    while heard != told {
        let notice = listener.next().await.unwrap().unwrap();
        assert_eq!(notice.sender, sender);
        heard.entry(notice.topic).or_default().extend(notice.deployments);
    }
    listener.ping().await.unwrap();
}
