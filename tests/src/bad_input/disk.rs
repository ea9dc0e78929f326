//! A target whose disk is full.

use super::said;
use crate::harness::{HelloOptions, Missing, Site, Version, exit, on_each_database};
use expect_test::expect;
use std::path::{Path, PathBuf};
use std::process::Command;

on_each_database![the_release_before_serves_on];

/// A small file system of its own in place of a directory, until it is dropped.
struct SmallDisk {
    directory: PathBuf,
}

impl SmallDisk {
    /// Only root can mount, and not everywhere.
    fn mount(directory: &Path) -> Result<Self, Missing> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(directory).output();
        match mount {
            Ok(output) if output.status.success() => Ok(Self { directory: directory.to_owned() }),
            _ => Err(Missing("needs root and the right to mount a small file system".to_owned())),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.directory).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{} is still mounted", self.directory.display());
    }
}

async fn the_release_before_serves_on(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    // A new release does not fit; what is live lies beside it.
    let releases = site.app().directory().join("releases");
    let disk = match SmallDisk::mount(&releases) {
        Ok(disk) => disk,
        Err(missing) => return site.skip(&missing),
    };
    let output = site.deploy(Version::V2).await.exits(exit::FAILED);
    expect![[r#"
        ✗ upload  web-1  apps/hello/releases/RELEASE: no space left on the target's disk
          hint: free some space on the target (df -h), then deploy again
          web-1 was undone, its old release RELEASE serves
          next: windlass logs hello#2 --stage upload
    "#]]
    .assert_eq(&said(site, &output));
    drop(disk);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    site.deploy(Version::V2).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
}
