//! What can be wrong, and what is said about it.

use super::place::{COMPOSE, DIRECTORY, Options, Place};
use crate::harness::{Machine, REGISTRY, Site, exit, test_on};
use expect_test::expect;
use std::fs;
use windlass_api_types::deployment::Deployment;

mod sqlite {
    super::test_on!(a_compose_file_that_is_invalid_changes_nothing, Sqlite);
    super::test_on!(what_cannot_run_says_why_and_is_undone, Sqlite);
    super::test_on!(docker_itself_is_looked_at_first, Sqlite);
    super::test_on!(files_of_others_are_left_alone, Sqlite);
}

const ONE: Options = Options { revert: "batch", targets: &["web-1"], attempts: 3, more: "" };

async fn place(site: &Site) -> Option<Place<'_>> {
    let place = Place::start(site, &["web-1"]).await?;
    place.configure(&ONE);
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production TAG=1").await.succeeds();
    Some(place)
}

/// The failure of a deployment: its code, its message, what to do. A message that ends with `…` goes on
/// with the words of Docker, which differ from version to version.
async fn fails(place: &Place<'_>, compose: &str, said: [&str; 3]) {
    fs::write(place.site.project_dir().join("docker-compose.api.yml"), compose).expect("the directory is ours");
    fails_with(place, "deploy ./docker-compose.api.yml --to production", said).await;
}

async fn fails_with(place: &Place<'_>, line: &str, [code, message, hint]: [&str; 3]) {
    let failed = place.site.windlass(&format!("{line} --json")).await.exits(exit::FAILED);
    let deployment: Deployment = failed.json();
    let failure = deployment.state.failure.expect("it failed");
    let fits = match message.strip_suffix('…') {
        Some(begin) => failure.message.starts_with(begin) && failure.message.len() > begin.len(),
        None => failure.message == message,
    };
    assert!(fits, "not `{message}`, but `{}`", failure.message);
    assert_eq!((failure.code.as_str(), failure.hint.as_deref().unwrap_or_default()), (code, hint));
}

async fn a_compose_file_that_is_invalid_changes_nothing(site: &Site) {
    let Some(place) = place(site).await else { return };
    let none = [
        "compose-file-missing",
        "web-1 has no /opt/docker/compose/docker-compose.api.yml, and the release brings none",
        "give it to the deployment: windlass deploy ./docker-compose.api.yml --to production",
    ];
    fails_with(&place, "deploy --to production", none).await;
    place.deploy().await.succeeds();
    let invalid = [
        "compose-file-invalid",
        "the compose file of api is invalid: …",
        "correct it and deploy again; nothing that runs was changed",
    ];
    fails(&place, &COMPOSE.replace("image:", "imag:"), invalid).await;
    fails(&place, "services: [", invalid).await;
    assert_eq!(place.serving(), ["v1"]);
    assert_eq!(place.machine("web-1").run(&format!("cat {DIRECTORY}/docker-compose.api.yml")), COMPOSE.trim());
}

async fn what_cannot_run_says_why_and_is_undone(site: &Site) {
    let Some(place) = place(site).await else { return };
    let machine = place.machine("web-1");
    let taken = r#"{"services":{"api":{"image":"registry.test:5000/api:1","ports":["8080:8000"]}}}"#;
    machine.write("/opt/other/compose.json", taken);
    machine.run("cd / && docker compose -p other -f /opt/other/compose.json up --detach");
    fails(
        &place,
        COMPOSE,
        [
            "port-taken",
            "web-1: a port of api is taken: …",
            "see who has it: ss -ltnp (as root, on web-1), or docker ps",
        ],
    )
    .await;
    assert_eq!(machine.run("docker ps --all --format '{{.Names}}'"), "other-api-1", "nothing of it is left");
    assert_eq!(machine.run(&format!("cd {DIRECTORY} && ls -A . api | grep -c yml || true")), "0");
    machine.run("cd / && docker compose -p other down --timeout 1");

    // The tag moves; what ran is brought back all the same.
    let latest = COMPOSE.replace("${TAG}", "latest");
    place.publish("latest", "1");
    place.deploy_compose(&latest).await.succeeds();
    machine.publish(&format!("{REGISTRY}/api:latest"), "echo about to end; echo KeyError: DATABASE_URL; exit 3");
    fails(
        &place,
        &latest,
        [
            "container-exited",
            "web-1: the container api-api-1 ended right after its start with status 3\n  app: about to end\n  \
             app: KeyError: DATABASE_URL",
            "mend what its log says, and deploy again",
        ],
    )
    .await;
    assert_eq!(place.serving(), ["v1"]);
    fails(
        &place,
        &COMPOSE.replace("${TAG}", "missing"),
        ["no-such-image", "web-1: an image of api cannot be pulled: …", "push it first, or correct its name and tag"],
    )
    .await;
    assert_eq!(place.serving(), ["v1"]);
    fails(
        &place,
        &COMPOSE.replace("    ports: [\"8080:8000\"]\n", ""),
        [
            "no-port",
            "web-1: api publishes no port where its health could be asked for",
            "publish one in the compose file, set `port`, or set `check = \"containers\"`",
        ],
    )
    .await;
    assert_eq!(place.serving(), ["v1"]);
}

