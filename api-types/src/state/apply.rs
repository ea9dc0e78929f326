//! One step of the fold: which event may follow, and what it changes.

use super::*;

type Applied = Result<(), String>;

pub(super) fn apply(state: &mut DeploymentState, event: &Event) -> Result<(), IllegalEvent> {
    let illegal = |reason: String| IllegalEvent { seq: event.seq, kind: event.body.kind(), reason };
    if event.seq != state.last_seq + 1 {
        return Err(illegal(format!("the last was {}", state.last_seq)));
    }
    match (&event.body, state.status) {
        (EventBody::DeploymentQueued { .. }, None) => {}
        (EventBody::DeploymentQueued { .. }, Some(_)) => return Err(illegal("it is not the first".into())),
        (_, None) => return Err(illegal("the first is `deployment_queued`".into())),
        (_, Some(status)) if status.is_terminal() => return Err(illegal(format!("the deployment has {status}"))),
        _ => {}
    }
    match event.stage_run {
        Some(id) => run_event(state, id, event).map_err(illegal)?,
        None => deployment_event(state, event).map_err(illegal)?,
    }
    state.last_seq = event.seq;
    Ok(())
}

fn deployment_event(state: &mut DeploymentState, event: &Event) -> Applied {
    match &event.body {
        EventBody::DeploymentQueued { number, reason, actor, release, stages } => {
            state.status = Some(DeploymentStatus::Queued);
            state.queued_at = Some(event.at);
            state.number = *number;
            state.reason = Some(*reason);
            state.actor.clone_from(actor);
            state.release.clone_from(release);
            state.stages = stages.iter().map(StageState::new).collect();
        }
        EventBody::DeploymentStarted {} => {
            if state.status != Some(DeploymentStatus::Queued) {
                return Err("it is not queued".into());
            }
            state.status = Some(DeploymentStatus::Running);
            state.started_at = Some(event.at);
        }
        EventBody::CancelRequested { .. } => state.cancel_requested = true,
        EventBody::DeploymentInterrupted { .. } => {
            state.status = Some(DeploymentStatus::Interrupted);
            for run in state.runs.iter_mut().filter(|run| run.ended_at.is_none()) {
                run.status = StageStatus::Interrupted;
            }
            for stage in state.stages.iter_mut().filter(|stage| stage.status == StageStatus::Running) {
                stage.status = StageStatus::Interrupted;
            }
        }
        EventBody::DeploymentEnded { status, failed_by, stage, failure, standing } => {
            if !status.is_terminal() {
                return Err(format!("{status} is not terminal"));
            }
            end(state, *status, event.at);
            state.failed_by = *failed_by;
            state.failed_stage.clone_from(stage);
            state.failure.clone_from(failure);
            state.standing.clone_from(standing);
        }
        EventBody::StageSkipped { stage, target, reason } => {
            let stage = stage_mut(state, stage)?;
            match target {
                Some(target) => stage.skipped_targets.push(target.clone()),
                None => stage.status = StageStatus::Skipped,
            }
            stage.skipped = Some(reason.clone());
        }
        EventBody::ReleaseActivated { target, .. } => state.activated.push(target.clone().unwrap_or_default()),
        EventBody::BatchStarted { .. } | EventBody::LogWritten { .. } => {}
        _ => return Err("it names no stage run".into()),
    }
    Ok(())
}

fn end(state: &mut DeploymentState, status: DeploymentStatus, at: Timestamp) {
    state.status = Some(status);
    state.ended_at = Some(at);
    for stage in &mut state.stages {
        match stage.status {
            StageStatus::Pending | StageStatus::Queued => stage.status = StageStatus::Skipped,
            StageStatus::Interrupted => stage.status = StageStatus::Canceled,
            _ => {}
        }
    }
    for run in state.runs.iter_mut().filter(|run| run.status == StageStatus::Interrupted) {
        run.status = StageStatus::Canceled;
        run.ended_at = Some(at);
    }
}

