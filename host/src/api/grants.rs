//! Grants: what the server lets the plugins of an environment do.

use super::{Api, identity::SignedIn, problem::ApiError};
use crate::event::now;
use crate::outbound::check_grant;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use windlass_api_types::EnvironmentId;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::grant::{Grant, GrantKind, Grants, Requests};

/// Grants to add.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct AddGrants {
    grants: Vec<Grant>,
}

/// Whether an environment is protected.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct Protect {
    protected: bool,
}

/// The grants of an environment.
#[utoipa::path(get, path = "/projects/{name}/environments/{environment}/grants",
    params(("name" = String, Path), ("environment" = String, Path)), responses((status = 200, body = Grants)))]
pub(super) async fn list(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
) -> Result<Json<Grants>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    grants(&api, environment.id).await
}

/// Adds grants; answers all.
#[utoipa::path(post, path = "/projects/{name}/environments/{environment}/grants",
    params(("name" = String, Path), ("environment" = String, Path)), request_body = AddGrants,
    responses((status = 200, body = Grants)))]
pub(super) async fn add(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Path((project, environment)): Path<(String, String)>,
    Json(asked): Json<AddGrants>,
) -> Result<Json<Grants>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    let mut hosts = asked.grants.iter().filter(|grant| grant.kind == GrantKind::Http);
    hosts.try_for_each(|grant| check_grant(&grant.value))?;
    api.store.add_grants(environment.id, &asked.grants, &user.name, now()).await?;
    grants(&api, environment.id).await
}

/// Takes a grant away; answers what is left.
#[utoipa::path(delete, path = "/projects/{name}/environments/{environment}/grants",
    params(("name" = String, Path), ("environment" = String, Path)), request_body = Grant,
    responses((status = 200, body = Grants)))]
pub(super) async fn remove(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
    Json(grant): Json<Grant>,
) -> Result<Json<Grants>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    match api.store.remove_grant(environment.id, &grant).await? {
        true => grants(&api, environment.id).await,
        false => Err(ApiError::not_found("grant", &grant.to_string())),
    }
}

/// Protects an environment, or no longer.
#[utoipa::path(put, path = "/projects/{name}/environments/{environment}/protection",
    params(("name" = String, Path), ("environment" = String, Path)), request_body = Protect,
    responses((status = 200, body = Grants)))]
pub(super) async fn protect(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
    Json(asked): Json<Protect>,
) -> Result<Json<Grants>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    api.store.protect(environment.id, asked.protected.then(now)).await?;
    grants(&api, environment.id).await
}

/// What a deployment would ask of its environment.
#[utoipa::path(post, path = "/requests", request_body = CreateDeployment, responses((status = 200, body = Requests)))]
pub(super) async fn requests(
    State(api): State<Api>,
    Json(asked): Json<CreateDeployment>,
) -> Result<Json<Requests>, ApiError> {
    Ok(Json(api.engine.requests(&asked).await?))
}

async fn grants(api: &Api, environment: EnvironmentId) -> Result<Json<Grants>, ApiError> {
    let grants = api.store.grants(environment).await?;
    Ok(Json(Grants { grants, protected_at: api.store.protected(environment).await? }))
}
