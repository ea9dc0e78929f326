//! The fold of approvals: what waits, and what goes on when a person has decided.

use super::*;
use crate::approval::{Approval, Decided};

type Applied = Result<(), String>;

pub(super) fn is_one(body: &EventBody) -> bool {
    matches!(body, EventBody::ApprovalRequested { .. } | EventBody::ApprovalDecided { .. })
}

pub(super) fn apply(state: &mut DeploymentState, event: &Event) -> Applied {
    match &event.body {
        EventBody::ApprovalRequested { key, prompt, expires, stage } => {
            // A question that a plugin asks again after a crash is the same.
            if state.approval(key).is_some_and(Approval::is_open) {
                return Ok(());
            }
            if state.approval(key).is_some() {
                return Err(format!("the approval `{key}` is decided"));
            }
            let stage = asking(state, event.stage_run, stage.as_deref())?;
            state.approvals.push(Approval {
                key: key.clone(),
                prompt: prompt.clone(),
                stage: stage.clone(),
                run: event.stage_run,
                requested_at: event.at,
                expires: *expires,
                decided: None,
            });
            // What a plugin asks it waits for when it says so.
            if event.stage_run.is_none() {
                wait(state, stage.as_deref(), event.at);
            }
        }
        EventBody::ApprovalDecided { key, decision, by } => {
            let open = state.approvals.iter_mut().find(|approval| approval.key == *key && approval.is_open());
            let approval = open.ok_or_else(|| format!("no approval `{key}` is open"))?;
            approval.decided = Some(Decided { decision: *decision, by: by.clone(), at: event.at });
            let (stage, by_pipeline) = (approval.stage.clone(), approval.run.is_none());
            if by_pipeline {
                go_on(state, stage.as_deref(), event.at);
            }
        }
        _ => return Err("it is about no approval".into()),
    }
    Ok(())
}

/// The stage that asks: what a stage run asks, its stage does.
fn asking(state: &DeploymentState, run: Option<StageRunId>, stage: Option<&str>) -> Result<Option<String>, String> {
    if let Some(id) = run {
        let run = state.open_runs().find(|run| run.id == id).ok_or_else(|| format!("no stage run {id} is open"))?;
        return Ok(Some(run.stage.clone()));
    }
    match stage {
        Some(id) if state.stage(id).is_none() => Err(format!("there is no stage `{id}`")),
        stage => Ok(stage.map(str::to_owned)),
    }
}

/// Whether the pipeline waits for a person: the deployment, or a stage before it begins.
pub(super) fn waits(state: &DeploymentState) -> bool {
    state.open_approvals().any(|approval| approval.run.is_none())
}

fn wait(state: &mut DeploymentState, stage: Option<&str>, at: Timestamp) {
    set(state, stage, StageStatus::Pending, StageStatus::Waiting);
    match state.started_at {
        Some(_) => apply::hold(state, at),
        None => state.status = Some(DeploymentStatus::Waiting),
    }
}

/// Where nothing else waits, the deployment goes on where it was.
fn go_on(state: &mut DeploymentState, stage: Option<&str>, at: Timestamp) {
    set(state, stage, StageStatus::Waiting, StageStatus::Pending);
    match state.started_at {
        Some(_) => apply::hold(state, at),
        None => state.status = Some(DeploymentStatus::Queued),
    }
}

/// A stage of which no run has begun is told apart from one whose plugin waits.
fn set(state: &mut DeploymentState, stage: Option<&str>, from: StageStatus, to: StageStatus) {
    let is_meant = |found: &&mut StageState| stage == Some(found.planned.id.as_str()) && found.started_at.is_none();
    if let Some(found) = state.stages.iter_mut().find(is_meant).filter(|found| found.status == from) {
        found.status = to;
    }
}

#[cfg(test)]
mod tests;