/// Registers a machine another time, as `deploy`, who is in no group.
async fn as_deploy(site: &Site, machine: &Machine) {
    let (port, fingerprint, key) = (machine.port, machine.fingerprint(), site.key());
    let line =
        format!("target add plain deploy@127.0.0.1:{port} --identity {} --fingerprint {fingerprint}", key.display());
    site.windlass(&line).await.succeeds();
}

async fn docker_itself_is_looked_at_first(site: &Site) {
    let Some(place) = place(site).await else { return };
    let machine = place.machine("web-1");
    as_deploy(site, machine).await;
    place.configure(&Options { targets: &["plain"], more: "directory = \"compose\"", ..ONE });
    fails(
        &place,
        COMPOSE,
        [
            "docker-socket-denied",
            "the user that Windlass connects as may not use Docker on plain: …",
            "add it to the group: sudo usermod -aG docker USER",
        ],
    )
    .await;
    place.configure(&ONE);

    machine.run("kill \"$(cat /run/docker.pid)\"; while docker version >/dev/null 2>&1; do sleep 0.1; done");
    fails(
        &place,
        COMPOSE,
        ["docker-not-running", "Docker does not run on web-1: …", "start it there: sudo systemctl start docker"],
    )
    .await;

    machine.run(
        "rm -f /usr/local/lib/docker/cli-plugins/docker-compose /usr/lib/docker/cli-plugins/docker-compose \
        /usr/libexec/docker/cli-plugins/docker-compose",
    );
    fails(
        &place,
        COMPOSE,
        [
            "compose-not-installed",
            "web-1 has Docker, but not its Compose plugin",
            "install it there: the package docker-compose-plugin, or docker-compose of version 2",
        ],
    )
    .await;

    machine.run("rm -f /usr/local/bin/docker /usr/bin/docker");
    fails(
        &place,
        COMPOSE,
        ["docker-not-installed", "web-1 has no `docker` command", "install Docker there, with its Compose plugin"],
    )
    .await;

    place.configure(&Options { more: "env = { KEY = { secret = \"NOT_SET\" } }", ..ONE });
    let unset = place.deploy().await.exits(exit::USAGE);
    expect![[r#"
        error: the pipeline uses the secret `NOT_SET`, which shop/production does not have
          next: set it: windlass secret set shop/production NOT_SET
    "#]]
    .assert_eq(&unset.stderr);
}

async fn files_of_others_are_left_alone(site: &Site) {
    let Some(place) = place(site).await else { return };
    let machine = place.machine("web-1");
    let env = format!("{DIRECTORY}/.env.production");
    machine.write(&env, "LOG_LEVEL=mine\n");
    place.configure(&Options { more: "env_file = \"/opt/docker/compose/.env.production\"", ..ONE });
    fails(
        &place,
        COMPOSE,
        [
            "env-file-foreign",
            "web-1: /opt/docker/compose/.env.production was not written by Windlass",
            "take its variables over (windlass var set shop/production NAME=VALUE …), then move it away: \
             mv /opt/docker/compose/.env.production /opt/docker/compose/.env.production.old",
        ],
    )
    .await;
    assert_eq!(machine.run(&format!("cat {env}")), "LOG_LEVEL=mine");
    machine.run(&format!("rm {env}"));
    let compose = COMPOSE.replace("api/.env", ".env");
    place.deploy_compose(&compose).await.succeeds();

    let other = "service = \"web\"\nenv_file = \"/opt/docker/compose/.env.production\"";
    let config = fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was written");
    let lines = config.lines().filter(|line| !line.starts_with("service") && !line.starts_with("env_file"));
    let config = lines.collect::<Vec<_>>().join("\n").replace("[options]", &format!("[options]\n{other}"));
    site.write_config(&config);
    fails(
        &place,
        &compose,
        [
            "env-file-owned",
            "web-1: /opt/docker/compose/.env.production belongs to shop/production, service api, \
             and this is shop/production, service web",
            "give each service a file of its own: name another `env_file`",
        ],
    )
    .await;

    machine.run("cd / && docker compose -p api down --timeout 1");
    machine.write("/opt/other/compose.yml", "services: { api: { image: 'registry.test:5000/api:1' } }\n");
    machine.run("cd /opt/other && docker compose -p api up --detach");
    place.configure(&ONE);
    fails(
        &place,
        COMPOSE,
        [
            "project-taken",
            "web-1: the Compose project api runs from /opt/other/compose.yml, \
             and not from /opt/docker/compose/docker-compose.api.yml",
            "choose another `project_name`, or stop that one: docker compose -p api down",
        ],
    )
    .await;
}
