use super::super::tests::fixture::{Fixture, dedent, resolve_in, templated};
use super::super::{Pipeline, read_config};
use super::eject;
use expect_test::expect;
use proptest::prelude::*;

fn ejected(text: &str) -> String {
    eject(&read_config(text).expect("reads"), &Fixture).expect("ejects")
}

fn without_template(mut pipeline: Pipeline) -> Pipeline {
    pipeline.template = None;
    pipeline
}

#[test]
fn the_whole_template_is_written_out() {
    let text = templated(
        r#"
            [environments.qa]
            targets = { app = ["web-2"] }
            options.health.attempts = 3
            [[stage]]
            id = "migrate"
            before = "finish"
            run = "bin/migrate"
            rollout = "app"
            when = { "environment.name" = "qa" }
        "#,
    );
    expect![[r##"
        # Ejected from the template process@1.2.0: every stage is this project's own.

        project = "shop"

        [options]
        # The command that starts the program
        command = "./shop"
        # Where releases are kept
        directory = "/srv/${project}"
        strategy = "blue-green"
        group = "app"
        health = { attempts = 30, path = "/health" }

        [environments.production]
        targets = { app = ["web-1"] }

        [environments.qa]
        targets = { app = ["web-2"] }
        options = { health = { attempts = 3 } }

        [rollout.app]
        targets = "${options.group}"

        [[stage]]
        id = "upload"
        phase = "deploying"
        uses = "release-upload@1"
        rollout = "app"
        [stage.with]
        directory = "${options.directory}"

        [[stage]]
        id = "pre-start"
        uses = "hook@1"
        rollout = "app"
        [stage.with]
        directory = "${stages.upload.outputs.directory}"

        [[stage]]
        id = "stop"
        uses = "noop"
        rollout = "app"
        when = { "options.strategy" = "sequential" }

        [[stage]]
        id = "healthy"
        uses = "http-health@1.0"
        rollout = "app"
        timeout = "5m"
        [stage.with]
        attempts = "${options.health.attempts}"
        path = "${options.health.path}"

        [[stage]]
        id = "migrate"
        run = "bin/migrate"
        rollout = "app"
        when = { "environment.name" = "qa" }

        [[stage]]
        id = "finish"
        uses = "noop@1"
        rollout = "app"
        pivot = true

        [[stage]]
        id = "post-deploy"
        uses = "hook@1"
        targets = "${options.group}"
        on_failure = "warn"
        [stage.with]
        directory = "${stages.upload.outputs.directory}"
    "##]]
    .assert_eq(&ejected(&text));
}

#[test]
fn without_a_template_there_is_nothing_to_eject() {
    let config = read_config("project = \"shop\"\n").expect("reads");
    let errors = eject(&config, &Fixture).expect_err("no template");
    expect![[r#"
        windlass.toml:1:1: there is no template to eject
            hint: all stages are the project's own already"#]]
    .assert_eq(&errors.to_string());
}

/// Things that a project may add to the template, each sound beside every other.
const ADDITIONS: &[&str] = &[
    r#"domain = "${environment.name}.example.com""#,
    r#"timeout = "1h30m""#,
    r#"options.pre_start = "say \"$${HOME}\"\n""#,
    r#"options.health = { path = "/up" }"#,
    r#"environments.qa.options.pre_start = "./check""#,
    r#"environments.qa.options.health.attempts = 3"#,
    r#"environments.qa.options.group = "web""#,
    r#"environments.qa.options.strategy = "sequential""#,
    r#"environments.qa.domain = "qa.example.com""#,
    r#"environments.qa.rollout.app = { batch = [1, "50%"], revert = "none" }"#,
    r#"rollout.app.batch = 2"#,
    r#"
        [rollout.other]
        targets = ["app"]
        [[stage]]
        id = "other"
        before = "upload"
        run = "x"
        rollout = "other"
    "#,
    r#"
        [[stage]]
        id = "healthy"
        timeout = "10s"
        with.path = "${options.health.path}?"
    "#,
    r#"
        [[stage]]
        id = "upload"
        retries = 3
        undo = "never"
    "#,
    r#"
        [[stage]]
        id = "post-deploy"
        run = "echo ${release.label}"
        always = true
    "#,
    r#"
        [[stage]]
        id = "b"
        after = "post-deploy"
        run = "x"
        always = true
        [[stage]]
        id = "a"
        after = "b"
        uses = "noop@2"
        always = true
        phase = "deploying"
        on_failure = "warn"
    "#,
    r#"
        [[stage]]
        id = "c"
        after = "upload"
        uses = "http-health"
        rollout = "app"
        with = { retry = { every = 3 }, attempts = 7 }
    "#,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_resolves_to_the_same_pipelines(chosen in prop::collection::vec(any::<bool>(), ADDITIONS.len())) {
        let additions = ADDITIONS.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(addition, _)| dedent(addition));
        let groups = r#"environments.qa.targets = { app = ["web-1"], web = ["web-1", "web-2"] }"#;
        let text = templated(&(dedent(groups) + &additions.collect::<String>()));
        let ejected = ejected(&text);
        for environment in ["production", "qa"] {
            let before = resolve_in(environment, &text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
            let after = resolve_in(environment, &ejected).map_err(|errors| TestCaseError::fail(format!("{errors}\n{ejected}")))?;
            prop_assert_eq!(without_template(before), after);
        }
    }
}

#[test]
fn questions_to_people_stay() {
    let text = templated(
        r#"
            [environments.qa]
            targets = { app = ["web-2"] }
            approval = true
            [[stage]]
            id = "finish"
            approval = "90m"
        "#,
    );
    let own = ejected(&text);
    assert!(own.contains("approval = \"3d\"") && own.contains("approval = \"90m\""), "{own}");
    let before = without_template(resolve_in("qa", &text).unwrap());
    assert_eq!(before.approval, Some(std::time::Duration::from_secs(3 * 24 * 60 * 60)));
    assert_eq!(before, resolve_in("qa", &own).unwrap());
    assert_eq!(resolve_in("production", &own).unwrap().approval, None);
}
