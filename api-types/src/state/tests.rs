use super::*;
use crate::{AnswerOrigin, DeploymentId, Level, RepeatPolicy};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

pub(super) fn planned(id: &str, targets: &[&str]) -> PlannedStage {
    PlannedStage {
        id: id.into(),
        phase: None,
        plugin: "run@1.0.0".into(),
        targets: targets.iter().map(|target| target.to_string()).collect(),
        rollout: None,
        pivot: false,
        always: false,
    }
}

fn queued(stages: &[PlannedStage]) -> EventBody {
    EventBody::DeploymentQueued {
        number: 1,
        reason: DeploymentKind::Deploy,
        actor: "ada".into(),
        release: "20260305-143022".into(),
        stages: stages.to_vec(),
    }
}

pub(super) fn run(id: u128) -> StageRunId {
    StageRunId(Uuid::from_u128(id))
}

pub(super) fn started(stage: &str, target: Option<&str>, attempt: u32, mode: RunMode) -> EventBody {
    EventBody::StageRunStarted {
        stage: stage.into(),
        target: target.map(String::from),
        attempt,
        mode,
        plugin: "run@1.0.0".into(),
        digest: "sha256:0".into(),
        context: Value::Null,
    }
}

fn run_ended(status: StageStatus, will_retry: bool) -> EventBody {
    EventBody::StageRunEnded { status, outputs: None, failure: None, failed_by: None, will_retry }
}

pub(super) fn ended(status: DeploymentStatus) -> EventBody {
    EventBody::DeploymentEnded { status, failed_by: None, stage: None, failure: None, standing: vec![] }
}

pub(super) fn effect(position: u64, function: &str, arguments: Value) -> EventBody {
    EventBody::EffectStarted { position, function: function.into(), policy: RepeatPolicy::Once, arguments }
}

fn answer(position: u64) -> EventBody {
    let answer = EffectAnswer::Ok(Value::Null);
    EventBody::EffectCompleted { position, answer, origin: AnswerOrigin::Performed, took: 1 }
}

fn skipped(stage: &str, target: Option<&str>) -> EventBody {
    EventBody::StageSkipped { stage: stage.into(), target: target.map(String::from), reason: "because".into() }
}

/// A state that is fed one event after the other, each a millisecond later.
pub(super) struct Record(pub(super) DeploymentState);

impl Record {
    pub(super) fn queued(stages: &[PlannedStage]) -> Self {
        let mut record = Self(DeploymentState::default());
        record.add(None, queued(stages));
        record
    }

    pub(super) fn running(stages: &[PlannedStage]) -> Self {
        let mut record = Self::queued(stages);
        record.add(None, EventBody::DeploymentStarted { live: BTreeMap::new() });
        record
    }

    pub(super) fn try_add(&mut self, stage_run: Option<StageRunId>, body: EventBody) -> Result<(), IllegalEvent> {
        let seq = self.0.last_seq + 1;
        let event = Event {
            deployment_id: DeploymentId(Uuid::nil()),
            seq,
            at: seq as Timestamp,
            stage_run,
            level: matches!(body, EventBody::LogWritten { .. }).then_some(Level::Info),
            message: "message".into(),
            body,
        };
        self.0.apply(&event)
    }

    /// Answers when it happened.
    pub(super) fn add(&mut self, stage_run: Option<StageRunId>, body: EventBody) -> Timestamp {
        self.try_add(stage_run, body).unwrap();
        self.0.last_seq as Timestamp
    }

    /// Expects a refusal with this reason, and that it changed nothing.
    fn refuse(&mut self, stage_run: Option<StageRunId>, body: EventBody, reason: &str) {
        let before = self.0.clone();
        assert_eq!(self.try_add(stage_run, body).unwrap_err().reason, reason);
        assert_eq!(self.0, before);
    }

    fn start(&mut self, id: u128, stage: &str, target: Option<&str>) {
        self.add(Some(run(id)), started(stage, target, 1, RunMode::Run));
    }

    fn end(&mut self, id: u128, status: StageStatus) {
        self.add(Some(run(id)), run_ended(status, false));
    }

