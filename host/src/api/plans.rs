//! Plans: what a deployment would do.

use super::{Api, identity::SignedIn, problem::ApiError};
use axum::{Json, extract::State};
use windlass_api_types::{deployment::CreateDeployment, plan::Plan};

/// Lists what a deployment would do; nothing is changed.
#[utoipa::path(post, path = "/plans", request_body = CreateDeployment, responses((status = 200, body = Plan)))]
pub(super) async fn plan(
    State(api): State<Api>,
    SignedIn(user): SignedIn,
    Json(asked): Json<CreateDeployment>,
) -> Result<Json<Plan>, ApiError> {
    Ok(Json(api.engine.plan(&asked, &user.name).await?))
}
