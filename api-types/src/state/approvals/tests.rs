use crate::event::EventBody;
use crate::state::tests::{Record, effect, ended, planned, run, started};
use crate::{Decision, DeploymentStatus, RunMode, StageStatus};
use serde_json::json;

fn asked(key: &str, stage: Option<&str>) -> EventBody {
    EventBody::ApprovalRequested {
        key: key.into(),
        prompt: "Go on?".into(),
        expires: 1000,
        stage: stage.map(String::from),
    }
}

fn decided(key: &str, decision: Decision) -> EventBody {
    EventBody::ApprovalDecided { key: key.into(), decision, by: Some("ada".into()) }
}

fn begun() -> EventBody {
    EventBody::DeploymentStarted { live: Default::default() }
}

fn status(record: &Record) -> DeploymentStatus {
    record.0.status.unwrap()
}

#[test]
fn a_deployment_that_waits_to_begin_is_queued_when_it_is_approved() {
    let mut record = Record::queued(&[planned("one", &[])]);
    record.add(None, asked("deployment", None));
    assert_eq!(status(&record), DeploymentStatus::Waiting);
    assert_eq!(record.0.open_approvals().count(), 1);
    record.try_add(None, begun()).unwrap_err();
    record.add(None, decided("deployment", Decision::Approved));
    assert_eq!((status(&record), record.0.open_approvals().count()), (DeploymentStatus::Queued, 0));
    record.add(None, begun());
    assert_eq!(record.0.approvals[0].decided.as_ref().unwrap().by.as_deref(), Some("ada"));
}

#[test]
fn a_stage_that_waits_goes_on_where_it_was() {
    let mut record = Record::running(&[planned("one", &[]), planned("two", &[])]);
    record.add(None, asked("two", Some("two")));
    assert_eq!((status(&record), record.0.stages[1].status), (DeploymentStatus::Waiting, StageStatus::Waiting));
    record.add(None, decided("two", Decision::Approved));
    assert_eq!((status(&record), record.0.stages[1].status), (DeploymentStatus::Running, StageStatus::Pending));
    record.add(None, asked("one", Some("one")));
    record.add(None, asked("three", None));
    record.add(None, decided("one", Decision::Rejected));
    assert_eq!(status(&record), DeploymentStatus::Waiting, "it waits as long as one question is open");
}

#[test]
fn what_a_plugin_asks_it_waits_for_when_it_says_so() {
    let mut record = Record::running(&[planned("one", &["web-1", "web-2"])]);
    for (id, target) in [(1, "web-1"), (2, "web-2")] {
        record.add(Some(run(id)), started("one", Some(target), 1, RunMode::Run));
        record.add(Some(run(id)), asked(target, None));
        // The plugin asks again after a crash.
        record.add(Some(run(id)), asked(target, None));
    }
    assert_eq!((status(&record), record.0.approvals.len()), (DeploymentStatus::Running, 2));
    assert_eq!(record.0.approvals[0].stage.as_deref(), Some("one"));
    record.add(Some(run(1)), effect(0, "approval.wait", json!({ "key": "web-1" })));
    let suspended = EventBody::StageRunSuspended { status: StageStatus::Waiting, position: 0, reason: "Go on?".into() };
    record.add(Some(run(1)), suspended);
    assert_eq!((status(&record), record.0.stages[0].status), (DeploymentStatus::Waiting, StageStatus::Waiting));
    record.add(None, decided("web-1", Decision::Approved));
    record.add(Some(run(1)), EventBody::StageRunResumed { spent: 0 });
    assert_eq!((status(&record), record.0.stages[0].status), (DeploymentStatus::Running, StageStatus::Running));
    assert_eq!(record.0.open_approvals().count(), 1);
}

#[test]
fn a_question_is_answered_once() {
    let mut record = Record::running(&[planned("one", &[])]);
    record.try_add(None, decided("one", Decision::Approved)).unwrap_err();
    record.try_add(None, asked("nine", Some("nine"))).unwrap_err();
    record.add(None, asked("one", Some("one")));
    record.add(None, decided("one", Decision::Rejected));
    record.try_add(None, decided("one", Decision::Approved)).unwrap_err();
    record.try_add(None, asked("one", Some("one"))).unwrap_err();
    record.add(None, ended(DeploymentStatus::Failed));
}
