//! What cannot be replayed is refused, with what to do instead.

use super::exit;
use crate::harness::{Site, misbehave, on_each_database, shipped};
use std::fs;

on_each_database![what_cannot_be_replayed_is_refused];

async fn what_cannot_be_replayed_is_refused(site: &Site) {
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    site.write_config(&super::stage("well"));
    let server = site.serve().await;
    site.windlass("deploy --to production").await.succeeds();

    let refused = async |line: &str, said: &str, next: &str| {
        let stderr = site.windlass(&format!("replay shop#1 {line}")).await.exits(exit::USAGE).stderr;
        assert_eq!(stderr, format!("error: {said}\n  next: {next}\n"), "{line}");
    };
    refused("--stage nothing", "shop#1 has no stage `nothing`", "there are: only").await;
    refused("--target web-9", "no stage of shop#1 ran on a target `web-9`", "it ran on no target").await;
    fs::write(site.project_dir().join("noop.wasm"), shipped("noop")).unwrap();
    let other = "no stage run of shop#1 used a plugin called `noop`";
    refused("--plugin noop.wasm", other, "its plugins are: misbehave").await;
    fs::write(site.project_dir().join("empty.wasm"), "").unwrap();
    let component = "give it a WebAssembly component; in Rust: cargo build --target wasm32-wasip2";
    refused("--plugin empty.wasm", "empty.wasm is empty", component).await;
    let missing = "cannot read missing.wasm: No such file or directory (os error 2)";
    refused("--plugin missing.wasm", missing, "check that the path is right and that you have the permission").await;
    fs::write(site.project_dir().join("text.wasm"), "no component").unwrap();
    let said = site.windlass("replay shop#1 --plugin text.wasm").await.exits(exit::USAGE).stderr;
    assert!(said.starts_with("error: it is not a component this server can run: "), "{said}");
    fs::write(site.project_dir().join("large.wasm"), vec![0; 65 * 1024 * 1024]).unwrap();
    let large = "the component is larger than 64 MiB";
    refused("--plugin large.wasm", large, "raise plugins.component_mb").await;
    let missing = site.windlass("replay shop#9").await.exits(exit::USAGE).stderr;
    assert!(missing.contains("there is no deployment `shop#9`"), "{missing}");

    server.stop().await;
}
