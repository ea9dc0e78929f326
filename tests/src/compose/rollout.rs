//! A target in the middle that fails: what runs on each of them afterwards, as `revert` says.

use super::*;
use crate::harness::exit;

on_each_database![
    revert_batch_brings_back_the_target_that_failed,
    revert_all_brings_back_all_of_them,
    revert_none_leaves_all_as_it_is,
];

async fn revert_batch_brings_back_the_target_that_failed(site: &Site) {
    let failed = failing_second(site, "batch").await;
    let Some((place, deployment)) = failed else { return };
    assert_eq!(place.serving(), ["v2", "v1", "v1"]);
    let standing = ["web-1 runs the new release", "web-2 was undone", "web-3 was not changed"];
    assert_standing(&deployment, standing);
    assert_eq!(runs(&deployment, RunMode::Undo), ["up web-2"]);
    assert_eq!(place.files("web-2"), [".env.production", "docker-compose.api.yml", "owner"]);
}

async fn revert_all_brings_back_all_of_them(site: &Site) {
    let failed = failing_second(site, "all").await;
    let Some((place, deployment)) = failed else { return };
    assert_eq!(place.serving(), ["v1"; 3]);
    assert_standing(&deployment, ["web-1 was undone", "web-2 was undone", "web-3 was not changed"]);
    assert_eq!(runs(&deployment, RunMode::Undo), ["up web-2", "up web-1"]);
}

async fn revert_none_leaves_all_as_it_is(site: &Site) {
    let failed = failing_second(site, "none").await;
    let Some((place, deployment)) = failed else { return };
    assert_eq!(place.serving(), ["v2", "v2", "v1"], "the second runs, and is not healthy");
    let standing = ["web-1 runs the new release", "web-2 was left as the failure found it", "web-3 was not changed"];
    assert_standing(&deployment, standing);
    assert_eq!(runs(&deployment, RunMode::Undo), [""; 0]);
}

/// Deploys version 1, then version 2, which the second target fails.
async fn failing_second<'s>(site: &'s Site, revert: &'static str) -> Option<(Place<'s>, Deployment)> {
    let place = Place::start(site, &["web-1", "web-2", "web-3"]).await?;
    place.configure(&Options { revert, attempts: 3, ..Options::default() });
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production TAG=1").await.succeeds();
    place.deploy().await.succeeds();
    assert_eq!(place.serving(), ["v1"; 3]);
    place.machine("web-2").write(BROKEN, "yes\n");
    site.windlass("var set shop/production TAG=2").await.succeeds();
    let failed = place.deploy().await.exits(exit::FAILED);
    for part in ["✗ healthy  web-2", "3/3: GET :8080/health → 404", "KeyError: DATABASE_URL"] {
        assert!(failed.stdout.contains(part), "`{part}` is missing in:\n{}", failed.stdout);
    }
    let deployment: Deployment = site.windlass("status shop#2 --json").await.succeeds().json();
    assert_eq!(deployment.summary.status, DeploymentStatus::Failed);
    Some((place, deployment))
}

#[track_caller]
fn assert_standing(deployment: &Deployment, begins: [&str; 3]) {
    let standing = &deployment.state.standing;
    let fits = standing.len() == 3 && standing.iter().zip(begins).all(|(line, begin)| line.starts_with(begin));
    assert!(fits, "{standing:?}");
}

fn runs(deployment: &Deployment, mode: RunMode) -> Vec<String> {
    let of_mode = deployment.state.runs.iter().filter(|run| run.mode == mode);
    of_mode.map(|run| format!("{} {}", run.stage, run.target.as_deref().unwrap_or_default())).collect()
}
