//! What is wrong is said, with what to do next, and nothing that serves is touched.

use super::World;
use super::world::HOST;
use crate::harness::{REGISTRY, Site, exit};
use expect_test::{Expect, expect};
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::Deployment;

/// Where a failed deployment failed, why, and what is to be done.
fn said(deployment: &Deployment) -> String {
    let summary = &deployment.summary;
    assert_eq!(summary.status, DeploymentStatus::Failed);
    let failure = summary.failure.as_ref().expect("it says why");
    let stage = summary.failed_stage.as_deref().unwrap_or("no stage");
    let hint = failure.hint.as_deref().unwrap_or("no hint");
    format!("{stage}: {} ({})\n{hint}", failure.message, failure.code).replace(&summary.release, "RELEASE")
}

async fn fails(world: &World<'_>, options: &str, expected: Expect) {
    world.configure(options).await;
    let failed = world.deploy().await;
    expected.assert_eq(&said(&failed).replace(&world.repository(), "REPOSITORY"));
}

pub(super) async fn what_is_wrong_is_said(site: &Site) {
    let Some(mut world) = World::new(site, &["web-1"]).await else { return };
    if !world.serve_web() {
        return;
    }
    world.commit("Sell shoes", &[("index.html", "shoes")]);
    world.configure("").await;
    world.give_key().await;
    assert_eq!(world.deploy().await.summary.status, DeploymentStatus::Succeeded);

    fails(
        &world,
        "ref = \"nightly\"",
        expect![[r#"
        checkout: the repository ssh://root@git.testREPOSITORY has no branch or tag `nightly` (no-such-ref)
        push it, or name another: a branch, a tag, or the 40 digits of a commit"#]],
    )
    .await;
    let absent = "0".repeat(40);
    fails(&world, &format!("ref = \"{absent}\""), expect![[r#"
        checkout: the repository ssh://root@git.testREPOSITORY has no commit 0000000000000000000000000000000000000000 (no-such-commit)
        push the commit, or name a branch or a tag: `ref`"#]]).await;
    fails(
        &world,
        "args = {}\ntoken = \"x\"",
        expect![[r#"
        checkout: a `token` has no meaning for ssh://root@git.testREPOSITORY (invalid-input)
        give `ssh_key`, or an https:// URL"#]],
    )
    .await;

    let exits = "FROM busybox:1.37\nCMD [\"sh\", \"-c\", \"echo no database >&2; exit 3\"]\n";
    world.commit("Exit", &[("Dockerfile", exits)]);
    world.configure("").await;
    let ended = said(&world.deploy().await);
    // The engine may have started it again before it was looked at: then its status is gone, and its line there twice.
    assert!(ended.starts_with("start: web-1: the container shop-5 ended right after its start"), "{ended}");
    let hint = "mend what its log says; the whole log, on the target: docker logs shop-5";
    assert!(ended.ends_with(&format!("\n  no database (container-exited)\n{hint}")), "{ended}");
    world.commit("Base", &[("Dockerfile", &format!("FROM {REGISTRY}/absent:1\n"))]);
    world.configure("").await;
    let stopped = said(&world.deploy().await);
    // How a registry says that there is no such image differs from one version to the next.
    let begins = "build: web-1: the image cannot be built: `docker build` ended with status 1: ";
    assert!(stopped.starts_with(begins) && stopped.contains(&format!("{REGISTRY}/absent")), "{stopped}");
    assert!(stopped.ends_with(" (build-failed)\nthe build's output in the log says where it failed"), "{stopped}");
    world.git(&["rm", "-q", "Dockerfile", "index.html"]);
    world.commit("Nothing", &[("shop.c", "")]);
    fails(
        &world,
        "",
        expect![[r#"
        build: there is no Dockerfile, and nothing that says what the app is (there is: shop.c) (no-build-plan)
        add a Dockerfile, or one of: package.json, go.mod, Cargo.toml, requirements.txt, pyproject.toml, index.html"#]],
    )
    .await;

    assert_eq!(world.ask(HOST), "shoes\n200");
    assert_eq!(world.containers(world.machine()), "shop-1 running");
    assert_eq!(world.machine().run("ls /srv/shop/releases"), "", "what was checked out is gone");
}

pub(super) async fn a_registry_that_refuses_is_named(site: &Site) {
    let Some(mut world) = World::new(site, &["web-1"]).await else { return };
    world.serve_closed_registry();
    world.commit("Sell shoes", &[("index.html", "shoes")]);
    let closed = "[environments.production.options]\nimage = \"127.0.0.1:5001/shop\"\n";
    world.configure_with("", closed).await;
    world.give_key().await;
    expect![[r#"
        push: web-1: Docker cannot push 127.0.0.1:5001/shop:RELEASE: no basic auth credentials (registry-denied)
        check the image's name, and the username and password for the registry"#]]
    .assert_eq(&said(&world.deploy().await));

    let signed_in = format!("{closed}username = \"ada\"\npassword = {{ secret = \"REGISTRY\" }}\n");
    world.configure_with("", &signed_in).await;
    site.windlass_reading("secret set shop/production REGISTRY", "open sesame").await.succeeds();
    for plugin in ["docker-build", "docker-push", "docker-pull"] {
        site.windlass(&format!("grant add shop/production secret REGISTRY --plugin {plugin}")).await.succeeds();
    }
    let deployment = world.deploy().await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded, "{:?}", deployment.summary.failure);
}

pub(super) async fn options_that_cannot_be_are_refused_before_anything_starts(site: &Site) {
    site.add_target().await.succeeds();
    let config = |options: &str| {
        format!(
            "project = \"shop\"\ntemplate = \"container@1\"\n[options]\nimage = \"registry.test:5000/shop\"\n{options}\n\
             [environments.production]\ntargets = {{ app = [\"web-1\"] }}\n"
        )
    };
    for (options, expected) in [
        (
            "preview_domain = \"x.test;id\"",
            expect![[r#"
                error: windlass.toml:5:18: `options.preview_domain` must match `^[a-z0-9$]([a-z0-9.{}$_-]*[a-z0-9}])?$`, not "x.test;id"
                      hint: Each deployment has a host name of its own below it, `<project>-<number>.<preview domain>`. Not set: there are no previews
                  next: correct it and run the command again; nothing was started
            "#]],
        ),
        (
            "ref = \"$(id)\"",
            expect![[r#"
                error: windlass.toml:5:7: `options.ref` must match `^([A-Za-z0-9_$][A-Za-z0-9._/+@=,#${}-]*)?$`, not "$(id)"
                      hint: A branch, a tag or a whole commit hash. Empty: the commit that the release was made from, and where it has none, the default branch
                  next: correct it and run the command again; nothing was started
            "#]],
        ),
        (
            "image = \"a b\"",
            expect![[r#"
                error: windlass.toml:4:9: `options.image` must match `^[a-z0-9$][A-Za-z0-9._/:${}-]*$`, not "a b"
                      hint: What the image is called, without a tag, in the registry that all targets reach
                  next: correct it and run the command again; nothing was started
            "#]],
        ),
        (
            "directory = \"/srv/my shop\"",
            expect![[r#"
                error: windlass.toml:5:13: `options.directory` must match `^[A-Za-z0-9/._+@:,=$][A-Za-z0-9/._+@:,=${}-]*$`, not "/srv/my shop"
                      hint: The app's directory on its targets; the user that Windlass connects as must be able to write it. Absolute, or relative to that user's home directory
                  next: correct it and run the command again; nothing was started
            "#]],
        ),
    ] {
        let text = config(options);
        let text = if options.starts_with("image") {
            text.replacen("image = \"registry.test:5000/shop\"\n", "", 1)
        } else {
            text
        };
        site.write_config(&text);
        let output = site.windlass("deploy --to production").await.exits(exit::USAGE);
        expected.assert_eq(&output.stderr);
    }
}

pub(super) async fn a_project_begins_with_a_configuration_and_a_dockerfile(site: &Site) {
    const INIT: &str = "init --template container --set project=shop --set options.image=registry.test:5000/shop";
    site.add_target().await.succeeds();
    let directory = site.project_dir();
    let nothing = site.windlass(&format!("{INIT} --dockerfile")).await.exits(exit::USAGE);
    assert!(nothing.stderr.starts_with("error: there is no Dockerfile, and nothing that says what the app is"));
    assert!(!directory.join("windlass.toml").exists(), "nothing was written");

    std::fs::write(directory.join("requirements.txt"), "flask\n").expect("the site's directory can be written");
    std::fs::write(directory.join("Procfile"), "web: flask run -p $PORT\n")
        .expect("the site's directory can be written");
    let written = site.windlass(&format!("{INIT} --dockerfile")).await.succeeds();
    for said in [
        "wrote windlass.toml\n",
        "wrote Dockerfile: this is a Python app, because of requirements.txt; Procfile says how it starts\n",
        "it starts with `flask run -p $PORT`, on the port in the variable PORT\n",
    ] {
        assert!(written.stderr.contains(said), "{}", written.stderr);
    }
    let dockerfile = std::fs::read_to_string(directory.join("Dockerfile")).expect("it was written");
    assert!(dockerfile.contains("FROM python:3.13-slim-bookworm AS build"), "{dockerfile}");
    site.windlass("config push").await.succeeds();
    let again = site.windlass(&format!("{INIT} --dockerfile --output other.toml")).await.exits(exit::USAGE);
    assert!(again.stderr.starts_with("error: Dockerfile is there already\n"), "{}", again.stderr);
}
