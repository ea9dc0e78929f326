//! Projects, their releases and pipelines.

use super::{Api, problem::ApiError};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use windlass_api_types::deployment::Release;
use windlass_api_types::pipeline::PipelineRevision;
use windlass_api_types::project::{HealthChange, Project};

/// How many releases a list shows: more than anyone rolls back to.
const RELEASES: u32 = 100;

/// A project's `windlass.toml`.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct PushConfig {
    config: String,
}

/// Every project with its environments.
#[utoipa::path(get, path = "/projects", responses((status = 200, body = [Project])))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<Project>>, ApiError> {
    Ok(Json(api.store.projects().await?))
}

/// One project.
#[utoipa::path(get, path = "/projects/{name}", params(("name" = String, Path)), responses((status = 200, body = Project)))]
pub(super) async fn get(State(api): State<Api>, Path(name): Path<String>) -> Result<Json<Project>, ApiError> {
    project(&api, &name).await.map(Json)
}

/// Stores a configuration without deploying; every environment in it is checked.
#[utoipa::path(put, path = "/projects/{name}/config", params(("name" = String, Path)), request_body = PushConfig,
    responses((status = 200, body = Project)))]
pub(super) async fn push_config(
    State(api): State<Api>,
    Path(name): Path<String>,
    Json(pushed): Json<PushConfig>,
) -> Result<Json<Project>, ApiError> {
    let pushed = api.engine.push_config(&name, &pushed.config).await?;
    project(&api, &pushed).await.map(Json)
}

/// A project's releases, newest first.
#[utoipa::path(get, path = "/projects/{name}/releases", params(("name" = String, Path)),
    responses((status = 200, body = [Release])))]
pub(super) async fn releases(State(api): State<Api>, Path(name): Path<String>) -> Result<Json<Vec<Release>>, ApiError> {
    let project = project(&api, &name).await?;
    Ok(Json(api.store.releases(project.id, RELEASES).await?))
}

/// The pipeline that the project's stored configuration gives in an environment.
#[utoipa::path(get, path = "/projects/{name}/environments/{environment}/pipeline",
    params(("name" = String, Path), ("environment" = String, Path)),
    responses((status = 200, body = PipelineRevision)))]
pub(super) async fn pipeline(
    State(api): State<Api>,
    Path((name, environment)): Path<(String, String)>,
) -> Result<Json<PipelineRevision>, ApiError> {
    Ok(Json(api.engine.current_pipeline(&name, &environment).await?))
}

/// What the watches of an environment's live releases found: the newest 100 changes, newest first.
#[utoipa::path(get, path = "/projects/{name}/environments/{environment}/health",
    params(("name" = String, Path), ("environment" = String, Path)),
    responses((status = 200, body = [HealthChange])))]
pub(super) async fn health(
    State(api): State<Api>,
    Path((name, environment)): Path<(String, String)>,
) -> Result<Json<Vec<HealthChange>>, ApiError> {
    let (_, environment) = api.engine.environment(&name, &environment).await?;
    Ok(Json(api.store.health_changes(environment.id).await?))
}

pub(super) async fn project(api: &Api, name: &str) -> Result<Project, ApiError> {
    api.store.project(name).await?.ok_or_else(|| ApiError::not_found("project", name))
}
