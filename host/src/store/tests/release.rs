use super::*;
use crate::on_both_databases;
use windlass_api_types::deployment::{Artifact, Commit};

on_both_databases!(labels_do_not_collide, keeps_what_it_consists_of, refuses_artifacts_that_are_not_stored);

async fn labels_do_not_collide(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    futures::future::join_all((0..4).map(|_| fixture.new_release())).await;
    let releases = fixture.store.releases(fixture.project, 10).await.unwrap();
    let mut labels: Vec<_> = releases.into_iter().map(|release| release.label).collect();
    labels.sort();
    let expected = ["", "-2", "-3", "-4", "-5"].map(|suffix| format!("20260305-143022{suffix}"));
    assert_eq!(labels, expected);
    // Another project counts for itself.
    let other = fixture.store.upsert_project("other", "", NOW).await.unwrap();
    let new = NewRelease { now: NOW, ..new(&fixture, vec![]) };
    assert_eq!(fixture.store.create_release(other, new).await.unwrap().label, "20260305-143022");
}

fn new(fixture: &Fixture, artifacts: Vec<Artifact>) -> NewRelease {
    let commit = Commit { sha: "abc".into(), branch: Some("main".into()), message: None, author: None };
    NewRelease {
        now: NOW + 1_000,
        artifacts,
        pipeline_revision: fixture.revision,
        plugins: BTreeMap::from([("run@1.0.0".to_owned(), "sha256:0".to_owned())]),
        commit: Some(commit),
    }
}

async fn keeps_what_it_consists_of(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let blob = fixture.store.put_blob(&b"artifact"[..], NOW).await.unwrap();
    let artifact = Artifact { name: "app".into(), digest: blob.digest, size: blob.size };
    let release = fixture.store.create_release(fixture.project, new(&fixture, vec![artifact])).await.unwrap();
    let found = fixture.store.release(fixture.project, "20260305-143023").await.unwrap();
    assert_eq!(found.as_ref(), Some(&release));
    assert_eq!(fixture.store.release_by_id(release.id).await.unwrap().as_ref(), Some(&release));
    assert_eq!(fixture.store.releases(fixture.project, 1).await.unwrap(), [release]);
    assert_eq!(fixture.store.release(fixture.project, "20260305").await.unwrap(), None);
}

async fn refuses_artifacts_that_are_not_stored(database: TestDatabase) {
    let fixture = Fixture::new(database).await;
    let artifact = Artifact { name: "app".into(), digest: "sha256:none".into(), size: 1 };
    let error = fixture.store.create_release(fixture.project, new(&fixture, vec![artifact])).await.unwrap_err();
    assert_eq!(error.to_string(), "an artifact of the release is not stored: sha256:none");
    assert_eq!(fixture.store.releases(fixture.project, 10).await.unwrap().len(), 1);
}
