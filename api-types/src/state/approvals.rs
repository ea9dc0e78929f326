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
            let known = |id: &String| state.stages.iter().any(|stage| stage.planned.id == *id);
            if let Some(stage) = stage.as_ref().filter(|stage| !known(stage)) {
                return Err(format!("there is no stage `{stage}`"));
            }
            state.approvals.push(Approval {
                key: key.clone(),
                prompt: prompt.clone(),
                stage: stage.clone(),
                requested_at: event.at,
                expires: *expires,
                decided: None,
            });
            wait(state, stage.as_deref());
        }
        EventBody::ApprovalDecided { key, decision, by } => {
            let open = state.approvals.iter_mut().find(|approval| approval.key == *key && approval.is_open());
            let approval = open.ok_or_else(|| format!("no approval `{key}` is open"))?;
            approval.decided = Some(Decided { decision: *decision, by: by.clone(), at: event.at });
            let stage = approval.stage.clone();
            go_on(state, stage.as_deref());
        }
        _ => return Err("it is about no approval".into()),
    }
    Ok(())
}

/// Whether a stage waits for a person.
pub(super) fn waits(state: &DeploymentState, stage: &str) -> bool {
    state.open_approvals().any(|approval| approval.stage.as_deref() == Some(stage))
}

fn wait(state: &mut DeploymentState, stage: Option<&str>) {
    if matches!(state.status, Some(DeploymentStatus::Queued | DeploymentStatus::Running)) {
        state.status = Some(DeploymentStatus::Waiting);
    }
    set(state, stage, &[StageStatus::Pending, StageStatus::Running], |_| StageStatus::Waiting);
}

/// Where nothing else waits, the deployment goes on where it was.
fn go_on(state: &mut DeploymentState, stage: Option<&str>) {
    if state.status == Some(DeploymentStatus::Waiting) && state.open_approvals().next().is_none() {
        state.status = Some(match state.started_at {
            Some(_) => DeploymentStatus::Running,
            None => DeploymentStatus::Queued,
        });
    }
    if stage.is_none_or(|stage| !waits(state, stage)) {
        let began = |started: bool| if started { StageStatus::Running } else { StageStatus::Pending };
        set(state, stage, &[StageStatus::Waiting], began);
    }
}

/// Changes the status of a stage and its open runs from one of `from`; `to` is told whether a run of it began.
fn set(
    state: &mut DeploymentState,
    stage: Option<&str>,
    from: &[StageStatus],
    to: impl Fn(bool) -> StageStatus,
) {
    let Some(id) = stage else { return };
    if let Some(stage) = state.stages.iter_mut().find(|stage| stage.planned.id == id && from.contains(&stage.status)) {
        stage.status = to(stage.started_at.is_some());
    }
    let open = |run: &&mut StageRunState| run.stage == id && run.ended_at.is_none() && from.contains(&run.status);
    state.runs.iter_mut().filter(open).for_each(|run| run.status = to(true));
}

#[cfg(test)]
mod tests;
