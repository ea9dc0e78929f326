//! Single stages: in order, under conditions, after a failure.

use super::{deploy, runs};
use crate::harness::{Site, on_each_database};
use windlass_api_types::{DeploymentStatus, RunMode, StageStatus};

on_each_database![
    a_failure_undoes_what_started_in_reverse,
    what_only_warns_does_not_stop,
    behind_the_pivot_nothing_is_undone,
    outputs_and_variables_reach_later_stages,
    what_cannot_be_undone_is_said,
];

async fn a_failure_undoes_what_started_in_reverse(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(
        r#"
        project = "order"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "first"
        uses = "noop@1"
        [[stage]]
        id = "elsewhere"
        uses = "noop@1"
        when = { "environment.name" = "qa" }
        [[stage]]
        id = "kept"
        uses = "noop@1"
        undo = "never"
        [[stage]]
        id = "second"
        uses = "noop@1"
        targets = "app"
        [[stage]]
        id = "fails"
        run = "echo out of luck >&2; exit 3"
        targets = "app"
        [[stage]]
        id = "later"
        uses = "noop@1"
        [[stage]]
        id = "tell"
        uses = "noop@1"
        always = true
        "#,
    );
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Failed);
    assert_eq!(deployment.summary.failed_stage.as_deref(), Some("fails"));
    assert_eq!(runs(&deployment, RunMode::Run), ["first", "kept", "second web-1", "fails web-1", "tell"]);
    assert_eq!(runs(&deployment, RunMode::Undo), ["second web-1", "first"]);
    let status = |id: &str| deployment.state.stage(id).map(|stage| stage.status);
    assert_eq!(status("elsewhere"), Some(StageStatus::Skipped));
    assert_eq!(status("later"), Some(StageStatus::Skipped));
    let failure = deployment.summary.failure.expect("it says why");
    assert!(failure.message.contains("out of luck"), "{}", failure.message);
}

async fn what_only_warns_does_not_stop(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(
        r#"
        project = "warns"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "may-fail"
        run = "exit 1"
        targets = "app"
        on_failure = "warn"
        [[stage]]
        id = "after"
        uses = "noop@1"
        "#,
    );
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded);
    assert_eq!(deployment.state.stage("may-fail").map(|stage| stage.status), Some(StageStatus::Warned));
    assert_eq!(runs(&deployment, RunMode::Run), ["may-fail web-1", "after"]);
    assert_eq!(deployment.state.activated, ["web-1"]);
}

async fn behind_the_pivot_nothing_is_undone(site: &Site) {
    site.add_target().await.succeeds();
    let pipeline = |pivot: &str| {
        format!(
            r#"
            project = "pivot"
            [environments.production]
            targets = {{ app = ["web-1"] }}
            [[stage]]
            id = "before"
            uses = "noop@1"
            targets = "app"
            [[stage]]
            id = "switch"
            run = "{pivot}"
            targets = "app"
            pivot = true
            [[stage]]
            id = "after"
            run = "exit 1"
            targets = "app"
            "#
        )
    };
    site.write_config(&pipeline("true"));
    let passed = deploy(site).await;
    assert_eq!(passed.summary.status, DeploymentStatus::Succeeded, "behind the pivot a failure only warns");
    assert_eq!(passed.state.stage("after").map(|stage| stage.status), Some(StageStatus::Warned));
    assert_eq!(passed.state.activated, ["web-1"]);

    site.write_config(&pipeline("exit 1"));
    let failed = deploy(site).await;
    assert_eq!(failed.summary.status, DeploymentStatus::Failed);
    assert_eq!(runs(&failed, RunMode::Undo), [""; 0]);
    assert_eq!(failed.state.standing, ["web-1 was past the point of no return: look at what runs there"]);
}

async fn outputs_and_variables_reach_later_stages(site: &Site) {
    site.add_target().await.succeeds();
    let config = r#"
        project = "values"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "first"
        run = "exit 0"
        targets = "app"
        [[stage]]
        id = "second"
        run = "test '${stages.first.outputs.status} ${variables.COLOR} ${target.name}' = '0 green web-1'"
        targets = "app"
        "#;
    site.write_config(config);
    let refused = site.windlass("deploy --to production").await.exits(2);
    assert!(refused.stderr.contains("`COLOR` (stage `second`)"), "{}", refused.stderr);

    let known = config.replace("${variables.COLOR}", "green");
    site.write_config(&known);
    assert_eq!(deploy(site).await.summary.status, DeploymentStatus::Succeeded);
    site.windlass("var set values/production COLOR=green").await.succeeds();
    site.write_config(config);
    assert_eq!(deploy(site).await.summary.status, DeploymentStatus::Succeeded);
}

/// A stage without an undo has changed the target: nobody may say that nothing was.
async fn what_cannot_be_undone_is_said(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(
        r#"
        project = "left"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "look"
        uses = "run@1"
        targets = "app"
        with = { command = "true", reads = true }
        [[stage]]
        id = "migrate"
        run = "echo done >>migrated; exit 7"
        targets = "app"
        "#,
    );
    let deployment = deploy(site).await;
    assert_eq!(deployment.summary.status, DeploymentStatus::Failed);
    let standing = ["web-1 was not undone, nothing was live there before", "what `migrate` did on web-1 stays"];
    assert_eq!(deployment.state.standing, standing);
}
