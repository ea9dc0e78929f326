//! What the store promises, on both databases.

mod append;
mod blob;
mod command;
mod deployment;
mod event;
mod health;
mod notice;
mod open;
mod project;
mod release;
mod server;
mod user;

use super::testing::TestDatabase;
use super::*;
use serde_json::json;
use std::collections::BTreeMap;
use windlass_api_types::event::PlannedStage;
use windlass_api_types::{
    DeploymentId, DeploymentKind, DeploymentStatus, EnvironmentId, Event, EventBody, Level, PipelineRevisionId,
    ProjectId, ReleaseId, ServerId,
};

/// Some time in March 2026.
pub(crate) const NOW: i64 = 1_772_721_022_999;

/// Who owns what tests claim.
pub(crate) const SERVER: ServerId = ServerId(uuid::Uuid::from_u128(1));

/// A project with one environment and one release, ready to be deployed.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) project: ProjectId,
    pub(crate) environment: EnvironmentId,
    pub(crate) revision: PipelineRevisionId,
    pub(crate) release: ReleaseId,
    _database: TestDatabase,
}

impl Fixture {
    pub(crate) async fn new(database: TestDatabase) -> Self {
        let store = database.open().await;
        let project = store.upsert_project("shop", "project = \"shop\"", NOW).await.unwrap();
        let environment = store.upsert_environment(project, "production", &BTreeMap::new()).await.unwrap();
        let revision = store.put_pipeline_revision(project, "sha256:1", None, &json!({}), NOW).await.unwrap().id;
        let mut fixture =
            Self { store, project, environment, revision, release: ReleaseId::new(), _database: database };
        fixture.release = fixture.new_release().await;
        fixture
    }

    /// Where the files of a SQLite database are.
    pub(crate) fn data_dir(&self) -> std::path::PathBuf {
        match &self._database.database {
            Database::Sqlite { data_dir } | Database::Postgres { data_dir, .. } => data_dir.clone(),
        }
    }

    pub(crate) async fn new_release(&self) -> ReleaseId {
        let new = NewRelease {
            now: NOW,
            artifacts: vec![],
            pipeline_revision: self.revision,
            plugins: BTreeMap::new(),
            commit: None,
        };
        self.store.create_release(self.project, new).await.unwrap().id
    }

    pub(crate) fn new_deployment(&self) -> NewDeployment {
        NewDeployment {
            id: DeploymentId::new(),
            project_id: self.project,
            environment_id: self.environment,
            reason: DeploymentKind::Deploy,
            actor: "ada".into(),
            release_id: self.release,
            pipeline_revision_id: self.revision,
            inputs: json!({ "variables": { "A": "1" } }),
            stages: vec![PlannedStage {
                id: "up".into(),
                phase: None,
                plugin: "run@1.0.0".into(),
                targets: vec![],
                rollout: None,
                pivot: true,
                always: false,
            }],
            approval: None,
            now: NOW,
        }
    }

    pub(crate) async fn queued(&self) -> DeploymentRecord {
        self.store.create_deployment(&self.new_deployment()).await.unwrap()
    }

    /// A deployment that runs.
    pub(crate) async fn running(&self) -> DeploymentRecord {
        let queued = self.queued().await;
        let running = self.store.claim_next(SERVER, NOW).await.unwrap().expect("it is the only one");
        assert_eq!(running.summary.id, queued.summary.id);
        running
    }

    /// Appends events to it under its epoch, and answers the state after them.
    pub(crate) async fn append(&self, record: &DeploymentRecord, events: &[Event]) -> Result<(), StoreError> {
        let cache = DeploymentCache {
            status: DeploymentStatus::Running,
            started_at: Some(NOW),
            ended_at: None,
            failed_stage: None,
            failed_by: None,
            failure: None,
        };
        let batch = AppendBatch {
            deployment: record.summary.id,
            epoch: record.epoch,
            events,
            cache: &cache,
            state_writes: &[],
            commands: &[],
            durable: false,
        };
        self.store.append(&batch).await
    }

    /// Ends a running deployment, its release live.
    pub(crate) async fn succeed(&self, record: &DeploymentRecord) {
        let events = [
            event(record, 1, EventBody::ReleaseActivated { target: None, release: record.summary.release.clone() }),
            event(record, 2, ended(DeploymentStatus::Succeeded)),
        ];
        let cache = DeploymentCache {
            status: DeploymentStatus::Succeeded,
            started_at: Some(NOW),
            ended_at: Some(NOW),
            failed_stage: None,
            failed_by: None,
            failure: None,
        };
        let batch = AppendBatch {
            deployment: record.summary.id,
            epoch: record.epoch,
            events: &events,
            cache: &cache,
            state_writes: &[],
            commands: &[],
            durable: true,
        };
        self.store.append(&batch).await.unwrap();
    }
}

/// An event `ahead` places after what the record says is the last.
pub(crate) fn event(record: &DeploymentRecord, ahead: u64, body: EventBody) -> Event {
    let seq = record.summary.last_seq + ahead;
    let at = NOW + i64::try_from(seq).unwrap();
    Event { deployment_id: record.summary.id, seq, at, stage_run: None, level: None, message: String::new(), body }
}

/// A log line of the host.
pub(crate) fn line(record: &DeploymentRecord, ahead: u64, level: Level, message: &str) -> Event {
    let body = EventBody::LogWritten { ordinal: None, effect: None, stream: None };
    Event { level: Some(level), message: message.into(), ..event(record, ahead, body) }
}

pub(crate) fn ended(status: DeploymentStatus) -> EventBody {
    EventBody::DeploymentEnded { status, failed_by: None, stage: None, failure: None, standing: vec![] }
}
