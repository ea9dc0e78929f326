//! Undo leaves a target as it was, whichever stage before the pivot fails, also where the server dies in the undo.

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database, tree};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use windlass_api_types::{DeploymentStatus, RunMode, StageStatus};

on_each_database![what_any_stage_left_is_taken_back, an_undo_goes_on_where_its_server_died];

/// The stages of the template before its pivot.
const STAGES: [&str; 5] = ["upload", "pre-start", "start", "healthy", "route"];

/// The app's configuration with a stage that fails behind another one.
fn failing(site: &Site, behind: &str) {
    let more = format!("[[stage]]\nid = \"fail\"\nafter = \"{behind}\"\nrollout = \"app\"\nrun = \"exit 3\"\n");
    site.configure(&HelloOptions { more, ..HelloOptions::default() });
}

/// Everything in the home directory of the target. Aside: what Windlass keeps of commands, and the logs of instances,
/// which stay so that one can see why a new one did not come up.
fn snapshot(site: &Site) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let home = site.target().home();
    let is_log = |path: &Path| path.extension().is_some_and(|extension| extension == "log");
    let kept = |path: &Path| !path.starts_with(home.join(".local/state/windlass")) && !is_log(path);
    let lasting = |(path, seen): (PathBuf, crate::harness::Seen)| {
        let (mode, contents) = seen.lasting();
        (path, (mode, contents.to_vec()))
    };
    tree(&home).into_iter().filter(|(path, _)| kept(path)).map(lasting).collect()
}

/// What is in one and not, or not so, in the other.
fn difference(before: &BTreeMap<PathBuf, (u32, Vec<u8>)>, after: &BTreeMap<PathBuf, (u32, Vec<u8>)>) -> Vec<String> {
    let show =
        |seen: Option<&(u32, Vec<u8>)>| seen.map(|(mode, text)| (*mode, String::from_utf8_lossy(text).into_owned()));
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    let differs = paths.filter(|path| before.get(*path) != after.get(*path));
    differs
        .map(|path| format!("{}: {:?} -> {:?}", path.display(), show(before.get(path)), show(after.get(path))))
        .collect()
}

async fn what_any_stage_left_is_taken_back(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    let before = snapshot(site);
    for stage in STAGES {
        failing(site, stage);
        let failed = site.deploy(Version::V2).await.exits(exit::FAILED);
        assert!(failed.stdout.contains("web-1 was undone"), "{}", failed.stdout);
        let difference = difference(&before, &snapshot(site));
        assert!(difference.is_empty(), "behind {stage}: {difference:#?}");
        assert_eq!(site.app().serves().await.as_deref(), Some("v1"), "behind {stage}");
    }
}

async fn an_undo_goes_on_where_its_server_died(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    failing(site, "route");
    let before = snapshot(site);
    for (number, place) in
        (2..).zip(["engine.undo-started:1", "engine.undo-ended:1", "engine.undo-started:3", "journal.performed:9"])
    {
        let label = format!("hello#{number}");
        let mut server = site.serve_until(place).await.expect("it dies when it undoes");
        // The server may die before the command has its answer.
        drop(site.deploy_with(Version::V2, "--detach").await);
        let died = server.dies_within(std::time::Duration::from_secs(50)).await;
        assert!(died, "{place}");
        let server = site.serve().await;
        let api = site.api(&server).await;
        let failed = api.deployment_is(&label, DeploymentStatus::Failed).await;
        let undone = failed.state.runs.iter().filter(|run| run.mode == RunMode::Undo);
        assert!(undone.clone().all(|run| run.status == StageStatus::Succeeded), "{:#?}", failed.state.runs);
        assert!(undone.count() > 0);
        let difference = difference(&before, &snapshot(site));
        assert!(difference.is_empty(), "{place}: {difference:#?}");
        assert_eq!(site.app().serves().await.as_deref(), Some("v1"), "{place}");
        server.stop().await;
    }
}
