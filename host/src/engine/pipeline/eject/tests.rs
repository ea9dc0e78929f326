use super::super::tests::fixture::{Fixture, resolve_in, templated};
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
        "[environments.qa]\ntargets = { app = [\"web-2\"] }\noptions.health.attempts = 3\n[[stage]]\nid = \"migrate\"\n\
         before = \"finish\"\nrun = \"bin/migrate\"\nrollout = \"app\"\nwhen = { \"environment.name\" = \"qa\" }\n",
    );
    expect![[r##"
        # Ejected from the template process@1.2.0: every stage is this project's own.

        project = "shop"

        [options]
        # The command that starts the program
        command = "./shop"
        # Where releases are kept
        directory = "/srv/${project}"
        group = "app"
        health = { attempts = 30, path = "/health" }
        strategy = "blue-green"

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
    "domain = \"${environment.name}.example.com\"\n",
    "timeout = \"1h30m\"\n",
    "options.pre_start = \"say \\\"$${HOME}\\\"\\n\"\n",
    "options.health = { path = \"/up\" }\n",
    "environments.qa.options.health.attempts = 3\n",
    "environments.qa.options.group = \"web\"\n",
    "environments.qa.options.strategy = \"sequential\"\n",
    "environments.qa.domain = \"qa.example.com\"\n",
    "environments.qa.rollout.app = { batch = [1, \"50%\"], revert = \"none\" }\n",
    "rollout.app.batch = 2\n",
    "[rollout.other]\ntargets = [\"app\"]\n[[stage]]\nid = \"other\"\nbefore = \"upload\"\nrun = \"x\"\nrollout = \"other\"\n",
    "[[stage]]\nid = \"healthy\"\ntimeout = \"10s\"\nwith.path = \"${options.health.path}?\"\n",
    "[[stage]]\nid = \"upload\"\nretries = 3\nundo = \"never\"\n",
    "[[stage]]\nid = \"post-deploy\"\nrun = \"echo ${release.label}\"\nalways = true\n",
    "[[stage]]\nid = \"b\"\nafter = \"post-deploy\"\nrun = \"x\"\nalways = true\n[[stage]]\nid = \"a\"\nafter = \"b\"\n\
     uses = \"noop@2\"\nalways = true\nphase = \"deploying\"\non_failure = \"warn\"\n",
    "[[stage]]\nid = \"c\"\nafter = \"upload\"\nuses = \"http-health\"\nrollout = \"app\"\n\
     with = { retry = { every = 3 }, attempts = 7 }\n",
];

proptest! {
    #[test]
    fn it_resolves_to_the_same_pipelines(chosen in prop::collection::vec(any::<bool>(), ADDITIONS.len())) {
        let additions = ADDITIONS.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(addition, _)| *addition);
        let groups = "environments.qa.targets = { app = [\"web-1\"], web = [\"web-1\", \"web-2\"] }\n";
        let text = templated(&(groups.to_owned() + &additions.collect::<String>()));
        let ejected = ejected(&text);
        for environment in ["production", "qa"] {
            let before = resolve_in(environment, &text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
            let after = resolve_in(environment, &ejected).map_err(|errors| TestCaseError::fail(format!("{errors}\n{ejected}")))?;
            prop_assert_eq!(without_template(before), after);
        }
    }
}