    fn stage(&self, id: &str) -> (StageStatus, Option<Timestamp>, Option<Timestamp>) {
        let stage = self.0.stage(id).unwrap();
        (stage.status, stage.started_at, stage.ended_at)
    }
}

#[test]
fn a_deployment_from_its_first_event_to_its_last() {
    let mut record = Record::queued(&[planned("build", &[]), planned("up", &["web-1", "web-2"])]);
    assert_eq!(record.0.status, Some(DeploymentStatus::Queued));
    assert_eq!(record.stage("up"), (StageStatus::Pending, None, None));
    record.add(None, EventBody::DeploymentStarted { live: BTreeMap::new() });
    record.start(1, "build", None);
    assert_eq!(record.stage("build"), (StageStatus::Running, Some(3), None));
    record.end(1, StageStatus::Succeeded);
    assert_eq!(record.stage("build"), (StageStatus::Succeeded, Some(3), Some(4)));
    record.start(2, "up", Some("web-1"));
    record.start(3, "up", Some("web-2"));
    record.end(3, StageStatus::Succeeded);
    assert_eq!(record.stage("up").0, StageStatus::Running, "the other target's run is open");
    record.end(2, StageStatus::Succeeded);
    assert_eq!(record.stage("up"), (StageStatus::Succeeded, Some(5), Some(8)));
    for _ in 0..2 {
        record.add(None, EventBody::ReleaseActivated { target: Some("web-1".into()), release: "r".into() });
    }
    assert_eq!(record.0.activated, ["web-1"]);
    record.add(None, ended(DeploymentStatus::Succeeded));
    assert_eq!((record.0.status, record.0.ended_at), (Some(DeploymentStatus::Succeeded), Some(11)));
    let line = EventBody::LogWritten { ordinal: None, effect: None, stream: None };
    record.refuse(None, line, "the deployment has succeeded");
}

#[test]
fn refuses_what_cannot_follow() {
    let mut record = Record(DeploymentState::default());
    record.refuse(None, EventBody::DeploymentStarted { live: BTreeMap::new() }, "the first is `deployment_queued`");
    record.add(None, queued(&[planned("up", &[])]));
    record.refuse(None, queued(&[]), "it is not the first");
    record.refuse(Some(run(1)), started("up", None, 1, RunMode::Run), "the deployment has not started");
    record.refuse(None, EventBody::DeploymentInterrupted { reason: "".into() }, "it does not run");
    record.add(None, EventBody::DeploymentStarted { live: BTreeMap::new() });
    record.refuse(None, EventBody::DeploymentStarted { live: BTreeMap::new() }, "it is not queued");
    record.refuse(None, ended(DeploymentStatus::Running), "running is not terminal");
    record.refuse(None, started("up", None, 1, RunMode::Run), "it names no stage run");
    record.refuse(None, skipped("down", None), "there is no stage `down`");
    record.refuse(Some(run(1)), started("down", None, 1, RunMode::Run), "there is no stage `down`");
    let nobody = run(1);
    record.refuse(Some(nobody), EventBody::StepStarted { ordinal: 0 }, &format!("there is no stage run {nobody}"));
    record.start(1, "up", None);
    let again = format!("stage run {nobody} has started before");
    record.refuse(Some(nobody), started("up", None, 2, RunMode::Run), &again);
    record.refuse(Some(nobody), EventBody::CancelRequested { by: "ada".into() }, "it belongs to no stage run");
    record.refuse(Some(nobody), run_ended(StageStatus::Waiting, false), "waiting is not terminal");
    record.end(1, StageStatus::Succeeded);
    let late = EventBody::LogWritten { ordinal: None, effect: None, stream: None };
    record.refuse(Some(nobody), late, &format!("stage run {nobody} has ended"));
}

#[test]
fn refuses_a_gap() {
    let mut state = DeploymentState::default();
    let event = Event {
        deployment_id: DeploymentId(Uuid::nil()),
        seq: 2,
        at: 0,
        stage_run: None,
        level: None,
        message: String::new(),
        body: queued(&[]),
    };
    assert_eq!(
        state.apply(&event).unwrap_err().to_string(),
        "event 2 (deployment_queued) cannot follow: the last was 0"
    );
}

