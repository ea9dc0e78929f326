use super::*;
use crate::StageStatus;
use crate::event::PlannedStage;

/// A stage of a phase, and when it began and ended.
fn stage(phase: Option<&str>, started_at: Option<Timestamp>, ended_at: Option<Timestamp>) -> StageState {
    let planned = PlannedStage {
        id: "one".into(),
        phase: phase.map(Into::into),
        plugin: "noop@1.0.0".into(),
        targets: vec![],
        rollout: None,
        pivot: false,
        always: false,
    };
    let status = StageStatus::Pending;
    StageState { planned, status, started_at, ended_at, skipped: None, skipped_targets: vec![] }
}

fn state(status: DeploymentStatus, stages: Vec<StageState>) -> DeploymentState {
    DeploymentState { status: Some(status), stages, ..DeploymentState::default() }
}

/// One of three stages, one in each phase, was begun last.
fn begun(status: DeploymentStatus, count: usize) -> DeploymentState {
    let phases = ["initializing", "building", "deploying"].into_iter().enumerate();
    state(status, phases.map(|(index, phase)| stage(Some(phase), (index < count).then_some(1), None)).collect())
}

#[test]
fn all_seven_words_can_be_had() {
    use DeploymentStatus::{Canceled, Failed, Interrupted, Queued, Running, Succeeded, Waiting};
    for (state, live, expected) in [
        (DeploymentState::default(), false, "PENDING"),
        (begun(Queued, 0), false, "PENDING"),
        (begun(Waiting, 0), false, "PENDING"),
        (begun(Running, 0), false, "INITIALIZING"),
        (begun(Running, 1), false, "INITIALIZING"),
        (begun(Running, 2), false, "BUILDING"),
        (begun(Interrupted, 2), false, "BUILDING"),
        (begun(Running, 3), false, "DEPLOYING"),
        (begun(Running, 3), true, "DEPLOYING"),
        (begun(Waiting, 3), false, "DEPLOYING"),
        (state(Running, vec![stage(None, Some(1), None)]), false, "DEPLOYING"),
        (begun(Succeeded, 3), true, "RUNNING"),
        (begun(Succeeded, 3), false, "STOPPED"),
        (begun(Canceled, 2), false, "STOPPED"),
        (begun(Failed, 2), false, "FAILED"),
        (begun(Failed, 3), true, "FAILED"),
    ] {
        assert_eq!(lifecycle(&state, live).as_str(), expected, "{state:?}");
    }
}

#[test]
fn a_phase_lasts_from_its_first_stage_to_its_last() {
    let stages = vec![
        stage(Some("building"), Some(10), Some(20)),
        stage(None, Some(20), Some(25)),
        stage(Some("building"), Some(25), Some(40)),
        stage(Some("deploying"), Some(40), None),
        stage(Some("later"), None, None),
    ];
    let of = |status| {
        let phases = phases(&state(status, stages.clone()));
        phases.into_iter().map(|phase| (phase.name, phase.started_at, phase.ended_at)).collect::<Vec<_>>()
    };
    let expected = [
        ("building".to_owned(), Some(10), Some(40)),
        ("deploying".to_owned(), Some(40), None),
        ("later".to_owned(), None, None),
    ];
    assert_eq!(of(DeploymentStatus::Running), expected);
}

#[test]
fn a_phase_of_which_a_stage_is_still_to_come_has_not_ended() {
    let stages = vec![stage(Some("building"), Some(10), Some(20)), stage(Some("building"), None, None)];
    assert_eq!(phases(&state(DeploymentStatus::Running, stages.clone()))[0].ended_at, None);
    assert_eq!(phases(&state(DeploymentStatus::Failed, stages))[0].ended_at, Some(20));
}
