//! A target behind another one.

use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};
use expect_test::expect;

on_each_database![a_target_behind_a_jump];

async fn a_target_behind_a_jump(site: &Site) {
    let bastion = site.another_target("bastion");
    let behind = format!("{} --jump bastion", site.target_line("web-1", &site.target()));
    let error = site.windlass(&behind).await.exits(exit::USAGE).stderr;
    assert!(error.contains("cannot be reached through `bastion`: there is no such target"), "{error}");
    assert!(error.contains("next: register it first: windlass target add bastion USER@HOST"), "{error}");
    site.windlass(&site.target_line("bastion", &bastion)).await.succeeds();
    site.windlass(&behind).await.succeeds();
    let list = site.windlass("target list").await.succeeds();
    assert!(list.stdout.contains(" through bastion "), "{}", list.stdout);

    site.configure(&HelloOptions::default());
    site.deploy(Version::V1).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    let circle = format!("{} --jump web-1", site.target_line("bastion", &bastion));
    let error = site.windlass(&circle).await.exits(exit::USAGE).stderr;
    assert!(error.contains("the jumps lead in a circle: bastion → web-1 → bastion"), "{error}");
    let error = site.windlass("target remove bastion").await.exits(exit::USAGE).stderr;
    expect![[r#"
        error: target `bastion` is the jump through which web-1 is reached
          next: give those another jump, or none, with `windlass target add`, or remove them first
    "#]]
    .assert_eq(&error);

    bastion.stop();
    let output = site.windlass("target check web-1").await.exits(exit::UNREACHABLE);
    let said = format!("web-1  its jump fails: bastion: 127.0.0.1:{} refused the connection", bastion.port);
    assert!(output.stdout.contains(&said), "{}", output.stdout);
}
