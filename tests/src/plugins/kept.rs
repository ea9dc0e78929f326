//! What a deployment pins stays to be had, whatever becomes of the plugin directory.

use crate::harness::{Site, misbehave, on_each_database, patched};
use std::fs;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::Deployment;

on_each_database![a_rollback_uses_the_plugin_of_its_release];

/// Each command is a process of its own, so that what it has not loaded from a file it has from the store.
async fn a_rollback_uses_the_plugin_of_its_release(site: &Site) {
    site.write_config(
        r#"
        project = "pins"
        [environments.production]
        [[stage]]
        id = "only"
        uses = "misbehave@7"
        with = { how = "well" }
        "#,
    );
    let deploy = async || -> Deployment { site.windlass("deploy --to production --json").await.succeeds().json() };
    let digest = |deployment: &Deployment| deployment.state.runs[0].digest.clone();
    fs::create_dir_all(site.data_dir().join("plugins")).unwrap();
    let local = site.data_dir().join("plugins/misbehave.wasm");
    fs::write(&local, misbehave()).unwrap();
    let first = deploy().await;
    fs::write(&local, patched(&misbehave(), "7.0.0", "7.0.1")).unwrap();
    let second = deploy().await;
    assert_ne!(digest(&first), digest(&second));
    fs::remove_file(&local).unwrap();

    let back: Deployment = site.windlass("rollback pins --to production --json").await.succeeds().json();
    assert_eq!(back.summary.status, DeploymentStatus::Succeeded);
    assert_eq!(back.summary.release, first.summary.release);
    assert_eq!(digest(&back), digest(&first));
}
