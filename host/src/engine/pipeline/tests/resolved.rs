//! What a sound configuration becomes.

use super::super::*;
use super::fixture::{own, pipeline, resolve_in, templated};
use expect_test::{Expect, expect};

/// Checks the whole document, a line for each key and each stage.
fn check(text: &str, expected: Expect) {
    let document = serde_json::to_value(pipeline(text)).expect("serializes");
    let mut shown = String::new();
    for (key, value) in document.as_object().expect("an object") {
        match value.as_array() {
            Some(items) => shown.extend(items.iter().map(|item| format!("{key}: {item}\n"))),
            None => shown += &format!("{key}: {value}\n"),
        }
    }
    expected.assert_eq(&shown);
}

/// Checks the ids in their order.
fn check_order(text: &str, expected: Expect) {
    let ids: Vec<_> = pipeline(text).stages.into_iter().map(|stage| stage.id).collect();
    expected.assert_eq(&ids.join(" "));
}

#[test]
fn own_stages_alone() {
    check(
        &own(r#"
                domain = "${environment.name}.example.com"
                timeout = "1h"
                queue = "fifo"
                [rollout.web]
                targets = "web"
                batch = [1, "25%"]
                [[stage]]
                id = "migrate"
                run = "bin/migrate ${release.label}"
                targets = "db"
                one_target = true
                undo = "never"
                retries = 2
                when = { "environment.name" = "production" }
                [[stage]]
                id = "probe"
                uses = "http-health"
                rollout = "web"
                with = { port = 80 }
            "#),
        expect![[r#"
            domain: "production.example.com"
            environment: "production"
            groups: {"db":["db-1"],"web":["web-1","web-2"]}
            options: {}
            project: "shop"
            rollouts: {"web":{"batch":[{"count":1},{"percent":25}],"revert":"batch","targets":["web"]}}
            stages: {"always":false,"id":"migrate","on_failure":"fail","one_target":true,"phase":null,"pivot":false,"place":{"targets":{"groups":["db"]}},"retries":2,"timeout":null,"undo":"never","uses":{"digest":"sha256:run","name":"run","version":"1.0.1"},"when":[{"equals":"production","name":"environment.name"}],"with":{"command":"bin/migrate ${release.label}"}}
            stages: {"always":false,"id":"probe","on_failure":"fail","one_target":false,"phase":null,"pivot":false,"place":{"rollout":{"name":"web"}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:http-health","name":"http-health","version":"1.0.1"},"when":[],"with":{"port":80}}
            template: null
            timeout: 3600000
        "#]],
    );
}

#[test]
fn a_template_with_its_defaults() {
    check(
        &templated(""),
        expect![[r#"
        domain: null
        environment: "production"
        groups: {"app":["web-1"]}
        options: {"command":"./shop","directory":"/srv/${project}","group":"app","health":{"attempts":30,"path":"/health"},"strategy":"blue-green"}
        project: "shop"
        rollouts: {"app":{"batch":[{"percent":100}],"revert":"batch","targets":["app"]}}
        stages: {"always":false,"id":"upload","on_failure":"fail","one_target":false,"phase":"deploying","pivot":false,"place":{"rollout":{"name":"app"}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:release-upload","name":"release-upload","version":"1.0.1"},"when":[],"with":{"directory":"${options.directory}"}}
        stages: {"always":false,"id":"pre-start","on_failure":"fail","one_target":false,"phase":null,"pivot":false,"place":{"rollout":{"name":"app"}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:hook","name":"hook","version":"1.0.1"},"when":[],"with":{"directory":"${stages.upload.outputs.directory}"}}
        stages: {"always":false,"id":"stop","on_failure":"fail","one_target":false,"phase":null,"pivot":false,"place":{"rollout":{"name":"app"}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:noop","name":"noop","version":"2.0.0"},"when":[{"equals":"sequential","name":"options.strategy"}],"with":{}}
        stages: {"always":false,"id":"healthy","on_failure":"fail","one_target":false,"phase":null,"pivot":false,"place":{"rollout":{"name":"app"}},"retries":0,"timeout":300000,"undo":"auto","uses":{"digest":"sha256:http-health","name":"http-health","version":"1.0.1"},"when":[],"with":{"attempts":"${options.health.attempts}","path":"${options.health.path}"}}
        stages: {"always":false,"id":"finish","on_failure":"fail","one_target":false,"phase":null,"pivot":true,"place":{"rollout":{"name":"app"}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:noop","name":"noop","version":"1.0.1"},"when":[],"with":{}}
        stages: {"always":false,"id":"post-deploy","on_failure":"warn","one_target":false,"phase":null,"pivot":false,"place":{"targets":{"groups":["app"]}},"retries":0,"timeout":null,"undo":"auto","uses":{"digest":"sha256:hook","name":"hook","version":"1.0.1"},"when":[],"with":{"directory":"${stages.upload.outputs.directory}"}}
        template: "process@1.2.0"
        timeout: null
    "#]],
    );
}

#[test]
fn an_environment_overrides() {
    let text = templated(
        r#"
            domain = "shop.example.com"
            [environments.qa]
            targets = { web = ["web-1", "web-2"] }
            domain = "qa.example.com"
            options = { group = "web", health = { attempts = 3 } }
            rollout.app = { batch = 1, revert = "none" }
        "#,
    );
    let qa = resolve_in("qa", &text).expect("resolves");
    assert_eq!(qa.domain.as_deref(), Some("qa.example.com"));
    assert_eq!(qa.options["health"], serde_json::json!({ "attempts": 3, "path": "/health" }));
    assert_eq!(
        qa.rollouts["app"],
        Rollout { targets: vec!["web".into()], batch: vec![BatchSize::Count(1)], revert: Revert::None }
    );
    assert_eq!(pipeline(&text).domain.as_deref(), Some("shop.example.com"));
    assert_eq!(pipeline(&text).rollouts["app"].revert, Revert::Batch);
}

#[test]
fn new_stages_go_where_they_say() {
    check_order(
        &templated(
            r#"
            stage = [
                { id = "a1", after = "upload", run = "x", rollout = "app" },
                { id = "a2", after = "upload", run = "x", rollout = "app" },
                { id = "b1", before = "finish", run = "x", rollout = "app" },
                { id = "b2", before = "finish", run = "x", rollout = "app" },
                { id = "later", after = "last", run = "x" },
                { id = "last", after = "post-deploy", run = "x" },
            ]
        "#,
        ),
        expect!["upload a1 a2 pre-start stop healthy b1 b2 finish post-deploy last later"],
    );
    check_order(
        &own(r#"
                [[stage]]
                id = "b"
                run = "x"
                [[stage]]
                id = "a"
                before = "b"
                run = "x"
                [[stage]]
                id = "c"
                run = "x"
            "#),
        expect!["a b c"],
    );
}

#[test]
fn a_known_id_overrides() {
    let stages = pipeline(&templated(
        r#"
            [[stage]]
            id = "healthy"
            timeout = "10s"
            with.path = "/up"
            [[stage]]
            id = "upload"
            run = "echo"
            [[stage]]
            id = "post-deploy"
            with = { directory = "/tmp" }
            rollout = "app"
            [[stage]]
            id = "pre-start"
            with.directory = "/tmp"
        "#,
    ))
    .stages;
    let stage = |id: &str| stages.iter().find(|stage| stage.id == id).expect("the stage");
    assert_eq!(stage("healthy").timeout, Some(std::time::Duration::from_secs(10)));
    assert_eq!(stage("healthy").with["path"], "/up");
    assert_eq!(stage("healthy").with["attempts"], "${options.health.attempts}");
    assert_eq!(stage("upload").uses.to_string(), "run@1.0.1");
    assert_eq!(stage("upload").with, serde_json::json!({ "command": "echo" }));
    assert_eq!(stage("post-deploy").place, Place::Rollout { name: "app".into() });
}

#[test]
fn the_newest_fitting_version_is_pinned() {
    let text = own(r#"
            [[stage]]
            id = "a"
            uses = "noop"
            [[stage]]
            id = "b"
            uses = "noop@1"
            [[stage]]
            id = "c"
            uses = "noop@1.0.0"
        "#);
    let versions: Vec<_> = pipeline(&text).stages.into_iter().map(|stage| stage.uses.version).collect();
    assert_eq!(versions, ["2.0.0", "1.0.1", "1.0.0"]);
}

#[test]
fn the_document_reads_back() {
    let pipeline = pipeline(&templated(
        r#"
        timeout = "90s"
        [rollout.app]
        batch = [2, "50%"]
    "#,
    ));
    let text = serde_json::to_string(&pipeline).expect("serializes");
    assert_eq!(serde_json::from_str::<Pipeline>(&text).expect("reads back"), pipeline);
}

#[test]
fn a_config_is_checked_again_when_it_runs() {
    use super::fixture::Fixture;
    let text = own(r#"
            [[stage]]
            id = "a"
            run = "x"
            [[stage]]
            id = "b"
            uses = "http-health@1"
            with = { attempts = "${stages.a.outputs.status}" }
        "#);
    let pipeline = pipeline(&text);
    let stage = &pipeline.stages[1];
    let plugin = Fixture.find("http-health", Wanted::Newest).expect("the plugin");
    let config = |status: i64| {
        let mut scope = pipeline.scope();
        let outputs = serde_json::json!({ "a": { "": { "status": status } } });
        scope.set_outputs(serde_json::from_value(outputs).expect("outputs"));
        interpolate(&stage.with, &scope).expect("interpolates")
    };
    assert_eq!(validate_config(stage, &plugin, &config(3)), Ok(()));
    let failure = validate_config(stage, &plugin, &config(0)).expect_err("0 attempts");
    assert_eq!(failure.message, "stage `b`: `with.attempts` must be at least 1, not 0");
}

#[test]
fn options_give_keys_their_values() {
    let text = own(r#"
        options = { wait = "5m", times = 2, where = ["web"], size = "50%", once = true }
        [rollout.app]
        targets = "${options.where}"
        batch = [1, "${options.size}"]
        [[stage]]
        id = "a"
        run = "x"
        rollout = "app"
        timeout = "${options.wait}"
        retries = "${options.times}"
        pivot = "${options.once}"
        on_failure = "${options.absent}"
        [environments.qa]
        options.absent = "warn"
    "#);
    let pipeline = pipeline(&text);
    let stage = &pipeline.stages[0];
    assert_eq!((stage.timeout, stage.retries), (Some(std::time::Duration::from_secs(300)), 2));
    assert_eq!((stage.pivot, stage.on_failure), (true, OnFailure::Fail));
    assert_eq!(pipeline.rollouts["app"].targets, ["web"]);
    assert_eq!(pipeline.rollouts["app"].batch, [BatchSize::Count(1), BatchSize::Percent(50)]);
}
