//! The plugin directory of a running server: what is dropped there is live at once, or refused with its
//! reason; what runs is not disturbed.

mod kept;
mod limits;
mod stubborn;

use crate::harness::{Api, Site, WAIT, component_importing, misbehave, on_each_database, patched, until};
use std::fs;
use std::time::Instant;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::plugin::{Plugins, RefusedPlugin};

on_each_database![
    a_file_is_live_at_once,
    a_broken_version_leaves_the_good_one_serving,
    what_cannot_be_served_is_refused_with_its_reason,
    a_running_deployment_keeps_its_version,
];

async fn plugins(api: &Api) -> Plugins {
    api.get("/plugins").await.ok().json()
}

/// Waits until a version of the fixture serves; answers its digest.
async fn serving(api: &Api, version: &str) -> String {
    until(&format!("misbehave@{version}"), async || {
        let plugins = plugins(api).await.plugins.into_iter();
        plugins.filter(|plugin| plugin.name == "misbehave").find(|plugin| plugin.version == version)
    })
    .await
    .digest
}

async fn refused(api: &Api, file: &str) -> RefusedPlugin {
    until(&format!("the refusal of {file}"), async || {
        plugins(api).await.refused.into_iter().find(|refused| refused.file == file)
    })
    .await
}

/// The first time anywhere it must be compiled, too: that is part of it.
async fn a_file_is_live_at_once(site: &Site) {
    let server = site.serve().await;
    let api = site.api(&server).await;
    // Compiled once by a server before this one: how fast a compiler is says nothing about the watcher.
    let file = site.plugin_dir().join("misbehave.wasm");
    fs::write(&file, misbehave()).unwrap();
    serving(&api, "7.0.0").await;
    fs::remove_file(&file).unwrap();
    until("the plugin to be gone", async || {
        plugins(&api).await.plugins.iter().all(|plugin| plugin.name != "misbehave").then_some(())
    })
    .await;

    let copied = Instant::now();
    fs::write(&file, misbehave()).unwrap();
    serving(&api, "7.0.0").await;
    // Said, not asserted: how long it takes depends on what else this machine does.
    eprintln!("a plugin was live {:?} after it was copied", copied.elapsed());
    let listed = site.windlass("plugin list").await.succeeds().stdout;
    assert!(listed.contains("misbehave@7.0.0"), "{listed}");
    server.stop().await;
}

async fn a_broken_version_leaves_the_good_one_serving(site: &Site) {
    let server = site.serve().await;
    let api = site.api(&server).await;
    let file = site.plugin_dir().join("misbehave.wasm");
    fs::write(&file, misbehave()).unwrap();
    let digest = serving(&api, "7.0.0").await;

    fs::write(&file, &misbehave()[..1000]).unwrap();
    let refusal = refused(&api, "misbehave.wasm").await;
    assert_eq!(refusal.serving.as_deref(), Some("misbehave@7.0.0"));
    assert_eq!(refusal.failure.code, "plugin-not-a-component");
    assert_eq!(serving(&api, "7.0.0").await, digest);
    let listed = site.windlass("plugin list").await.succeeds().stdout;
    assert!(listed.contains("misbehave@7.0.0 serves on in its place"), "{listed}");

    fs::write(&file, patched(&misbehave(), "7.0.0", "7.1.0")).unwrap();
    serving(&api, "7.1.0").await;
    assert!(plugins(&api).await.refused.is_empty());
    server.stop().await;
}

async fn what_cannot_be_served_is_refused_with_its_reason(site: &Site) {
    let http = "wasi:http/outgoing-handler@0.2.0";
    let cases = [
        (
            "import.wasm",
            component_importing(http),
            "plugin-import-denied",
            format!("it imports `{http}`, which is not approved for plugins on this server"),
        ),
        (
            "text.wasm",
            b"this is no component".to_vec(),
            "plugin-not-a-component",
            "it is not a component this server can run: ".to_owned(),
        ),
        (
            "module.wasm",
            b"\0asm\x01\0\0\0".to_vec(),
            "plugin-not-a-component",
            "it is not a component this server can run: ".to_owned(),
        ),
        (
            "version.wasm",
            patched(&misbehave(), "7.0.0", "7.0.x"),
            "plugin-metadata",
            "its version `7.0.x` is not of the form 1.2.3".to_owned(),
        ),
    ];
    let server = site.serve().await;
    let api = site.api(&server).await;
    for (file, component, code, message) in cases {
        fs::write(site.plugin_dir().join(file), component).unwrap();
        let failure = refused(&api, file).await.failure;
        assert_eq!(failure.code, code, "{failure:?}");
        assert!(failure.message.starts_with(&message), "{failure:?}");
    }
    server.stop().await;
}

/// Replaced while the stage before it runs, and removed: the deployment pins what it was created with.
async fn a_running_deployment_keeps_its_version(site: &Site) {
    site.add_target().await.succeeds();
    let server = site.serve().await;
    let api = site.api(&server).await;
    let file = site.plugin_dir().join("misbehave.wasm");
    fs::write(&file, misbehave()).unwrap();
    let digest = serving(&api, "7.0.0").await;
    site.write_config(&format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
         [[stage]]\nid = \"wait\"\nrun = '{WAIT}'\ntargets = \"app\"\n\
         [[stage]]\nid = \"last\"\nuses = \"misbehave@7\"\nwith = {{ how = \"well\" }}\n"
    ));
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    hold.reached().await;
    let changed = patched(&patched(&misbehave(), "7.0.0", "7.1.0"), "variant-a", "variant-b");
    fs::write(&file, changed).unwrap();
    serving(&api, "7.1.0").await;
    drop(hold);

    let first = api.deployment_is("shop#1", DeploymentStatus::Succeeded).await.state;
    let run = first.last_run("last", None).unwrap();
    assert_eq!((&run.digest, run.plugin.as_str()), (&digest, "misbehave@7.0.0"));
    assert_eq!(run.outputs.as_ref().unwrap()["text"], "variant-a");

    site.windlass("deploy --to production").await.succeeds();
    let second = api.deployment("shop#2").await.state;
    assert_eq!(second.last_run("last", None).unwrap().outputs.as_ref().unwrap()["text"], "variant-b");
    server.stop().await;
}
