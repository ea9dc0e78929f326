//! Approvals: a deployment, a stage or a plugin asks a person, and waits however long it takes.

use crate::harness::{Api, Site, misbehave};
use std::fs;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, Event, EventBody};

mod before_an_undo;
mod before_the_first_stage;
mod in_a_plugin;
mod of_a_stage;

/// A project with these stages, and what else its environment says.
fn configure(site: &Site, environment: &str, stages: &str) {
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    site.write_config(&format!("project = \"shop\"\n[environments.production]\n{environment}\n{stages}"));
}

/// A stage of the fixture.
fn stage(id: &str, how: &str, more: &str) -> String {
    format!("[[stage]]\nid = \"{id}\"\nuses = \"misbehave@7\"\n{more}\n[stage.with]\nhow = \"{how}\"\n")
}

/// Deploys without waiting, and waits until it asks.
async fn waiting(site: &Site, api: &Api, label: &str) -> Deployment {
    site.windlass("deploy --to production --detach").await.succeeds();
    api.deployment_is(label, DeploymentStatus::Waiting).await
}

/// How often something happened.
fn count(events: &[Event], is_meant: impl Fn(&EventBody) -> bool) -> usize {
    events.iter().filter(|event| is_meant(&event.body)).count()
}
