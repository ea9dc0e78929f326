use super::super::tests::fixture::{Fixture, pipeline};
use super::*;
use expect_test::expect;

fn answers() -> Answers {
    Answers {
        project: "shop".into(),
        environment: "production".into(),
        domain: None,
        targets: BTreeMap::from([("app".into(), vec!["web-1".into()])]),
        options: Map::from_iter([("command".to_owned(), json!("./shop --port $PORT"))]),
    }
}

#[test]
fn what_is_required_is_asked_and_where_the_default_fits_few() {
    let questions = questions("process", &Fixture).expect("a template");
    assert_eq!(questions.groups, ["app"]);
    let asked: Vec<_> = questions.options.iter().map(|question| question.name.as_str()).collect();
    assert_eq!(asked, ["command", "directory"]);
    let suggested: Vec<_> = questions.options.iter().map(|question| question.suggestion.as_deref()).collect();
    assert_eq!(suggested, [None, Some("apps/${project}")]);
    assert_eq!(questions.options[0].description.as_deref(), Some("The command that starts the program"));
}

#[test]
fn an_answer_is_read_by_the_options_type() {
    let question = |kind: &str| Question {
        name: "port".into(),
        description: None,
        choices: vec![],
        suggestion: None,
        kind: Some(kind.into()),
    };
    assert_eq!(question("integer").read(" 80 "), json!(80));
    assert_eq!(question("boolean").read("true"), json!(true));
    assert_eq!(question("string").read("80"), json!("80"));
    assert_eq!(question("integer").read("eighty"), json!("eighty"));
}

#[test]
fn every_option_is_explained() {
    let text = init("process", &Fixture, &answers()).expect("a template");
    expect![[r##"
        # Runs a program

        project = "shop"
        template = "process@1"
        # Where people reach it; `${domain}` stands for it below.
        # domain = "www.example.com"

        [options]
        # The command that starts the program
        command = "./shop --port $PORT"

        # Where releases are kept
        # directory = "/srv/${project}"

        # One of "blue-green", "sequential".
        # strategy = "blue-green"

        # group = "app"

        # A command before the start
        # pre_start = …   (not set)

        # health = { attempts = 30, path = "/health" }

        # One table for each place where it lives.
        [environments.production]
        # The machines of each target group; `windlass target add` registers one.
        targets = { app = ["web-1"] }
    "##]]
    .assert_eq(&text);
    assert_eq!(pipeline(&text).options["command"], "./shop --port $PORT");
}

#[test]
fn what_is_not_answered_is_left_to_be_filled_in() {
    let text = init("process", &Fixture, &Answers { targets: BTreeMap::new(), options: Map::new(), ..answers() });
    let text = text.expect("a template");
    assert!(text.contains("# command = …   (required)\n"), "{text}");
    assert!(text.contains("# targets = { app = [\"NAME\"] }\n"), "{text}");
    let errors = super::super::tests::fixture::resolve_in("production", &text).expect_err("it is incomplete");
    expect![[r#"
        windlass.toml:8:2: `options.command` is missing
            hint: The command that starts the program"#]]
    .assert_eq(&errors.to_string());
}

#[test]
fn an_unknown_template_is_refused() {
    let errors = init("proces", &Fixture, &answers()).expect_err("no such template");
    expect![[r#"
        windlass.toml:1:1: there is no template `proces`
            hint: did you mean `process`?"#]]
    .assert_eq(&errors.to_string());
}