#[test]
fn effects_are_one_at_a_time_and_in_order() {
    let mut record = Record::running(&[planned("up", &[])]);
    record.start(1, "up", None);
    let id = Some(run(1));
    record.refuse(id, effect(1, "ssh-exec.exec", Value::Null), "effect 1 follows 0 effects");
    record.refuse(id, answer(0), "effect 0 is not under way");
    record.add(id, effect(0, crate::event::CHECKPOINT, json!({ "json": "{}" })));
    assert_eq!(record.0.runs[0].open_effect.as_ref().map(|open| open.position), Some(0));
    record.refuse(id, effect(1, "ssh-exec.exec", Value::Null), "effect 1 follows 1 effects");
    record.refuse(id, answer(1), "effect 1 is not under way");
    record.add(id, answer(0));
    assert_eq!((&record.0.runs[0].checkpoint, &record.0.runs[0].open_effect), (&Some(json!("{}")), &None));
    record.add(id, effect(1, "ssh-exec.exec", Value::Null));
    assert_eq!(record.0.runs[0].effects, 2);
}

#[test]
fn progress_belongs_to_its_step() {
    let mut record = Record::running(&[planned("up", &[])]);
    record.start(1, "up", None);
    record.add(Some(run(1)), EventBody::ProgressMade { ordinal: 0, done: 1, total: Some(2), unit: "images".into() });
    assert!(record.0.runs[0].progress.is_some());
    record.add(Some(run(1)), EventBody::StepStarted { ordinal: 1 });
    assert_eq!((record.0.runs[0].step.as_deref(), &record.0.runs[0].progress), (Some("message"), &None));
}

#[test]
fn a_retry_goes_on_with_its_stage() {
    let mut record = Record::running(&[planned("up", &["web-1", "web-2"])]);
    record.start(1, "up", Some("web-1"));
    record.start(2, "up", Some("web-2"));
    record.add(Some(run(1)), run_ended(StageStatus::Failed, true));
    record.end(2, StageStatus::Succeeded);
    assert_eq!(record.stage("up").0, StageStatus::Running, "web-1 is tried again");
    record.add(Some(run(3)), started("up", Some("web-1"), 2, RunMode::Run));
    record.end(3, StageStatus::Succeeded);
    assert_eq!(record.stage("up"), (StageStatus::Succeeded, Some(3), Some(8)));
    assert_eq!(record.0.last_run("up", Some("web-1")).map(|run| run.attempt), Some(2));
}

#[test]
fn a_rollout_reaches_its_targets_batch_by_batch() {
    let mut record = Record::running(&[planned("up", &["web-1", "web-2", "web-3"])]);
    record.start(1, "up", Some("web-1"));
    record.end(1, StageStatus::Warned);
    assert_eq!(record.stage("up"), (StageStatus::Running, Some(3), None), "two targets are left");
    record.start(2, "up", Some("web-2"));
    record.end(2, StageStatus::Succeeded);
    record.add(None, skipped("up", Some("web-3")));
    assert_eq!(record.stage("up"), (StageStatus::Warned, Some(3), Some(7)));
}

#[test]
fn a_rollout_that_fails_in_the_middle_says_where() {
    let mut record = Record::running(&[planned("up", &["web-1", "web-2"]), planned("healthy", &["web-1", "web-2"])]);
    record.start(1, "up", Some("web-1"));
    record.end(1, StageStatus::Succeeded);
    record.start(2, "healthy", Some("web-1"));
    record.end(2, StageStatus::TimedOut);
    assert_eq!(record.stage("healthy").0, StageStatus::TimedOut);
    record.add(Some(run(3)), started("up", Some("web-1"), 1, RunMode::Undo));
    assert_eq!(record.stage("up").0, StageStatus::Running, "an undo is no run");
    record.end(3, StageStatus::Succeeded);
    record.add(None, ended(DeploymentStatus::Failed));
    assert_eq!(record.stage("up"), (StageStatus::Canceled, Some(3), Some(4)), "it never came to web-2");
}

