//! The events of a deployment: its append-only record. Status, stages, effects and the log are all
//! read from them, and nothing else.

use crate::{
    AnswerOrigin, Decision, DeploymentId, DeploymentKind, DeploymentStatus, FailedBy, Failure, Level, OutputStream,
    RepeatPolicy, Resolution, RunMode, StageRunId, StageStatus, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One event. `seq` counts from 1 within a deployment without gaps and is the id of its event stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub deployment_id: DeploymentId,
    pub seq: u64,
    pub at: Timestamp,
    /// The stage run it belongs to; absent on events of the deployment itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_run: Option<StageRunId>,
    /// Present on log lines, and on the ends of stage runs that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// A log line's text; elsewhere a short sentence for people, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(flatten)]
    pub body: EventBody,
}

/// A stage as the deployment plans it, before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedStage {
    pub id: String,
    /// The part of the deployment it belongs to, such as `deploying`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The plugin, such as `run@1.0.0`.
    pub plugin: String,
    /// Names of the targets it runs on; empty: once, on the server.
    pub targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    #[serde(default)]
    pub pivot: bool,
    #[serde(default)]
    pub always: bool,
}

/// What happened. `kind` and `data` in SQL and JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum EventBody {
    /// The first event: the deployment was created and waits for its turn.
    DeploymentQueued {
        number: u64,
        reason: DeploymentKind,
        actor: String,
        /// The release's label.
        release: String,
        stages: Vec<PlannedStage>,
    },
    /// It holds its environment and runs.
    DeploymentStarted {
        /// Labels of what was live, by target; an empty name is the server itself.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        live: BTreeMap<String, String>,
    },
    /// A server goes on with it: the one before has ended, was lost, or handed it over.
    DeploymentResumed {
        /// Milliseconds for which nobody ran it.
        idle: u64,
    },
    /// Somebody asked for it to be canceled.
    CancelRequested { by: String },
    /// Its own timeout is over: it is being stopped.
    TimeoutReached {
        /// Milliseconds.
        after: u64,
    },
    /// It cannot go on before a person has mended something; each start of a server tries again.
    DeploymentInterrupted { reason: String },
    /// The last event of every deployment.
    DeploymentEnded {
        status: DeploymentStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed_by: Option<FailedBy>,
        /// The stage that decided it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
        /// Where things stand, a sentence a target.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        standing: Vec<String>,
    },
    /// A person is asked, and what asked waits for the answer. Of a stage run where its plugin asked.
    ApprovalRequested {
        /// Unique within the deployment.
        key: String,
        prompt: String,
        expires: Timestamp,
        /// Of the pipeline's own questions; absent: the deployment waits, before its first stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
    },
    ApprovalDecided {
        key: String,
        decision: Decision,
        /// Absent where it expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A batch of a rollout began.
    BatchStarted { rollout: String, batch: u32, batches: u32, targets: Vec<String> },
    /// A stage, or its part on one target, will not run.
    StageSkipped {
        stage: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        reason: String,
    },
    StageRunStarted {
        stage: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        /// Counts from 1.
        attempt: u32,
        mode: RunMode,
        /// Name and version.
        plugin: String,
        /// `sha256:…` of the component.
        digest: String,
        /// The context document the plugin was given, without values of secrets.
        context: Value,
    },
    StageRunEnded {
        status: StageStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outputs: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed_by: Option<FailedBy>,
        /// Whether another attempt follows.
        #[serde(default)]
        will_retry: bool,
    },
    /// The run cannot go on by itself: its effect at `position` has no answer, and a person must give one. Its
    /// sandbox is gone; with the answer the run is replayed up to there.
    StageRunSuspended {
        /// `interrupted`: whether the effect happened is not known. `waiting`: for a decision.
        status: StageStatus,
        position: u64,
        reason: String,
    },
    /// The run goes on, in a fresh sandbox: what is recorded of it answers again.
    StageRunResumed {
        /// Milliseconds it had run before, to be counted against its timeout.
        spent: u64,
    },
    /// A person said what became of the effect under way.
    EffectResolved { position: u64, resolution: Resolution, by: String },
    /// The release of this deployment is what runs there now: the pivot was passed.
    ReleaseActivated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        release: String,
    },
    /// A heading in the stage's log; its name is the event's message.
    StepStarted {
        /// The guest's log calls so far, before any limit; see `LogWritten`.
        ordinal: u64,
    },
    ProgressMade {
        ordinal: u64,
        done: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
        unit: String,
    },
    /// A log line; its text is the event's message. Of the guest itself (`ordinal`), or teed by an
    /// effect (`effect`, its position), or of the host (neither).
    LogWritten {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ordinal: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effect: Option<u64>,
        /// The stream of the effect's command that said it; absent where the effect said it itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stream: Option<OutputStream>,
    },
    /// A capability call is about to be performed; a second time at the same position where the first has no
    /// answer.
    EffectStarted {
        /// Counts from 0 within the stage run.
        position: u64,
        /// Interface and function, such as `ssh-exec.exec`.
        function: String,
        policy: RepeatPolicy,
        /// Secrets as `{{secret:name@version}}`.
        arguments: Value,
    },
    /// Its answer.
    EffectCompleted {
        position: u64,
        answer: EffectAnswer,
        origin: AnswerOrigin,
        /// Milliseconds.
        took: u64,
    },
    /// One attempt of a health check.
    ProbeAttempted {
        effect: u64,
        attempt: u32,
        attempts: u32,
        healthy: bool,
        /// Milliseconds.
        latency: u64,
    },
}

/// The answer of an effect, as the guest gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectAnswer {
    Ok(Value),
    Err(Failure),
}

impl EventBody {
    /// The word for it: the `kind` of SQL and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DeploymentQueued { .. } => "deployment_queued",
            Self::DeploymentStarted { .. } => "deployment_started",
            Self::DeploymentResumed { .. } => "deployment_resumed",
            Self::CancelRequested { .. } => "cancel_requested",
            Self::TimeoutReached { .. } => "timeout_reached",
            Self::DeploymentInterrupted { .. } => "deployment_interrupted",
            Self::DeploymentEnded { .. } => "deployment_ended",
            Self::ApprovalRequested { .. } => "approval_requested",
            Self::ApprovalDecided { .. } => "approval_decided",
            Self::BatchStarted { .. } => "batch_started",
            Self::StageSkipped { .. } => "stage_skipped",
            Self::StageRunStarted { .. } => "stage_run_started",
            Self::StageRunEnded { .. } => "stage_run_ended",
            Self::StageRunSuspended { .. } => "stage_run_suspended",
            Self::StageRunResumed { .. } => "stage_run_resumed",
            Self::EffectResolved { .. } => "effect_resolved",
            Self::ReleaseActivated { .. } => "release_activated",
            Self::StepStarted { .. } => "step_started",
            Self::ProgressMade { .. } => "progress_made",
            Self::LogWritten { .. } => "log_written",
            Self::EffectStarted { .. } => "effect_started",
            Self::EffectCompleted { .. } => "effect_completed",
            Self::ProbeAttempted { .. } => "probe_attempted",
        }
    }
}

/// The function whose argument `json` becomes the stage run's checkpoint.
pub const CHECKPOINT: &str = "control.checkpoint";

/// Interfaces whose functions change nothing beyond the deployment's own record and the plugin's state.
pub const INSIDE: [&str; 3] = ["approval", "control", "state"];
