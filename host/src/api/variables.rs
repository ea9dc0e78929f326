//! Variables of an environment; they take effect on the next deployment.

use super::{Api, problem::ApiError, secrets::CopyFrom};
use crate::event::now;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use windlass_api_types::project::Variables;
use windlass_api_types::{ErrorKind, Failure};

/// What to set and what to unset, at once.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct ChangeVariables {
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    set: Variables,
    #[serde(default)]
    unset: Vec<String>,
}

/// The variables of an environment.
#[utoipa::path(get, path = "/projects/{name}/environments/{environment}/variables",
    params(("name" = String, Path), ("environment" = String, Path)),
    responses((status = 200, body = std::collections::BTreeMap<String, String>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
) -> Result<Json<Variables>, ApiError> {
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    Ok(Json(api.store.variables(environment.id).await?))
}

/// Sets and unsets variables together; answers all.
#[utoipa::path(patch, path = "/projects/{name}/environments/{environment}/variables",
    params(("name" = String, Path), ("environment" = String, Path)), request_body = ChangeVariables,
    responses((status = 200, body = std::collections::BTreeMap<String, String>)))]
pub(super) async fn change(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
    Json(change): Json<ChangeVariables>,
) -> Result<Json<Variables>, ApiError> {
    if let Some(name) = change.set.keys().find(|name| !is_name(name)) {
        let failure = Failure::new(
            ErrorKind::InvalidInput,
            "bad-variable-name",
            format!("`{name}` cannot be the name of an environment variable"),
        );
        return Err(failure.hint("letters, digits and underscores; the first is no digit").into());
    }
    let (_, environment) = api.engine.environment(&project, &environment).await?;
    Ok(Json(api.store.change_variables(environment.id, &change.set, &change.unset, now()).await?))
}

/// Copies the variables of another environment of the project; answers all.
#[utoipa::path(post, path = "/projects/{name}/environments/{environment}/variables/copy",
    params(("name" = String, Path), ("environment" = String, Path)), request_body = CopyFrom,
    responses((status = 200, body = std::collections::BTreeMap<String, String>)))]
pub(super) async fn copy(
    State(api): State<Api>,
    Path((project, environment)): Path<(String, String)>,
    Json(asked): Json<CopyFrom>,
) -> Result<Json<Variables>, ApiError> {
    let (_, from) = api.engine.environment(&project, &asked.from).await?;
    let (_, to) = api.engine.environment(&project, &environment).await?;
    let there = api.store.variables(to.id).await?;
    let mut copied = api.store.variables(from.id).await?;
    copied.retain(|name, _| asked.replace || !there.contains_key(name));
    Ok(Json(api.store.change_variables(to.id, &copied, &[], now()).await?))
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}
