//! Finding what a path names.

use super::{Api, problem::ApiError};
use crate::store::DeploymentRecord;
use windlass_api_types::DeploymentId;

/// A deployment by its id or its label, such as `shop#41`.
pub(super) async fn deployment(api: &Api, id: &str) -> Result<DeploymentRecord, ApiError> {
    let found = match (id.parse::<DeploymentId>(), id.rsplit_once('#')) {
        (Ok(id), _) => api.store.deployment(id).await?,
        (_, Some((project, number))) => match number.parse() {
            Ok(number) => api.store.deployment_by_label(project, number).await?,
            Err(_) => None,
        },
        _ => None,
    };
    found.ok_or_else(|| ApiError::not_found("deployment", id))
}
