//! Which deployment holds an environment: the next one waits for it.

use super::render::server::runs_on;
use crate::client::{Client, ClientError, DeploymentFilter};
use jiff::tz::TimeZone;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::DeploymentSummary;

/// The deployments that hold an environment: of one, of all of a project's, or of all.
pub(super) async fn holders(
    client: &Client,
    project: Option<&str>,
    environment: Option<&str>,
) -> Result<Vec<DeploymentSummary>, ClientError> {
    let mut found = Vec::new();
    for status in DeploymentStatus::ALL.iter().copied().filter(|status| status.holds_environment()) {
        let filter = DeploymentFilter { project, environment, status: Some(status), ..Default::default() };
        let deployments = client.deployments(&filter).await?.deployments;
        // One that waits for a person before it begins holds nothing yet.
        found.extend(deployments.into_iter().filter(|deployment| deployment.started_at.is_some()));
    }
    Ok(found)
}

/// `waits for shop#14, which is running`, and what to do where nothing happens by itself.
pub(super) fn waits_for(holder: &DeploymentSummary, zone: &TimeZone) -> String {
    let label = &holder.label;
    match holder.status {
        DeploymentStatus::Interrupted => {
            format!("waits for {label}, which was interrupted: windlass status {label}")
        }
        DeploymentStatus::Waiting => {
            format!("waits for {label}, which waits for a person: windlass status {label}")
        }
        status => format!("waits for {label}, which is {status}{}", runs_on(holder, zone)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::render::sample::Record;
    use super::*;

    #[test]
    fn what_was_interrupted_is_waited_for_until_a_person_acts() {
        let mut holder = Record::of(&["upload"]).deployment().summary;
        assert_eq!(waits_for(&holder, &TimeZone::UTC), "waits for shop#41, which is running");
        holder.server = Some("web-ops".into());
        let said = "waits for shop#41, which is running on web-ops since 2026-03-05 14:30";
        assert_eq!(waits_for(&holder, &TimeZone::UTC), said);
        holder.status = DeploymentStatus::Interrupted;
        assert_eq!(
            waits_for(&holder, &TimeZone::UTC),
            "waits for shop#41, which was interrupted: windlass status shop#41"
        );
    }
}
