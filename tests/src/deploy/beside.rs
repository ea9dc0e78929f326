//! Several terminals on one data directory, without a server: one of their processes has the engine.

use crate::harness::{HelloOptions, Site, Version, WAIT, on_each_database, until};
use std::fs;

on_each_database![
    a_closed_terminal_cancels,
    a_command_that_is_done_lets_others_finish,
    nothing_runs_in_a_process_that_asks,
];

async fn a_closed_terminal_cancels(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    site.deploy(Version::V1).await.succeeds();
    let hold = site.hold();
    let deploying = site.start_deploy(Version::V2, "");
    hold.reached().await;
    deploying.hang_up();
    deploying.says("canceling hello#2, which undoes what it can").await;
    assert_eq!(deploying.ended().await.code(), Some(3));
    assert!(site.windlass("status hello#2").await.succeeds().stdout.contains("canceled"));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
}

async fn a_command_that_is_done_lets_others_finish(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let (held, slow) = (site.target().home().join("slow-held"), site.target().home().join("slow-hold"));
    fs::write(&slow, "").unwrap();
    let config = site.path("slow.toml");
    let stage = r#"run = "touch slow-held; while [ -e slow-hold ]; do sleep 0.05; done"
        targets = "app""#;
    let text = format!(
        "project = \"slow\"\n[environments.qa]\ntargets = {{ app = [\"web-1\"] }}\n[[stage]]\nid = \"wait\"\n{stage}\n"
    );
    fs::write(&config, text).unwrap();

    let hold = site.hold();
    let first = site.start_deploy(Version::V1, "");
    hold.reached().await;
    let second = site.start_windlass(&format!("deploy --to qa --config {}", config.display()));
    until("the second deployment to run", async || held.exists().then_some(())).await;
    drop(hold);
    first.says("waiting for slow#1, which runs in this process").await;
    fs::remove_file(&slow).unwrap();
    assert!(second.ended().await.success());
    assert!(first.ended().await.success());
}

/// At a prompt the data directory is free for others.
async fn nothing_runs_in_a_process_that_asks(site: &Site) {
    let target = site.target();
    let line = site.target_line("web-1", &target);
    let mut adding = site.start_on_terminal(line.split_once(" --fingerprint").unwrap().0);
    adding.says("Trust this key? [y/N]").await;
    assert!(!site.data_dir().join("windlass.sock").exists(), "nobody serves");
    site.windlass("target list").await.succeeds();
    adding.types("y").await;
    adding.says("web-1 answers").await;
    assert!(adding.ended().await.success());

    target.replace();
    let changed = site.start_on_terminal(line.split_once(" --fingerprint").unwrap().0);
    changed.says("the target `web-1` is pinned to another host key").await;
    assert_eq!(changed.ended().await.code(), Some(2), "nobody is asked");
}
