//! Containers in a pipeline: a real registry, a real engine on an emulated machine.

use super::{deploy, runs};
use crate::harness::{Fleet, Machine, REGISTRY, Site, exit, on_each_database};
use windlass_api_types::{DeploymentStatus, RunMode};

on_each_database![
    a_container_is_pulled_run_and_replaced,
    one_that_fails_gives_way_to_the_old_one,
    secrets_reach_the_container_and_nothing_else,
    privileges_are_granted_one_by_one,
];

mod sqlite_only {
    crate::harness::test_on!(a_disk_that_is_full_is_named, Sqlite);
}

/// A machine whose registry has two versions of an app, and a third that ends at once.
async fn prepare(site: &Site) -> Option<Fleet> {
    let fleet = site.fleet(&["web-1"]).await?;
    let machine = only(&fleet);
    for version in ["1", "2"] {
        let serve = format!("mkdir -p /w; echo version {version} >/w/index.html; exec httpd -f -p 3000 -h /w");
        machine.publish(&image(version), &serve);
    }
    machine.publish(&image("broken"), "echo no database >&2; exit 3");
    Some(fleet)
}

fn only(fleet: &Fleet) -> &Machine {
    &fleet.machines()[0]
}

fn image(version: &str) -> String {
    format!("{REGISTRY}/shop:{version}")
}

/// A pipeline that runs a version; `more` are further keys of the container.
fn config(version: &str, more: &str) -> String {
    format!(
        r#"
        project = "shop"
        [environments.production]
        targets = {{ app = ["web-1"] }}
        [[stage]]
        id = "network"
        uses = "docker-network@1"
        targets = "app"
        with = {{ name = "shop-net" }}
        [[stage]]
        id = "pull"
        uses = "docker-pull@1"
        targets = "app"
        with = {{ image = "{}", keep = 2 }}
        [[stage]]
        id = "run"
        uses = "docker-run@1"
        targets = "app"
        [stage.with]
        name = "shop"
        image = "${{stages.pull.outputs.image}}"
        ports = [{{ container = 3000, host = 8000, address = "127.0.0.1" }}]
        networks = [{{ name = "shop-net" }}]
        stop_seconds = 1
        {more}
        [[stage]]
        id = "healthy"
        uses = "http-health@1"
        targets = "app"
        with = {{ port = 8000, path = "/" }}
        "#,
        image(version)
    )
}

/// What the app answers, asked on its machine.
fn serves(machine: &Machine) -> String {
    machine.run("wget -q -O - http://127.0.0.1:8000/ || busybox wget -q -O - http://127.0.0.1:8000/")
}

async fn a_container_is_pulled_run_and_replaced(site: &Site) {
    let Some(fleet) = prepare(site).await else { return };
    site.write_config(&config("1", ""));
    let plan = site.windlass("plan --to production").await.succeeds().stdout;
    assert!(plan.contains(&format!("pull {}", image("1"))), "{plan}");
    assert_eq!(only(&fleet).docker(&["ps", "--all", "--quiet"]), "", "a plan changes nothing");

    let first = deploy(site).await;
    assert_eq!(first.summary.status, DeploymentStatus::Succeeded, "{:?}", first.summary.failure);
    assert_eq!(serves(only(&fleet)), "version 1");
    site.write_config(&config("2", ""));
    deploy(site).await;
    assert_eq!(serves(only(&fleet)), "version 2");
    let names = only(&fleet).docker(&["ps", "--all", "--format", "{{.Names}} {{.State}}"]);
    assert_eq!(names, "shop running\nshop-previous exited");
}

async fn one_that_fails_gives_way_to_the_old_one(site: &Site) {
    let Some(fleet) = prepare(site).await else { return };
    site.write_config(&config("1", ""));
    deploy(site).await;
    site.write_config(&config("broken", ""));
    let failed = deploy(site).await;
    assert_eq!(failed.summary.status, DeploymentStatus::Failed);
    let failure = failed.summary.failure.clone().expect("it says why");
    // The engine may have started it again meanwhile, and its status is gone then.
    let said = "web-1: the container shop ended right after its start";
    assert!(failure.message.starts_with(said) && failure.message.contains("\n  no database"), "{}", failure.message);
    assert_eq!(runs(&failed, RunMode::Undo), ["run web-1"]);
    assert_eq!(serves(only(&fleet)), "version 1");

    site.write_config(&config("absent", ""));
    let failed = deploy(site).await;
    let failure = failed.summary.failure.expect("it says why");
    let name = image("absent");
    let said =
        format!("web-1: Docker cannot pull {name}: manifest for {name} not found: manifest unknown: manifest unknown");
    assert_eq!((failure.message, failure.code.as_str()), (said, "no-such-image"));
    assert_eq!(serves(only(&fleet)), "version 1");
}

