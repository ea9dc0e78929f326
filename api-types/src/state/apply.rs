//! One step of the fold: which event may follow, and what it changes.

use super::*;
use crate::event::INSIDE;

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
        _ if approvals::is_one(&event.body) => approvals::apply(state, event).map_err(illegal)?,
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
        EventBody::DeploymentStarted { live } => {
            if state.status != Some(DeploymentStatus::Queued) {
                return Err("it is not queued".into());
            }
            state.status = Some(DeploymentStatus::Running);
            state.started_at = Some(event.at);
            state.live.clone_from(live);
        }
        EventBody::DeploymentResumed { idle } => {
            has_started(state)?;
            state.interruption = None;
            // While it waits for a person the whole wait is counted at its end.
            if state.held_since.is_none() {
                state.idle += idle;
            }
            hold(state, event.at);
        }
        EventBody::CancelRequested { by } => {
            state.cancel_requested = true;
            state.canceled_by.get_or_insert_with(|| by.clone());
        }
        EventBody::TimeoutReached { after } => state.timed_out_after = Some(*after),
        EventBody::DeploymentInterrupted { reason } => {
            has_started(state)?;
            state.interruption = Some(reason.clone());
            hold(state, event.at);
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
        EventBody::StageSkipped { stage: id, target, reason } => {
            let stage = stage_mut(state, id)?;
            stage.skipped = Some(reason.clone());
            match target {
                Some(target) if stage.skipped_targets.contains(target) => {}
                Some(target) => {
                    stage.skipped_targets.push(target.clone());
                    settle(state, id, event.at)?;
                }
                None => stage.status = StageStatus::Skipped,
            }
        }
        EventBody::ReleaseActivated { target, .. } => {
            let target = target.clone().unwrap_or_default();
            if !state.activated.contains(&target) {
                state.activated.push(target);
            }
        }
        EventBody::BatchStarted { rollout, batch, .. } => state.batches.push((rollout.clone(), *batch)),
        EventBody::LogWritten { .. } => {}
        _ => return Err("it names no stage run".into()),
    }
    Ok(())
}

fn has_started(state: &DeploymentState) -> Applied {
    match state.status {
        Some(DeploymentStatus::Running | DeploymentStatus::Waiting | DeploymentStatus::Interrupted) => Ok(()),
        _ => Err("it does not run".into()),
    }
}

/// A deployment waits for a person as long as one of its runs does, and what is interrupted comes first.
pub(super) fn hold(state: &mut DeploymentState, at: Timestamp) {
    let has = |status| state.open_runs().any(|run| run.status == status);
    let status = if state.interruption.is_some() || has(StageStatus::Interrupted) {
        DeploymentStatus::Interrupted
    } else if has(StageStatus::Waiting) || approvals::waits(state) {
        DeploymentStatus::Waiting
    } else {
        DeploymentStatus::Running
    };
    state.status = Some(status);
    match (status, state.held_since) {
        (DeploymentStatus::Running, Some(since)) => {
            state.idle += u64::try_from(at - since).unwrap_or(0);
            state.held_since = None;
        }
        (DeploymentStatus::Running, None) => {}
        (_, since) => state.held_since = since.or(Some(at)),
    }
}

/// What has not ended by then never will: a stage that was not reached was skipped, one that was in the
/// middle of its targets was stopped there.
fn end(state: &mut DeploymentState, status: DeploymentStatus, at: Timestamp) {
    state.status = Some(status);
    state.ended_at = Some(at);
    state.interruption = None;
    if let Some(since) = state.held_since.take() {
        state.idle += u64::try_from(at - since).unwrap_or(0);
    }
    for run in state.runs.iter_mut().filter(|run| run.ended_at.is_none()) {
        run.status = StageStatus::Canceled;
        run.ended_at = Some(at);
    }
    let runs = &state.runs;
    for stage in &mut state.stages {
        match stage.status {
            StageStatus::Pending | StageStatus::Queued => stage.status = StageStatus::Skipped,
            StageStatus::Running | StageStatus::Waiting | StageStatus::Interrupted => {
                stage.status = StageStatus::Canceled;
                // It did nothing after its last run.
                let own = runs.iter().filter(|run| run.mode == RunMode::Run && run.stage == stage.planned.id);
                stage.ended_at = own.filter_map(|run| run.ended_at).max().or(Some(at));
            }
            _ => {}
        }
    }
}

