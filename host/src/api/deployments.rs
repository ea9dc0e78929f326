//! Deployments: list, create, roll back, look at, cancel.

use super::{Api, deployment_events, identity::SignedIn, problem::ApiError, query, sse};
use crate::store::{DeploymentFilter, DeploymentRecord};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use windlass_api_types::deployment::{
    CreateDeployment, CreateRetry, CreateRollback, Deployment, DeploymentPage, ResolveEffect,
};
use windlass_api_types::{DeploymentId, DeploymentState, DeploymentStatus, Problem};

/// What a page has unless it is asked for less.
const PAGE: u32 = 50;
/// The most a page has.
const LARGEST_PAGE: u32 = 200;

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct ListQuery {
    project: Option<String>,
    environment: Option<String>,
    status: Option<DeploymentStatus>,
    /// Only older ones than this.
    #[param(value_type = Option<String>)]
    before: Option<DeploymentId>,
    limit: Option<u32>,
}

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct CreateQuery {
    /// Answer when the deployment has ended.
    wait: Option<String>,
}

/// A page of deployments, newest first.
#[utoipa::path(get, path = "/deployments", params(ListQuery), responses((status = 200, body = DeploymentPage)))]
pub(super) async fn list(
    State(api): State<Api>,
    Query(asked): Query<ListQuery>,
) -> Result<Json<DeploymentPage>, ApiError> {
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = DeploymentFilter {
        project: asked.project,
        environment: asked.environment,
        status: asked.status,
        before: asked.before,
        limit: limit + 1,
    };
    let mut deployments = api.store.deployments(&filter).await?;
    let more = deployments.len() > limit as usize;
    deployments.truncate(limit as usize);
    let next = deployments.last().filter(|_| more).map(|deployment| deployment.id);
    Ok(Json(DeploymentPage { deployments, next }))
}

/// Creates a deployment and queues it. With `Accept: text/event-stream` the answer is its event
/// stream, with `?wait` it comes when the deployment has ended.
#[utoipa::path(post, path = "/deployments", params(CreateQuery), request_body = CreateDeployment,
    responses((status = 201, body = Deployment), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Query(asked): Query<CreateQuery>,
    headers: HeaderMap,
    Json(request): Json<CreateDeployment>,
) -> Result<Response, ApiError> {
    let record = api.engine.create(&request, &user.name).await?;
    answer_created(&api, record, asked.wait.is_some(), &headers).await
}

/// Puts an older release back, with the variables of today.
#[utoipa::path(post, path = "/rollbacks", params(CreateQuery), request_body = CreateRollback,
    responses((status = 201, body = Deployment)))]
pub(super) async fn rollback(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Query(asked): Query<CreateQuery>,
    headers: HeaderMap,
    Json(request): Json<CreateRollback>,
) -> Result<Response, ApiError> {
    let record = api.engine.rollback(&request, &user.name).await?;
    answer_created(&api, record, asked.wait.is_some(), &headers).await
}

/// A deployment with all that its events say.
#[utoipa::path(get, path = "/deployments/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Deployment), (status = 404, body = Problem)))]
pub(super) async fn get(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Deployment>, ApiError> {
    let record = query::deployment(&api, &id).await?;
    detail(&api, record.summary.id).await.map(Json)
}

/// Cancels a deployment; a second time does not wait for its end.
#[utoipa::path(post, path = "/deployments/{id}/cancel", params(("id" = String, Path)),
    responses((status = 200, body = Deployment), (status = 409, body = Problem)))]
pub(super) async fn cancel(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deployment>, ApiError> {
    let record = query::deployment(&api, &id).await?;
    api.engine.cancel(&record, &user.name).await?;
    detail(&api, record.summary.id).await.map(Json)
}

/// Deploys again what a deployment that has ended delivered, with all that it pinned.
#[utoipa::path(post, path = "/deployments/{id}/retry", params(("id" = String, Path), CreateQuery),
    request_body = CreateRetry, responses((status = 201, body = Deployment), (status = 409, body = Problem)))]
pub(super) async fn retry(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<CreateQuery>,
    headers: HeaderMap,
    Json(request): Json<CreateRetry>,
) -> Result<Response, ApiError> {
    let record = query::deployment(&api, &id).await?;
    let record = api.engine.retry(&record, request.from_failed, &user.name).await?;
    answer_created(&api, record, asked.wait.is_some(), &headers).await
}

/// Says what became of an effect whose outcome is not known; the deployment goes on.
#[utoipa::path(post, path = "/deployments/{id}/resolve", params(("id" = String, Path)), request_body = ResolveEffect,
    responses((status = 200, body = Deployment), (status = 409, body = Problem)))]
pub(super) async fn resolve(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ResolveEffect>,
) -> Result<Json<Deployment>, ApiError> {
    let record = query::deployment(&api, &id).await?;
    api.engine.resolve_effect(&record, &request, &user.name).await?;
    detail(&api, record.summary.id).await.map(Json)
}

async fn answer_created(
    api: &Api,
    record: DeploymentRecord,
    wait: bool,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let id = record.summary.id;
    if sse::is_wanted(headers) {
        return Ok(deployment_events::stream(api, id, 0).into_response());
    }
    if wait {
        let mut batches = std::pin::pin!(api.events.subscribe(id, 0));
        while let Some(batch) = batches.next().await {
            batch?;
        }
    }
    Ok((StatusCode::CREATED, Json(detail(api, id).await?)).into_response())
}

pub(super) async fn detail(api: &Api, id: DeploymentId) -> Result<Deployment, ApiError> {
    let record = api.store.deployment(id).await?.ok_or_else(|| ApiError::not_found("deployment", &id.to_string()))?;
    let state = state(api, id).await?;
    let live = api.store.live(record.environment_id).await?;
    let live = live.iter().any(|live| live.deployment == record.summary.label);
    Ok(Deployment::new(record.summary, state, live))
}

/// The state of a deployment, folded from its events page by page.
pub(super) async fn state(api: &Api, id: DeploymentId) -> Result<DeploymentState, ApiError> {
    api.events.state(id).await?.ok_or_else(|| ApiError::not_found("deployment", &id.to_string()))
}
