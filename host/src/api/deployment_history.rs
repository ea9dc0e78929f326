//! Looking back at a deployment: its log by level and stage, its effects.

use super::{Api, deployments, problem::ApiError, query};
use crate::capability::summary;
use crate::store::LogFilter;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use std::collections::HashMap;
use windlass_api_types::effect::{DeploymentEffect, EffectRun, EventPage};
use windlass_api_types::{DeploymentId, EventBody, Level, StageRunId, StageRunState};

/// Lines of a page unless it is asked for less.
const PAGE: u32 = 500;
/// The most a page has.
const LARGEST_PAGE: u32 = 10_000;
/// Events read at a time.
const CHUNK: u32 = 5_000;

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct LogQuery {
    /// The least level.
    level: Option<Level>,
    stage: Option<String>,
    target: Option<String>,
    /// Only lines after this `seq`.
    after: Option<u64>,
    limit: Option<u32>,
}

/// The log of a deployment: lines, steps, health attempts, and the ends of stage runs that failed.
#[utoipa::path(get, path = "/deployments/{id}/logs", params(("id" = String, Path), LogQuery),
    responses((status = 200, body = EventPage)))]
pub(super) async fn logs(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(asked): Query<LogQuery>,
) -> Result<Json<EventPage>, ApiError> {
    let deployment = query::deployment(&api, &id).await?.summary.id;
    let stage_runs = match (&asked.stage, &asked.target) {
        (None, None) => None,
        (stage, target) => Some(runs(&api, deployment, stage.as_deref(), target.as_deref()).await?),
    };
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = LogFilter { level: asked.level.unwrap_or(Level::Debug), stage_runs };
    let events = api.store.log_events(deployment, asked.after.unwrap_or(0), limit, &filter).await?;
    let full = events.len() == limit as usize;
    let next = events.last().filter(|_| full).map(|event| event.seq);
    Ok(Json(EventPage { events, next }))
}

async fn runs(
    api: &Api,
    deployment: DeploymentId,
    stage: Option<&str>,
    target: Option<&str>,
) -> Result<Vec<StageRunId>, ApiError> {
    let state = deployments::state(api, deployment).await?;
    let wanted = state.runs.iter().filter(|run| {
        stage.is_none_or(|stage| run.stage == stage)
            && target.is_none_or(|target| run.target.as_deref() == Some(target))
    });
    Ok(wanted.map(|run| run.id).collect())
}

/// Everything the deployment did, in the order in which it began.
#[utoipa::path(get, path = "/deployments/{id}/effects", params(("id" = String, Path)),
    responses((status = 200, body = [DeploymentEffect])))]
pub(super) async fn effects(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Vec<DeploymentEffect>>, ApiError> {
    let deployment = query::deployment(&api, &id).await?.summary.id;
    let state = deployments::state(&api, deployment).await?;
    let runs: HashMap<StageRunId, _> = state.runs.iter().map(|run| (run.id, run)).collect();
    let mut effects: Vec<DeploymentEffect> = Vec::new();
    let mut open: HashMap<(StageRunId, u64), usize> = HashMap::new();
    let mut after = 0;
    loop {
        let events = api.store.events(deployment, after, CHUNK).await?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        for event in events {
            let Some(run) = event.stage_run.and_then(|id| runs.get(&id)) else { continue };
            match event.body {
                EventBody::EffectStarted { position, function, policy, arguments } => {
                    let effect = DeploymentEffect {
                        run: effect_run(run),
                        position,
                        summary: summary(&function, &arguments),
                        function,
                        policy,
                        arguments,
                        answer: None,
                        origin: None,
                        took: None,
                        started_at: event.at,
                    };
                    // One that is performed again takes the place of the first time.
                    match open.get(&(run.id, position)).and_then(|index| effects.get_mut(*index)) {
                        Some(first) => *first = effect,
                        None => {
                            open.insert((run.id, position), effects.len());
                            effects.push(effect);
                        }
                    }
                }
                EventBody::EffectCompleted { position, answer, origin, took } => {
                    if let Some(effect) = open.remove(&(run.id, position)).and_then(|index| effects.get_mut(index)) {
                        effect.answer = Some(answer);
                        effect.origin = Some(origin);
                        effect.took = Some(took);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(Json(effects))
}

fn effect_run(run: &StageRunState) -> EffectRun {
    EffectRun { id: run.id, stage: run.stage.clone(), target: run.target.clone(), attempt: run.attempt, mode: run.mode }
}
