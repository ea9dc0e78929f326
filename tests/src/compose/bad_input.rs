//! What can be wrong, and what is said about it.

use super::place::{COMPOSE, DIRECTORY, Options, Place};
use crate::harness::{Machine, REGISTRY, Site, exit, test_on};
use expect_test::{Expect, expect};
use std::fs;

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

/// The failure of a deployment: what failed, why, and what to do, without what differs from run to run.
async fn fails(place: &Place<'_>, compose: &str, said: Expect) {
    fs::write(place.site.project_dir().join("docker-compose.api.yml"), compose).expect("the directory is ours");
    fails_with(place, "deploy ./docker-compose.api.yml --to production", said).await;
}

async fn fails_with(place: &Place<'_>, line: &str, said: Expect) {
    let failed = place.site.windlass(&format!("{line} --json")).await.exits(exit::FAILED);
    let deployment: windlass_api_types::deployment::Deployment = failed.json();
    let failure = deployment.state.failure.expect("it failed");
    let text = format!("{}\n{}\nnext: {}\n", failure.code, failure.message, failure.hint.unwrap_or_default());
    let text = text.replace(&deployment.summary.release, "RELEASE");
    if let Ok(path) = std::env::var("COMPOSE_SAID") {
        use std::io::Write;
        let mut f = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(f, "@@ {:?}\n{}", said.position, without_ids(&text)).unwrap();
        return;
    }
    said.assert_eq(&without_ids(&text));
}

/// The engine's ids, each as `ID`.
fn without_ids(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        words.push(if digits.len() >= 32 { word.replace(digits, "ID") } else { word.to_owned() });
    }
    words.concat()
}

async fn a_compose_file_that_is_invalid_changes_nothing(site: &Site) {
    let Some(place) = place(site).await else { return };
    let none = expect![""];
    fails_with(&place, "deploy --to production", none).await;
    place.deploy().await.succeeds();
    fails(&place, &COMPOSE.replace("image:", "imag:"), expect![""]).await;
    fails(&place, "services: [", expect![""]).await;
    assert_eq!(place.serving(), ["v1"]);
    assert_eq!(place.machine("web-1").run(&format!("cat {DIRECTORY}/docker-compose.api.yml")), COMPOSE.trim_end());
}

async fn what_cannot_run_says_why_and_is_undone(site: &Site) {
    let Some(place) = place(site).await else { return };
    let machine = place.machine("web-1");
    let taken = r#"{"services":{"api":{"image":"registry.test:5000/api:1","ports":["8080:8000"]}}}"#;
    machine.write("/opt/other/compose.json", taken);
    machine.run("docker compose -p other -f /opt/other/compose.json up --detach");
    fails(&place, COMPOSE, expect![""]).await;
    assert_eq!(machine.run("docker ps --all --format '{{.Names}}'"), "other-api-1", "nothing of it is left");
    assert_eq!(machine.run(&format!("cd {DIRECTORY} && ls -A . api | grep -c yml || true")), "0");
    machine.run("docker compose -p other down --timeout 1");

    place.deploy_compose(COMPOSE).await.succeeds();
    machine.publish(&format!("{REGISTRY}/api:exits"), "echo about to end; echo KeyError: DATABASE_URL >&2; exit 3");
    fails(&place, &COMPOSE.replace("${TAG}", "exits"), expect![""]).await;
    assert_eq!(place.serving(), ["v1"]);
    fails(&place, &COMPOSE.replace("${TAG}", "missing"), expect![""]).await;
    assert_eq!(place.serving(), ["v1"]);
    fails(&place, &COMPOSE.replace("    ports: [\"8080:8000\"]\n", ""), expect![""]).await;
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
    fails(&place, COMPOSE, expect![""]).await;
    place.configure(&ONE);

    machine.run("kill \"$(cat /run/docker.pid)\"; while docker version >/dev/null 2>&1; do sleep 0.1; done");
    fails(&place, COMPOSE, expect![""]).await;

    machine.run(
        "rm -f /usr/local/lib/docker/cli-plugins/docker-compose /usr/lib/docker/cli-plugins/docker-compose \
        /usr/libexec/docker/cli-plugins/docker-compose",
    );
    fails(&place, COMPOSE, expect![""]).await;

    machine.run("rm -f /usr/local/bin/docker /usr/bin/docker");
    fails(&place, COMPOSE, expect![""]).await;

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
    fails(&place, COMPOSE, expect![""]).await;
    assert_eq!(machine.run(&format!("cat {env}")), "LOG_LEVEL=mine");
    machine.run(&format!("rm {env}"));
    let compose = COMPOSE.replace("api/.env", ".env");
    place.deploy_compose(&compose).await.succeeds();

    let other = "service = \"web\"\nenv_file = \"/opt/docker/compose/.env.production\"";
    let config = fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was written");
    let lines = config.lines().filter(|line| !line.starts_with("service") && !line.starts_with("env_file"));
    let config = lines.collect::<Vec<_>>().join("\n").replace("[options]", &format!("[options]\n{other}"));
    site.write_config(&config);
    fails(&place, &compose, expect![""]).await;

    machine.run("docker compose -p api down --timeout 1");
    machine.write("/opt/other/compose.yml", "services: { api: { image: 'registry.test:5000/api:1' } }\n");
    machine.run("cd /opt/other && docker compose -p api up --detach");
    place.configure(&ONE);
    fails(&place, COMPOSE, expect![""]).await;
}
