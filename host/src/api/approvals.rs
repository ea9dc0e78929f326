//! Approvals: a person decides what a deployment waits for, and sees what it would do.

use super::{Api, deployments::detail, identity::SignedIn, problem::ApiError, query};
use axum::Json;
use axum::extract::{Path, State};
use windlass_api_types::approval::Decide;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::plan::Plan;
use windlass_api_types::{Decision, Problem};

/// Says yes to what a deployment waits for; it goes on.
#[utoipa::path(post, path = "/deployments/{id}/approve", params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Deployment), (status = 409, body = Problem)))]
pub(super) async fn approve(
    State(api): State<Api>,
    user: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<Decide>,
) -> Result<Json<Deployment>, ApiError> {
    decide(&api, user, &id, &asked, Decision::Approved).await
}

/// Says no: the stage that waits fails, a deployment that has not begun is canceled.
#[utoipa::path(post, path = "/deployments/{id}/reject", params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Deployment), (status = 409, body = Problem)))]
pub(super) async fn reject(
    State(api): State<Api>,
    user: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<Decide>,
) -> Result<Json<Deployment>, ApiError> {
    decide(&api, user, &id, &asked, Decision::Rejected).await
}

async fn decide(
    api: &Api,
    SignedIn(user): SignedIn,
    id: &str,
    asked: &Decide,
    decision: Decision,
) -> Result<Json<Deployment>, ApiError> {
    let record = query::deployment(api, id).await?;
    api.engine.decide(&record, asked, decision, &user.name).await?;
    detail(api, record.summary.id).await.map(Json)
}

/// What a deployment that has not begun would do now; nothing is changed.
#[utoipa::path(get, path = "/deployments/{id}/plan", params(("id" = String, Path)),
    responses((status = 200, body = Plan), (status = 409, body = Problem)))]
pub(super) async fn plan(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Plan>, ApiError> {
    let record = query::deployment(&api, &id).await?;
    Ok(Json(api.engine.plan_of(&record).await?))
}
