//! From a commit to a container that answers.

use super::World;
use super::world::{HOST, PREVIEWS};
use crate::harness::Site;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::plan::Plan;
use windlass_api_types::{DeploymentStatus, Lifecycle};

/// A site whose page says so.
async fn shop<'s>(site: &'s Site, machines: &[&str]) -> Option<World<'s>> {
    let mut world = World::new(site, machines).await?;
    if !world.serve_web() {
        return None;
    }
    world.commit("Sell shoes", &[("index.html", "shoes")]);
    world.configure("").await;
    world.give_key().await;
    Some(world)
}

fn preview(number: u64) -> String {
    format!("shop-{number}.{PREVIEWS}")
}

#[track_caller]
fn succeeded(deployment: &Deployment) {
    let summary = &deployment.summary;
    assert_eq!(summary.status, DeploymentStatus::Succeeded, "{:?}: {:?}", summary.failed_stage, summary.failure);
}

pub(super) async fn a_repository_without_a_dockerfile_is_served(site: &Site) {
    let Some(world) = shop(site, &["web-1", "web-2"]).await else { return };
    let sha = world.git(&["rev-parse", "HEAD"]);
    let plan: Plan = world.windlass("plan --to production --json").await.succeeds().json();
    assert_eq!(plan.failure, None);
    let checkout = plan.runs.iter().find(|run| run.stage == "checkout").expect("it is planned");
    assert_eq!(checkout.outputs.as_ref().expect("it is answered")["commit"]["sha"], sha.as_str());
    assert_eq!(world.containers(world.machine()), "", "a plan changes nothing");
    assert_eq!(world.machine().run("ls /srv"), "");

    let deployment = world.deploy().await;
    succeeded(&deployment);
    says_what_it_made(&world, &sha).await;
    assert_eq!(world.ask(HOST), "shoes\n200");
    assert_eq!(world.ask(&preview(1)), "shoes\n200");
    assert_eq!(world.ask(&preview(2)), "There is no such preview.\n404");
    for machine in world.fleet.machines() {
        assert_eq!(world.containers(machine), "shop-1 running", "{}", machine.name);
    }
    let log = world.windlass("logs shop#1 --stage build").await.succeeds().stdout;
    for said in ["there is no Dockerfile; this is a static site: index.html", "FROM busybox:1.37", "Successfully built"]
    {
        assert!(log.contains(said), "{said}:\n{log}");
    }
    let build = deployment.state.last_run("build", Some("web-1")).expect("it ran");
    let written = build.outputs.as_ref().expect("it answered")["dockerfile"].as_str().expect("it is a text").to_owned();
    assert!(written.contains("USER 65532:65532\nEXPOSE 3000\n"), "{written}");
    assert_eq!(world.machine().run("ls /srv/shop/releases"), "", "the sources are gone");
    assert!(deployment.state.last_run("build", Some("web-2")).is_none(), "one target builds");
}

/// Its commit, its word and the time its phases took; and what the app writes.
async fn says_what_it_made(world: &World<'_>, sha: &str) {
    let deployment: Deployment = world.windlass("status shop#1 --json").await.succeeds().json();
    let commit = deployment.summary.commit.expect("it was checked out");
    assert_eq!((commit.sha.as_str(), commit.branch.as_deref()), (sha, Some("main")));
    assert_eq!(commit.message.as_deref(), Some("Sell shoes"));
    assert_eq!(commit.author.as_deref(), Some("Ada <ada@example.com>"));
    assert_eq!(deployment.lifecycle, Lifecycle::Running);
    let phases: Vec<_> = deployment.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(phases, ["initializing", "building", "deploying"]);
    assert!(deployment.phases.iter().all(|phase| phase.started_at <= phase.ended_at && phase.ended_at.is_some()));
    let status = world.windlass("status shop#1").await.succeeds().stdout;
    assert!(status.contains("RUNNING: initializing ") && status.contains(", building "), "{status}");
    let said = world.windlass("app logs shop/production").await.succeeds().stdout;
    assert!(said.contains("web-1 shop-1  ") && said.contains("response:200"), "{said}");
}

pub(super) async fn a_second_deployment_switches_and_previews_stay(site: &Site) {
    let Some(world) = shop(site, &["web-1"]).await else { return };
    succeeded(&world.deploy().await);
    world.commit("Sell hats", &[("index.html", "hats")]);
    let load = world.load();
    succeeded(&world.deploy().await);
    let (answers, failed) = load.stop();
    assert_eq!(failed, "", "no request fails");
    assert!(answers.starts_with("shoes\n") && answers.ends_with("hats\n"), "{answers}");
    assert_eq!((world.ask(HOST).as_str(), world.ask(&preview(1)).as_str()), ("hats\n200", "shoes\n200"));
    assert_eq!(world.ask(&preview(2)), "hats\n200");

    // A third that does not get healthy changes nothing.
    let dockerfile = "FROM busybox:1.37\nCMD [\"httpd\", \"-f\", \"-p\", \"3000\", \"-h\", \"/tmp\"]\n";
    world.commit("Sell nothing", &[("Dockerfile", dockerfile)]);
    let failed = world.deploy().await;
    assert_eq!(failed.summary.status, DeploymentStatus::Failed);
    assert_eq!(failed.summary.failed_stage.as_deref(), Some("healthy"));
    let failure = failed.summary.failure.expect("it says why");
    assert!(failure.message.starts_with("web-1: 3/20: GET :"), "{}", failure.message);
    assert_eq!(world.ask(HOST), "hats\n200");
    assert_eq!(world.ask(&preview(3)), "There is no such preview.\n404");
    assert_eq!(world.containers(world.machine()), "shop-2 running\nshop-1 running");

    // The fourth: of two previews that stay, the oldest goes.
    world.git(&["rm", "-q", "Dockerfile"]);
    world.commit("Sell coats", &[("index.html", "coats")]);
    succeeded(&world.deploy().await);
    assert_eq!(world.ask(HOST), "coats\n200");
    assert_eq!(world.ask(&preview(2)), "hats\n200");
    assert_eq!(world.ask(&preview(1)), "There is no such preview.\n404");
    assert_eq!(world.containers(world.machine()), "shop-4 running\nshop-2 running");

    // A rollback runs the image that there is.
    let hats = world.windlass("rollback shop --to production --json").await.succeeds().json::<Deployment>();
    succeeded(&hats);
    assert_eq!(world.ask(HOST), "hats\n200");
    let built = hats.state.last_run("build", Some("web-1")).expect("it ran").outputs.clone().expect("it answered");
    assert_eq!(built["reused"], true);
}
