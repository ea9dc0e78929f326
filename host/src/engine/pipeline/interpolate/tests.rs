use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

fn scope() -> Scope {
    let mut scope = Scope::default();
    scope.set("project", json!("shop"));
    scope.set(
        "options",
        json!({
            "port": 8080,
            "probe": { "path": "/up", "attempts": 3 },
            "directory": "/srv/${project}",
            "greeting": "release ${release.label}",
            "shell": "echo $${HOME}",
            "hen": "${options.egg}",
            "egg": "${options.hen}!",
        }),
    );
    scope.set("commit", Value::Null);
    scope.set("variables", json!({ "TOKEN": "${project}" }));
    scope
}

fn on_targets(scope: &mut Scope, outputs: Value) {
    scope.set_outputs(serde_json::from_value(outputs).expect("outputs by stage and target"));
}

fn check_in(scope: &Scope, value: Value, expected: Expect) {
    let shown = match interpolate(&value, scope) {
        Ok(value) => value.to_string(),
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&shown);
}

fn check(value: Value, expected: Expect) {
    check_in(&scope(), value, expected);
}

#[test]
fn a_whole_name_keeps_its_type() {
    check(
        json!({ "port": "${options.port}", "probe": "${options.probe}" }),
        expect![[r#"{"port":8080,"probe":{"attempts":3,"path":"/up"}}"#]],
    );
}

#[test]
fn in_a_text_numbers_are_text() {
    check(
        json!(["http://localhost:${options.port}${options.probe.path}"]),
        expect![[r#"["http://localhost:8080/up"]"#]],
    );
    check(
        json!("probe ${options.probe}"),
        expect!["error: `options.probe` is a list or a table, so it cannot be part of a text"],
    );
}

#[test]
fn options_may_hold_names_and_data_may_not() {
    check(json!("${options.directory}/data"), expect![[r#""/srv/shop/data""#]]);
    check(json!("${variables.TOKEN}"), expect![[r#""${project}""#]]);
    check(json!("${options.shell}"), expect![[r#""echo ${HOME}""#]]);
    check(json!("${options.hen}"), expect!["error: `options.hen` stands for itself"]);
}

#[test]
fn a_name_without_a_value_leaves_its_key_out() {
    check(json!({ "sha": "${commit.sha}", "a": 1 }), expect![[r#"{"a":1}"#]]);
    check(json!("at ${commit.sha}"), expect!["error: `commit.sha` has no value, so it cannot be part of a text"]);
}

#[test]
fn what_is_not_there_is_an_error() {
    check(json!("${options.greeting}"), expect!["error: `release.label` is not known here"]);
    check(json!("${variables.NO}"), expect!["error: the variable `NO` is not set"]);
    check(json!("${nothing}"), expect!["error: `nothing` is not a known name"]);
    check(json!("${target.name}"), expect!["error: `target.name` is not known here"]);
}

#[test]
fn outputs_are_this_targets_else_the_only_ones() {
    let mut scope = scope();
    on_targets(
        &mut scope,
        json!({
            "build": { "": { "image": "shop:1" } },
            "start": { "web-1": { "port": 4001 }, "web-2": { "port": 4002 } },
        }),
    );
    check_in(&scope, json!("${stages.build.outputs.image}"), expect![[r#""shop:1""#]]);
    check_in(
        &scope,
        json!("${stages.start.outputs.port}"),
        expect![
            "error: `stages.start.outputs.port`: stage `start` ran on several targets (web-1, web-2) and this stage on none of them"
        ],
    );
    check_in(
        &scope,
        json!("${stages.drain.outputs.pool}"),
        expect!["error: `stages.drain.outputs.pool`: stage `drain` has no outputs: it did not run, or not to its end"],
    );
    scope.set_target("web-2", "web");
    check_in(&scope, json!("${stages.start.outputs.port}"), expect!["4002"]);
    check_in(&scope, json!("${stages.build.outputs.image}"), expect![[r#""shop:1""#]]);
}

#[test]
fn when_holds_where_all_are_equal() {
    let mut scope = scope();
    on_targets(&mut scope, json!({ "build": { "": { "changed": true } } }));
    let holds = |entries: &[(&str, Value)]| {
        let condition = |(name, equals): &(&str, Value)| Condition { name: (*name).into(), equals: equals.clone() };
        holds(&entries.iter().map(condition).collect::<Vec<_>>(), &scope)
    };
    assert_eq!(holds(&[]), Ok(true));
    assert_eq!(holds(&[("options.directory", json!("/srv/shop")), ("options.port", json!(8080))]), Ok(true));
    assert_eq!(holds(&[("options.port", json!(8080)), ("project", json!("blog"))]), Ok(false));
    assert_eq!(holds(&[("options.port", json!([80, 8080]))]), Ok(true));
    assert_eq!(holds(&[("options.port", json!([80, 81]))]), Ok(false));
    assert_eq!(holds(&[("stages.build.outputs.changed", json!(true))]), Ok(true));
    assert_eq!(holds(&[("stages.skipped.outputs.changed", json!(true))]), Ok(false));
    assert_eq!(holds(&[("commit.branch", json!("main"))]), Ok(false));
    assert_eq!(
        holds(&[("target.name", json!("web-1"))]),
        Err(InterpolationError::NotKnownHere { name: "target.name".into() })
    );
}

fn plain_json() -> impl Strategy<Value = Value> {
    let text = ".{0,12}".prop_filter("holds no name", |text| !text.contains("${"));
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z$]{0,6}", inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn without_a_name_nothing_changes(value in plain_json()) {
        prop_assert_eq!(interpolate(&value, &scope()), Ok(value));
    }

    #[test]
    fn an_escaped_text_comes_back(text in "[a${} ]{0,12}") {
        let escaped = Value::from(text.replace("${", "$${"));
        prop_assert_eq!(interpolate(&escaped, &scope()), Ok(Value::from(text)));
    }
}
