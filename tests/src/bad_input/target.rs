//! A target that cannot be deployed to: away, closed to us, or another machine than before.

use super::{plain, said};
use crate::harness::{HelloOptions, Site, Version, exit, make_key, on_each_database};
use expect_test::expect;
use std::fs;

on_each_database![
    a_target_that_is_away,
    a_target_that_does_not_know_the_key,
    a_target_with_another_host_key,
    a_target_that_was_never_compared,
];

async fn a_target_that_is_away(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    site.target().stop();
    let output = site.deploy(Version::V2).await.exits(exit::FAILED);
    expect![[r#"
        ✗ upload  web-1  127.0.0.1:PORT refused the connection
          hint: check that an SSH server listens on 127.0.0.1:PORT and that no firewall is between
          web-1 was undone, its old release RELEASE serves
          next: windlass logs hello#2 --stage upload
    "#]]
    .assert_eq(&said(site, &output));
    let check = site.windlass("target check web-1").await.exits(exit::UNREACHABLE);
    expect![[r#"
        ✗ web-1  127.0.0.1:PORT refused the connection
          next: check that an SSH server listens on 127.0.0.1:PORT and that no firewall is between
    "#]]
    .assert_eq(&said(site, &check));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));

    site.target().start_again();
    site.deploy(Version::V2).await.succeeds();
}

async fn a_target_that_does_not_know_the_key(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    let other = site.path("other-key");
    make_key(&other);
    fs::copy(other.with_extension("pub"), site.target().authorized_keys()).unwrap();
    let output = site.deploy(Version::V2).await.exits(exit::FAILED);
    expect![[r#"
        ✗ upload  web-1  USER may not sign in with SITE/key (FINGERPRINT)
          hint: add this line to ~USER/.ssh/authorized_keys on the target: ssh-ed25519 KEY windlass
          web-1 was undone, its old release RELEASE serves
          next: windlass logs hello#2 --stage upload
    "#]]
    .assert_eq(&said(site, &output));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
}

/// Neither a deployment nor registering it again trusts the new key by itself.
async fn a_target_with_another_host_key(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    site.deploy(Version::V1).await.succeeds();
    let before = site.target().fingerprint();
    site.target().replace();
    let after = site.target().fingerprint();
    let named = |text: &str| text.replace(&before, "BEFORE").replace(&after, "AFTER");

    let mut output = site.deploy(Version::V2).await.exits(exit::FAILED);
    output.stdout = named(&output.stdout);
    expect![[r#"
        ✗ upload  web-1  the host key has changed: trusted is BEFORE, presented was AFTER
          hint: if the machine was replaced, trust its new key with: windlass target add web-1 USER@HOST --replace-host-key; if it was not, do not trust it: someone may be in between
          web-1 was undone, its old release RELEASE serves
          next: windlass logs hello#2 --stage upload
    "#]].assert_eq(&said(site, &output));
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    let again = site.add_target().await.exits(exit::USAGE);
    expect![[r#"
        the target `web-1` is pinned to another host key: trusted is BEFORE, presented was AFTER
          next: if the machine was reinstalled: windlass target add web-1 USER@HOST --replace-host-key
    "#]]
    .assert_eq(&named(again.stderr.split_once("error: ").unwrap().1));

    let line = site.target_line("web-1", &site.target());
    site.windlass(&format!("{line} --replace-host-key")).await.succeeds();
    site.deploy(Version::V2).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
}

async fn a_target_that_was_never_compared(site: &Site) {
    let fingerprint = site.target().fingerprint();
    let line = site.target_line("web-1", &site.target());
    let unasked = site.windlass(line.split_once(" --fingerprint").unwrap().0).await.exits(exit::USAGE);
    let error = unasked.stderr.split_once("error: ").unwrap().1;
    expect![[r#"
        nobody is there to confirm the host key of 127.0.0.1
          next: compare it on the machine, then pass --fingerprint FINGERPRINT
    "#]]
    .assert_eq(&plain(site, error));
    let other = line.replace(&fingerprint, "SHA256:another");
    let error = site.windlass(&other).await.exits(exit::USAGE).stderr;
    let error = error.split_once("error: ").unwrap().1;
    expect![[r#"
        127.0.0.1 presents the host key FINGERPRINT, not SHA256:another: it may be another machine
          next: compare them on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
    "#]]
    .assert_eq(&plain(site, error));
    assert!(site.windlass("target list").await.succeeds().stdout.contains("no targets"));
}
