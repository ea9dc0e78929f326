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
    format!("{stage}: {} ({})\n{}", failure.message, failure.code, failure.hint.as_deref().unwrap_or("no hint"))
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
    let first = world.commit("Sell shoes", &[("index.html", "shoes")]);
    world.configure("").await;
    world.give_key().await;
    assert_eq!(world.deploy().await.summary.status, DeploymentStatus::Succeeded);

    fails(&world, "ref = \"nightly\"", expect![[""]]).await;
    fails(&world, &format!("ref = \"{}\"", first.replace(|c: char| c.is_ascii_digit(), "0")), expect![[""]]).await;
    fails(&world, "args = {}\ntoken = \"x\"", expect![[""]]).await;

    let exits = "FROM busybox:1.37\nCMD [\"sh\", \"-c\", \"echo no database >&2; exit 3\"]\n";
    world.commit("Exit", &[("Dockerfile", exits)]);
    fails(&world, "", expect![[""]]).await;
    world.commit("Base", &[("Dockerfile", &format!("FROM {REGISTRY}/absent:1\n"))]);
    fails(&world, "", expect![[""]]).await;
    world.git(&["rm", "-q", "Dockerfile", "index.html"]);
    world.commit("Nothing", &[("shop.c", "")]);
    fails(&world, "", expect![[""]]).await;

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
    expect![[""]].assert_eq(&said(&world.deploy().await));

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
        ("preview_domain = \"x.test;id\"", expect![[""]]),
        ("ref = \"$(id)\"", expect![[""]]),
        ("image = \"a b\"", expect![[""]]),
        ("directory = \"/srv/my shop\"", expect![[""]]),
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