fn run_event(state: &mut DeploymentState, id: StageRunId, event: &Event) -> Applied {
    if let EventBody::StageRunStarted { stage, target, attempt, mode, plugin, digest, .. } = &event.body {
        if state.runs.iter().any(|run| run.id == id) {
            return Err(format!("stage run {id} has started before"));
        }
        state.runs.push(StageRunState {
            id,
            stage: stage.clone(),
            target: target.clone(),
            attempt: *attempt,
            mode: *mode,
            plugin: plugin.clone(),
            digest: digest.clone(),
            status: StageStatus::Running,
            started_at: event.at,
            ended_at: None,
            outputs: None,
            failure: None,
            failed_by: None,
            step: None,
            progress: None,
            checkpoint: None,
            effects: 0,
            open_effect: None,
        });
        let stage = stage_mut(state, stage)?;
        if *mode == RunMode::Run {
            stage.started_at.get_or_insert(event.at);
            stage.status = StageStatus::Running;
        }
        return Ok(());
    }
    // The run an event belongs to is nearly always one of the last.
    let run = state.runs.iter_mut().rev().find(|run| run.id == id).ok_or(format!("there is no stage run {id}"))?;
    if run.ended_at.is_some() {
        return Err(format!("stage run {id} has ended"));
    }
    match &event.body {
        EventBody::StageRunEnded { status, outputs, failure, failed_by, will_retry } => {
            run.status = *status;
            run.ended_at = Some(event.at);
            run.outputs.clone_from(outputs);
            run.failure.clone_from(failure);
            run.failed_by = *failed_by;
            run.open_effect = None;
            if run.mode == RunMode::Run && !will_retry {
                let stage = run.stage.clone();
                settle(state, &stage, event.at)?;
            }
        }
        EventBody::StepStarted { .. } => {
            run.step = Some(event.message.clone());
            run.progress = None;
        }
        EventBody::ProgressMade { done, total, unit, .. } => {
            run.progress = Some(Progress { done: *done, total: *total, unit: unit.clone() });
        }
        EventBody::EffectStarted { position, function, arguments, .. } => {
            if *position != run.effects || run.open_effect.is_some() {
                return Err(format!("effect {position} follows {} effects", run.effects));
            }
            run.effects += 1;
            run.open_effect =
                Some(OpenEffect { position: *position, function: function.clone(), arguments: arguments.clone() });
        }
        EventBody::EffectCompleted { position, answer, .. } => {
            let open = run.open_effect.take_if(|open| open.position == *position);
            let open = open.ok_or(format!("effect {position} is not under way"))?;
            if open.function == crate::event::CHECKPOINT && matches!(answer, EffectAnswer::Ok(_)) {
                run.checkpoint = open.arguments.get("json").cloned();
            }
        }
        EventBody::LogWritten { .. } | EventBody::ProbeAttempted { .. } => {}
        _ => return Err("it belongs to no stage run".into()),
    }
    Ok(())
}

/// Sums a stage's status up once no run of it is open: the worst of its targets' last runs.
fn settle(state: &mut DeploymentState, id: &str, at: Timestamp) -> Applied {
    let open = state.runs.iter().any(|run| run.stage == id && run.mode == RunMode::Run && run.ended_at.is_none());
    let planned = &stage_mut(state, id)?.planned;
    let targets: Vec<Option<String>> = match planned.targets.is_empty() {
        true => vec![None],
        false => planned.targets.iter().cloned().map(Some).collect(),
    };
    let last: Vec<StageStatus> =
        targets.iter().filter_map(|target| state.last_run(id, target.as_deref())).map(|run| run.status).collect();
    let skipped = stage_mut(state, id)?.skipped_targets.len();
    let worst = [
        StageStatus::Failed,
        StageStatus::TimedOut,
        StageStatus::Canceled,
        StageStatus::Interrupted,
        StageStatus::Warned,
    ]
    .into_iter()
    .find(|status| last.contains(status));
    let complete = last.len() + skipped >= targets.len();
    let stage = stage_mut(state, id)?;
    stage.status = match worst {
        _ if open => StageStatus::Running,
        Some(status) => status,
        None if complete => StageStatus::Succeeded,
        // Later batches of its rollout have not reached it yet.
        None => StageStatus::Running,
    };
    if !open {
        stage.ended_at = Some(at);
    }
    Ok(())
}

fn stage_mut<'a>(state: &'a mut DeploymentState, id: &str) -> Result<&'a mut StageState, String> {
    state.stages.iter_mut().find(|stage| stage.planned.id == id).ok_or(format!("there is no stage `{id}`"))
}

impl StageState {
    fn new(planned: &PlannedStage) -> Self {
        Self {
            planned: planned.clone(),
            status: StageStatus::Pending,
            started_at: None,
            ended_at: None,
            skipped: None,
            skipped_targets: Vec::new(),
        }
    }
}