fn run_event(state: &mut DeploymentState, id: StageRunId, event: &Event) -> Applied {
    if matches!(event.body, EventBody::StageRunStarted { .. }) {
        return run_started(state, id, event);
    }
    // The run an event belongs to is nearly always one of the last.
    let run = state.runs.iter_mut().rev().find(|run| run.id == id);
    let run = run.ok_or_else(|| format!("there is no stage run {id}"))?;
    if run.ended_at.is_some() {
        return Err(format!("stage run {id} has ended"));
    }
    match &event.body {
        EventBody::StageRunEnded { status, outputs, failure, failed_by, will_retry } => {
            if !status.is_terminal() {
                return Err(format!("{status} is not terminal"));
            }
            run.status = *status;
            run.ended_at = Some(event.at);
            run.outputs.clone_from(outputs);
            run.failure.clone_from(failure);
            run.failed_by = *failed_by;
            run.will_retry = *will_retry;
            run.open_effect = None;
            run.suspended = None;
            return held_again(state, id, event.at);
        }
        EventBody::StageRunSuspended { status, position, reason } => {
            if !matches!(status, StageStatus::Waiting | StageStatus::Interrupted) {
                return Err(format!("a run that is {status} does not wait for a person"));
            }
            open_effect(run, *position)?;
            run.status = *status;
            run.suspended = Some(reason.clone());
            return held_again(state, id, event.at);
        }
        EventBody::StageRunResumed { .. } => {
            run.status = StageStatus::Running;
            run.suspended = None;
            return held_again(state, id, event.at);
        }
        EventBody::EffectResolved { position, resolution, .. } => {
            let suspended = run.suspended.is_some();
            let open = open_effect(run, *position)?;
            if !suspended || open.resolution.is_some() {
                return Err(format!("effect {position} is not to be resolved"));
            }
            open.resolution = Some(*resolution);
        }
        EventBody::StepStarted { .. } => {
            run.step = Some(event.message.clone());
            run.progress = None;
        }
        EventBody::ProgressMade { done, total, unit, .. } => {
            run.progress = Some(Progress { done: *done, total: *total, unit: unit.clone() });
        }
        EventBody::EffectStarted { position, function, policy, arguments } => {
            match &run.open_effect {
                // Performed again.
                Some(open) if open.position == *position && open.function == *function => {}
                None if *position == run.effects => run.effects += 1,
                _ => return Err(format!("effect {position} follows {} effects", run.effects)),
            }
            run.changed |= *policy != RepeatPolicy::Read && !is_inside(function);
            run.open_effect = Some(OpenEffect {
                position: *position,
                function: function.clone(),
                arguments: arguments.clone(),
                resolution: None,
            });
        }
        EventBody::EffectCompleted { position, answer, .. } => {
            let open = run.open_effect.take_if(|open| open.position == *position);
            let open = open.ok_or_else(|| format!("effect {position} is not under way"))?;
            if open.function == crate::event::CHECKPOINT && matches!(answer, EffectAnswer::Ok(_)) {
                run.checkpoint = open.arguments.get("json").cloned();
            }
        }
        EventBody::LogWritten { .. } | EventBody::ProbeAttempted { .. } => {}
        _ => return Err("it belongs to no stage run".into()),
    }
    Ok(())
}

fn open_effect(run: &mut StageRunState, position: u64) -> Result<&mut OpenEffect, String> {
    let open = run.open_effect.as_mut().filter(|open| open.position == position);
    open.ok_or_else(|| format!("effect {position} is not under way"))
}

