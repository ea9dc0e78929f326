//! Deployments for the tests of what people see.

use windlass_api_types::deployment::{Deployment, DeploymentSummary};
use windlass_api_types::event::PlannedStage;
use windlass_api_types::{
    DeploymentId, DeploymentKind, DeploymentState, DeploymentStatus, Event, EventBody, Failure, RunMode, StageRunId,
    StageStatus,
};

/// 2026-03-05 14:30:22 UTC.
pub(crate) const START: i64 = 1_772_721_022_000;

/// Writes the events of one deployment, a second apart.
pub(crate) struct Record {
    pub(crate) events: Vec<Event>,
}

pub(crate) fn run_id(number: u128) -> StageRunId {
    StageRunId(uuid::Uuid::from_u128(number))
}

fn id() -> DeploymentId {
    DeploymentId(uuid::Uuid::from_u128(0x41))
}

impl Record {
    /// `shop#41` with the given stages, each on web-1 and web-2.
    pub(crate) fn of(stages: &[&str]) -> Self {
        let stages = stages.iter().map(|stage| planned(stage)).collect();
        let mut record = Self { events: Vec::new() };
        record.say(EventBody::DeploymentQueued {
            number: 41,
            reason: DeploymentKind::Deploy,
            actor: "ada".into(),
            release: "20260305-143022".into(),
            stages,
        });
        record.say(EventBody::DeploymentStarted { live: Default::default() });
        record
    }

    pub(crate) fn say(&mut self, body: EventBody) {
        self.add(None, "", body);
    }

    pub(crate) fn add(&mut self, run: Option<StageRunId>, message: &str, body: EventBody) {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Event {
            deployment_id: id(),
            seq,
            at: START + seq as i64 * 1_000,
            stage_run: run,
            level: None,
            message: message.into(),
            body,
        });
    }

    pub(crate) fn start(&mut self, run: u128, stage: &str, target: &str, mode: RunMode) {
        let body = EventBody::StageRunStarted {
            stage: stage.into(),
            target: Some(target.into()),
            attempt: 1,
            mode,
            plugin: "run@1.0.0".into(),
            digest: "sha256:0".into(),
            context: serde_json::Value::Null,
        };
        self.add(Some(run_id(run)), "", body);
    }

    pub(crate) fn end(&mut self, run: u128, status: StageStatus, failure: Option<Failure>) {
        let body = EventBody::StageRunEnded { status, outputs: None, failure, failed_by: None, will_retry: false };
        self.add(Some(run_id(run)), "", body);
    }

    pub(crate) fn finish(
        &mut self,
        status: DeploymentStatus,
        stage: Option<&str>,
        failure: Option<Failure>,
        standing: &[&str],
    ) {
        self.say(EventBody::DeploymentEnded {
            status,
            failed_by: None,
            stage: stage.map(str::to_owned),
            failure,
            standing: standing.iter().map(|sentence| (*sentence).to_owned()).collect(),
        });
    }

    pub(crate) fn state(&self) -> DeploymentState {
        DeploymentState::fold(&self.events).unwrap()
    }

    pub(crate) fn deployment(&self) -> Deployment {
        let state = self.state();
        let summary = DeploymentSummary {
            id: id(),
            number: 41,
            label: "shop#41".into(),
            project: "shop".into(),
            environment: "production".into(),
            reason: DeploymentKind::Deploy,
            status: state.status.unwrap(),
            actor: "ada".into(),
            release: "20260305-143022".into(),
            commit: None,
            created_at: START,
            started_at: state.started_at,
            ended_at: state.ended_at,
            failed_stage: state.failed_stage.clone(),
            failed_by: state.failed_by,
            failure: state.failure.clone(),
            last_seq: state.last_seq,
            server: None,
        };
        Deployment::new(summary, state, true)
    }
}

fn planned(stage: &str) -> PlannedStage {
    PlannedStage {
        id: stage.into(),
        phase: None,
        plugin: "run@1.0.0".into(),
        targets: vec!["web-1".into(), "web-2".into()],
        rollout: Some("web".into()),
        pivot: false,
        always: false,
    }
}

/// Without colors.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