#[test]
fn skipping_targets_skips_the_stage_when_none_is_left() {
    let mut record = Record::running(&[planned("up", &["web-1", "web-2"]), planned("down", &[])]);
    record.add(None, skipped("up", Some("web-1")));
    record.add(None, skipped("up", Some("web-1")));
    assert_eq!(record.stage("up").0, StageStatus::Pending);
    record.add(None, skipped("up", Some("web-2")));
    assert_eq!(record.stage("up"), (StageStatus::Skipped, None, None));
    assert_eq!(record.0.stages[0].skipped.as_deref(), Some("because"));
    record.add(None, ended(DeploymentStatus::Succeeded));
    assert_eq!(record.stage("down").0, StageStatus::Skipped);
}

fn suspended(position: u64, status: StageStatus) -> EventBody {
    EventBody::StageRunSuspended { status, position, reason: "nobody knows".into() }
}

fn resolved(position: u64, resolution: Resolution) -> EventBody {
    EventBody::EffectResolved { position, resolution, by: "ada".into() }
}

#[test]
fn an_interrupted_run_holds_the_deployment_until_it_is_resolved() {
    let mut record = Record::running(&[planned("up", &["web-1", "web-2"]), planned("down", &[])]);
    record.start(1, "up", Some("web-1"));
    record.start(2, "up", Some("web-2"));
    record.add(Some(run(1)), effect(0, "ssh-exec.exec", Value::Null));
    record.refuse(Some(run(1)), suspended(1, StageStatus::Interrupted), "effect 1 is not under way");
    record.refuse(Some(run(1)), suspended(0, StageStatus::Failed), "a run that is failed does not wait for a person");
    record.refuse(Some(run(1)), resolved(0, Resolution::Done), "effect 0 is not to be resolved");
    let since = record.add(Some(run(1)), suspended(0, StageStatus::Interrupted));
    assert_eq!((record.0.status, record.0.held_since), (Some(DeploymentStatus::Interrupted), Some(since)));
    assert_eq!((record.stage("up").0, record.0.runs[0].status), (StageStatus::Interrupted, StageStatus::Interrupted));
    // The other target does not change that.
    record.add(Some(run(2)), run_ended(StageStatus::Succeeded, false));
    assert_eq!(record.0.status, Some(DeploymentStatus::Interrupted));
    record.add(Some(run(1)), resolved(0, Resolution::Retry));
    record.refuse(Some(run(1)), resolved(0, Resolution::Done), "effect 0 is not to be resolved");
    let until = record.add(Some(run(1)), EventBody::StageRunResumed { spent: 5 });
    assert_eq!((record.0.status, record.stage("up").0), (Some(DeploymentStatus::Running), StageStatus::Running));
    assert_eq!((record.0.held_since, record.0.idle), (None, u64::try_from(until - since).unwrap()));
    // Performed again, so that what was said of it is used up.
    record.add(Some(run(1)), effect(0, "ssh-exec.exec", Value::Null));
    let open = record.0.runs[0].open_effect.clone().unwrap();
    assert_eq!((open.position, open.resolution, record.0.runs[0].effects), (0, None, 1));
}

#[test]
fn an_interrupted_deployment_can_be_canceled() {
    let mut record = Record::running(&[planned("up", &[]), planned("down", &[])]);
    record.start(1, "up", None);
    record.add(Some(run(1)), effect(0, "ssh-exec.exec", Value::Null));
    record.add(None, EventBody::DeploymentInterrupted { reason: "a plugin is gone".into() });
    assert_eq!(record.0.status, Some(DeploymentStatus::Interrupted));
    assert_eq!((record.stage("up").0, record.0.runs[0].status), (StageStatus::Running, StageStatus::Running));
    record.add(None, EventBody::CancelRequested { by: "ada".into() });
    record.add(None, ended(DeploymentStatus::Canceled));
    assert_eq!((record.0.cancel_requested, record.0.canceled_by.as_deref()), (true, Some("ada")));
    assert_eq!((record.stage("up").0, record.stage("down").0), (StageStatus::Canceled, StageStatus::Skipped));
    assert_eq!((record.0.runs[0].status, record.0.runs[0].ended_at), (StageStatus::Canceled, Some(7)));
    assert!(record.0.runs[0].open_effect.is_some(), "what became of it is still unknown");
    assert_eq!(record.0.open_runs().count(), 0);
}