/// Sums up what the new status of a run means for its stage and for the deployment.
fn held_again(state: &mut DeploymentState, id: StageRunId, at: Timestamp) -> Applied {
    let run = state.runs.iter().rev().find(|run| run.id == id && run.mode == RunMode::Run);
    if let Some(stage) = run.map(|run| run.stage.clone()) {
        settle(state, &stage, at)?;
    }
    hold(state, at);
    Ok(())
}

/// Whether a function changes nothing that an undo could take back.
fn is_inside(function: &str) -> bool {
    INSIDE.iter().any(|interface| function.split('.').next() == Some(interface))
}

fn run_started(state: &mut DeploymentState, id: StageRunId, event: &Event) -> Applied {
    let EventBody::StageRunStarted { stage: stage_id, target, attempt, mode, plugin, digest, .. } = &event.body else {
        return Err("it starts no stage run".into());
    };
    if state.status == Some(DeploymentStatus::Queued) {
        return Err("the deployment has not started".into());
    }
    if state.runs.iter().any(|run| run.id == id) {
        return Err(format!("stage run {id} has started before"));
    }
    let stage = stage_mut(state, stage_id)?;
    if *mode == RunMode::Run {
        stage.started_at.get_or_insert(event.at);
        stage.ended_at = None;
        stage.status = StageStatus::Running;
    }
    state.runs.push(StageRunState {
        id,
        stage: stage_id.clone(),
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
        will_retry: false,
        step: None,
        progress: None,
        checkpoint: None,
        effects: 0,
        changed: false,
        suspended: None,
        open_effect: None,
    });
    Ok(())
}

/// How bad a last run's status is for its stage, the worst first. A warning counts when all is done.
const WORST_FIRST: [StageStatus; 3] = [StageStatus::Failed, StageStatus::TimedOut, StageStatus::Canceled];

/// Sums a stage's status up from the last run on each of its targets.
fn settle(state: &mut DeploymentState, id: &str, at: Timestamp) -> Applied {
    let stage = stage_mut(state, id)?;
    let skipped = stage.skipped_targets.clone();
    let targets: Vec<Option<String>> = match stage.planned.targets.is_empty() {
        true => vec![None],
        false => stage.planned.targets.iter().cloned().map(Some).collect(),
    };
    let last: Vec<&StageRunState> = targets.iter().filter_map(|target| state.last_run(id, target.as_deref())).collect();
    let left = targets.iter().filter(|target| {
        state.last_run(id, target.as_deref()).is_none() && !target.as_ref().is_some_and(|name| skipped.contains(name))
    });
    let (left, open) = (left.count(), last.iter().any(|run| run.ended_at.is_none() || run.will_retry));
    let has = |status| last.iter().any(|run| run.status == status);
    let status = match WORST_FIRST.into_iter().find(|status| has(*status)) {
        _ if has(StageStatus::Interrupted) => StageStatus::Interrupted,
        _ if has(StageStatus::Waiting) => StageStatus::Waiting,
        _ if open => StageStatus::Running,
        Some(status) => status,
        // Later batches of its rollout have not reached it yet, or it has not begun at all.
        None if left > 0 && last.is_empty() => return Ok(()),
        None if left > 0 => StageStatus::Running,
        None if last.is_empty() => StageStatus::Skipped,
        None if has(StageStatus::Warned) => StageStatus::Warned,
        None => StageStatus::Succeeded,
    };
    let stage = stage_mut(state, id)?;
    stage.status = status;
    stage.ended_at = (status.is_terminal() && stage.started_at.is_some()).then_some(at);
    Ok(())
}

fn stage_mut<'a>(state: &'a mut DeploymentState, id: &str) -> Result<&'a mut StageState, String> {
    state.stages.iter_mut().find(|stage| stage.planned.id == id).ok_or_else(|| format!("there is no stage `{id}`"))
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
