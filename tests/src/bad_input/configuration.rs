//! A configuration that cannot work is refused before anything starts, with the place of each mistake.

use super::said;
use crate::harness::{HelloOptions, Site, Version, exit, on_each_database};
use expect_test::{Expect, expect};
use serde_json::json;
use windlass_api_types::deployment::DeploymentPage;

on_each_database![mistakes_are_shown_with_their_places, what_is_to_be_deployed_must_be_there];

/// Pipelines with one mistake, and what is said about it.
fn mistakes() -> [(&'static str, Expect); 7] {
    [
        (
            "uses = \"no-such-plugin@1\"",
            expect![[r#"
            error: windlass.toml:6:8: stage `one`: there is no plugin `no-such-plugin`
                  hint: known: `compose-finish`, `compose-up`, `dns-record`, `dns-verify`, `docker-build`, `docker-network`, `docker-pull`, `docker-push`, `docker-retire`, `docker-run`, `env-file`, `git-checkout` and 15 more
              next: correct it and run the command again; nothing was started
        "#]],
        ),
        (
            "uses = \"route@1\"\ntargets = \"app\"\nwith = { port = \"eighty\" }",
            expect![[r#"
            error: windlass.toml:8:1: stage `one`: `with.upstream_file` is missing
                  hint: A path on a target, absolute or relative to the home directory of the connection's user
              windlass.toml:8:17: stage `one`: `with.port` must be a whole number, not "eighty"
                  hint: The port that requests are to go to
              next: correct it and run the command again; nothing was started
        "#]],
        ),
        (
            "uses = \"noop@1\"\nbefore = \"no-such-stage\"",
            expect![[r#"
            error: windlass.toml:7:10: stage `one`: `before` names `no-such-stage`, and there is no such stage
              next: correct it and run the command again; nothing was started
        "#]],
        ),
        (
            "run = \"echo ${option.name}\"\ntargets = \"app\"",
            expect![[r#"
            error: windlass.toml:6:7: stage `one`: `option.name` is not a known name
                  hint: did you mean `options`?
              next: correct it and run the command again; nothing was started
        "#]],
        ),
        (
            "run = \"echo ${variables.NOT_SET}\"\ntargets = \"app\"",
            expect![[r#"
            error: these variables of shop/production are not set: `NOT_SET` (stage `one`)
              next: windlass var set shop/production NOT_SET=VALUE
        "#]],
        ),
        (
            "uses = \"noop@1\"\nexclusive = true",
            expect![[r#"
            error: windlass.toml:7:1: stage `one`: `exclusive` is not available in this version
                  hint: remove it: nothing would enforce it
              next: correct it and run the command again; nothing was started
        "#]],
        ),
        (
            "uses \"noop@1\"",
            expect![[r#"
            error: windlass.toml:6:6: not valid TOML: key with no value, expected `=`
                  hint: see https://toml.io for how TOML is written
              next: correct it and run the command again; nothing was started
        "#]],
        ),
    ]
}

async fn mistakes_are_shown_with_their_places(site: &Site) {
    site.add_target().await.succeeds();
    for (stage, expected) in mistakes() {
        site.write_config(&format!(
            "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
             [[stage]]\nid = \"one\"\n{stage}\n"
        ));
        let output = site.windlass("deploy --to production").await.exits(exit::USAGE);
        expected.assert_eq(&said(site, &output));
    }
    let none: DeploymentPage = site.windlass("history shop --json").await.succeeds().json();
    assert!(none.deployments.is_empty(), "nothing was started: {:?}", none.deployments);
}

async fn what_is_to_be_deployed_must_be_there(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.deploy(Version::V1).await.succeeds();

    let nothing = site.windlass("deploy --to production").await.exits(exit::USAGE);
    expect![[r#"
        error: the stage `upload` needs the artifact `app`, which the release does not carry
          next: name the file or directory to deploy: windlass deploy PATH --to production
    "#]]
    .assert_eq(&said(site, &nothing));
    let no_file = site.windlass("deploy ./no-such-directory --to production").await.exits(exit::USAGE);
    expect![[r#"
        error: cannot read ./no-such-directory: No such file or directory (os error 2)
          next: check that the path is right and that you may read it
    "#]]
    .assert_eq(&said(site, &no_file));
    let config = std::fs::read_to_string(site.project_dir().join("windlass.toml")).unwrap();
    let digest = format!("sha256:{}", "0".repeat(64));
    let request = json!({ "config": config, "environment": "production", "artifacts": { "app": digest } });
    let problem = api.post("/deployments", &request).await.problem(404);
    expect![[r#"
        the artifact `app` (sha256:0000000000000000000000000000000000000000000000000000000000000000) is not on this server
        upload it first: PUT /api/v1/artifacts, or deploy with a path: windlass deploy ./app --to ENVIRONMENT"#]].assert_eq(&format!("{}\n{}", problem.detail, problem.hint.unwrap()));

    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    server.stop().await;
}