#[test]
fn a_server_that_goes_on_ends_what_could_not() {
    let mut record = Record::running(&[planned("up", &[])]);
    record.add(None, EventBody::DeploymentInterrupted { reason: "a plugin is gone".into() });
    assert_eq!(record.0.interruption.as_deref(), Some("a plugin is gone"));
    record.add(None, EventBody::DeploymentResumed { idle: 1 });
    assert_eq!((record.0.status, &record.0.interruption), (Some(DeploymentStatus::Running), &None));
    let idle = record.0.idle;
    record.add(None, EventBody::DeploymentResumed { idle: 40 });
    assert_eq!(record.0.idle, idle + 40);
}

/// Anything that might be said about a small deployment, most of it illegal at most times.
fn any_event() -> impl Strategy<Value = (Option<StageRunId>, EventBody)> {
    let stages = [planned("a", &[]), planned("b", &["x", "y"])];
    let of_deployment = prop_oneof![
        Just(queued(&stages)),
        Just(EventBody::DeploymentStarted { live: BTreeMap::new() }),
        Just(EventBody::CancelRequested { by: "ada".into() }),
        Just(EventBody::DeploymentInterrupted { reason: "stopped".into() }),
        Just(EventBody::DeploymentResumed { idle: 3 }),
        Just(EventBody::TimeoutReached { after: 3 }),
        Just(ended(DeploymentStatus::Failed)),
        Just(skipped("a", None)),
        prop_oneof![Just("x"), Just("y"), Just("z")].prop_map(|target| skipped("b", Some(target))),
    ];
    let place = prop_oneof![Just(("a", None)), Just(("b", Some("x"))), Just(("b", Some("y"))), Just(("c", None))];
    let status = prop::sample::select(StageStatus::ALL);
    let of_run = prop_oneof![
        3 => (place, any::<bool>()).prop_map(|((stage, target), undo)| {
            started(stage, target, 1, if undo { RunMode::Undo } else { RunMode::Run })
        }),
        2 => (status, any::<bool>()).prop_map(|(status, retry)| run_ended(status, retry)),
        1 => (0..3_u64).prop_map(|position| effect(position, crate::event::CHECKPOINT, json!({ "json": 1 }))),
        1 => (0..3_u64).prop_map(answer),
        1 => (0..3_u64, prop::sample::select(StageStatus::ALL)).prop_map(|(position, status)| suspended(position, status)),
        1 => Just(EventBody::StageRunResumed { spent: 1 }),
        1 => (0..3_u64).prop_map(|position| resolved(position, Resolution::Retry)),
        1 => Just(EventBody::LogWritten { ordinal: None, effect: None, stream: None }),
    ];
    let id = (0..6_u128).prop_map(run);
    prop_oneof![
        1 => of_deployment.prop_map(|body| (None, body)),
        3 => (id, of_run).prop_map(|(id, body)| (Some(id), body)),
    ]
}

proptest! {
    #[test]
    fn an_event_is_taken_whole_or_not_at_all(events in prop::collection::vec(any_event(), 0..60)) {
        // Most sequences would not get past their first event.
        let mut record = Record::running(&[planned("a", &[]), planned("b", &["x", "y"])]);
        for (stage_run, body) in events {
            let before = record.0.clone();
            let result = record.try_add(stage_run, body);
            let state = &record.0;
            if result.is_err() {
                prop_assert_eq!(state, &before);
                continue;
            }
            prop_assert_eq!(state.last_seq, before.last_seq + 1);
            prop_assert!(!before.status.is_some_and(DeploymentStatus::is_terminal), "nothing follows the end");
            let terminal = state.status.is_some_and(DeploymentStatus::is_terminal);
            prop_assert_eq!(terminal, state.ended_at.is_some());
            let held = matches!(state.status, Some(DeploymentStatus::Waiting | DeploymentStatus::Interrupted));
            prop_assert_eq!(held, state.held_since.is_some());
            for stage in &state.stages {
                prop_assert!(!terminal || stage.status.is_terminal(), "{} is {}", stage.planned.id, stage.status);
                prop_assert!(stage.ended_at.is_none() || stage.status.is_terminal());
            }
            for run in &state.runs {
                prop_assert_eq!(run.ended_at.is_some(), run.status.is_terminal());
            }
        }
    }
}
