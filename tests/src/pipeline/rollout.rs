//! Rollouts: batch by batch, and what a failing one undoes.

use super::{deploy, runs};
use crate::harness::{Site, on_each_database};
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, RunMode};

on_each_database![batches_follow_each_other, a_failing_batch_undoes_what_revert_says];

const TARGETS: [&str; 3] = ["web-1", "web-2", "web-3"];

async fn register(site: &Site) {
    site.add_target().await.succeeds();
    for name in &TARGETS[1..] {
        let target = site.another_target(name);
        site.windlass(&site.target_line(name, &target)).await.succeeds();
    }
}

/// `prepare` can be undone, `work` fails where `fails` says.
fn config(batch: &str, revert: &str, fails: &str) -> String {
    format!(
        r#"
        project = "fleet"
        [environments.production]
        targets = {{ app = ["web-1", "web-2", "web-3"] }}
        [rollout.app]
        targets = "app"
        batch = {batch}
        revert = "{revert}"
        [[stage]]
        id = "once"
        uses = "noop@1"
        [[stage]]
        id = "prepare"
        uses = "noop@1"
        rollout = "app"
        [[stage]]
        id = "work"
        run = "test '${{target.name}}' != '{fails}'"
        rollout = "app"
        "#
    )
}

async fn batches_follow_each_other(site: &Site) {
    register(site).await;
    site.write_config(&config(r#"[1, "100%"]"#, "batch", "none"));
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded);
    let started = runs(&deployment, RunMode::Run);
    assert_eq!(started[..3], ["once", "prepare web-1", "work web-1"]);
    let mut second: Vec<_> = started[3..].to_vec();
    second.sort();
    assert_eq!(second, ["prepare web-2", "prepare web-3", "work web-2", "work web-3"]);
    let mut activated = deployment.state.activated;
    activated.sort();
    assert_eq!(activated, TARGETS);
}

async fn a_failing_batch_undoes_what_revert_says(site: &Site) {
    register(site).await;
    let failing = async |revert: &str, fails: &str| -> Deployment {
        site.write_config(&config("[1]", revert, fails));
        let deployment = deploy(site).await;
        assert_eq!(deployment.summary.status, DeploymentStatus::Failed, "{revert} {fails}");
        deployment
    };
    let second = failing("batch", "web-2").await;
    assert_eq!(runs(&second, RunMode::Undo), ["prepare web-2"]);
    assert!(
        second.state.standing.iter().any(|line| line.starts_with("web-2 was undone")),
        "{:?}",
        second.state.standing
    );
    assert!(second.state.standing.iter().any(|line| line.starts_with("web-3 was not changed")));

    let first = failing("batch", "web-1").await;
    assert_eq!(runs(&first, RunMode::Undo), ["prepare web-1", "once"], "nothing is deployed: all of it goes back");

    let all = failing("all", "web-2").await;
    assert_eq!(runs(&all, RunMode::Undo), ["prepare web-2", "prepare web-1", "once"]);

    let none = failing("none", "web-2").await;
    assert_eq!(runs(&none, RunMode::Undo), [""; 0]);
}