async fn secrets_reach_the_container_and_nothing_else(site: &Site) {
    const VALUE: &str = "kan4rie-im-bergwerk";
    let Some(fleet) = prepare(site).await else { return };
    site.write_config(&config("1", "env = { TOKEN = { secret = \"TOKEN\" }, MODE = \"fast\" }"));
    site.windlass("config push").await.succeeds();
    site.windlass_reading("secret set shop/production TOKEN", VALUE).await.succeeds();
    site.windlass("grant add shop/production secret TOKEN --plugin docker-run").await.succeeds();
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded, "{:?}", deployment.summary.failure);
    let env = only(&fleet).docker(&["exec", "shop", "env"]);
    assert!(env.contains(&format!("TOKEN={VALUE}")) && env.contains("MODE=fast"), "{env}");
    only(&fleet).docker(&["exec", "shop", "sh", "-c", "env | sort >/proc/1/fd/1"]);
    let said = site.windlass("app logs shop/production").await.succeeds().stdout;
    assert!(said.contains("web-1 shop  MODE=fast\n") && said.contains("web-1 shop  TOKEN=***\n"), "{said}");
    let following = site.start_windlass("app logs shop/production --follow --tail 2 --json");
    following.says(r#""text":"TOKEN=***""#).await;
    only(&fleet).docker(&["exec", "shop", "sh", "-c", "echo later $TOKEN >/proc/1/fd/2"]);
    following.says(r#""stderr":true,"text":"later ***""#).await;
    drop(following);
    for line in ["effects --json", "logs", "status --json", "events"] {
        let output = site.windlass(line).await;
        assert!(!(output.stdout + &output.stderr).contains(VALUE), "{line} shows the secret");
    }
}

async fn privileges_are_granted_one_by_one(site: &Site) {
    let Some(fleet) = prepare(site).await else { return };
    let socket = r#"mounts = [{ bind = "/var/run/docker.sock", target = "/var/run/docker.sock" }]"#;
    site.write_config(&config("1", socket));
    let refused = site.windlass("deploy --to production").await.exits(exit::USAGE).stderr;
    for line in [
        "error: shop/production does not grant what the pipeline asks for: docker docker-socket to the plugin `docker-run`\n",
        "windlass grant add shop/production docker docker-socket --plugin docker-run",
    ] {
        assert!(refused.contains(line), "no `{line}` in:\n{refused}");
    }
    assert_eq!(only(&fleet).docker(&["ps", "--all", "--quiet"]), "");

    site.windlass("grant add shop/production docker docker-socket --plugin docker-run").await.succeeds();
    assert_eq!(deploy(site).await.summary.status, DeploymentStatus::Succeeded);
    assert_eq!(only(&fleet).docker(&["exec", "shop", "ls", "/var/run/docker.sock"]), "/var/run/docker.sock");
}

/// The image is larger than what the engine may keep.
async fn a_disk_that_is_full_is_named(site: &Site) {
    let Some(fleet) = site.fleet(&["web-1"]).await else { return };
    let machine = only(&fleet);
    machine.run(&format!(
        "cd \"$(mktemp -d)\" && head -c 24000000 /dev/urandom >data && tar -c data | docker import - {0} &&
         docker push --quiet {0} && docker rmi {0}",
        image("1")
    ));
    machine.run(
        "pkill -x dockerd; while pgrep -x dockerd >/dev/null; do sleep 0.05; done
         mount -t tmpfs -o size=16m tmpfs /var/lib/docker
         start-engine </dev/null >/dev/null 2>&1 &
         until docker version >/dev/null 2>&1; do sleep 0.05; done",
    );
    site.write_config(&config("1", ""));
    let failure = deploy(site).await.summary.failure.expect("it says why");
    assert_eq!(failure.code, "no-space", "{}", failure.message);
    let said = format!("web-1: Docker cannot pull {}: ", image("1"));
    assert!(failure.message.starts_with(&said) && failure.message.contains("no space left on"), "{}", failure.message);
    assert_eq!(failure.hint.as_deref(), Some("make room on the target, such as with: docker system prune"));
}
