//! What is wrong with a template, at its place in the template.

use super::super::*;
use super::fixture::{Fixture, dedent};
use expect_test::{Expect, expect};

struct Only(String);

impl Templates for Only {
    fn get(&self, _: &str, _: Wanted) -> Option<&str> {
        Some(&self.0)
    }

    fn names(&self) -> Vec<String> {
        vec!["site".into()]
    }
}

fn check(template: &str, options: &str, expected: Expect) {
    let text = format!("project = \"shop\"\ntemplate = \"site\"\noptions = {options}\n[environments.production]\n");
    let config = read_config(&text).expect("reads");
    let errors = resolve(&config, "production", &Only(dedent(template)), &Fixture, &[]).expect_err("a bad template");
    expected.assert_eq(&errors.to_string());
}

#[test]
fn its_own_keys() {
    check(
        r#"
            name = "site"
            version = "1"
            [options]
            type = "strnig"
            [[stage]]
            id = "a"
            use = "noop"
        "#,
        "{}",
        expect![[r#"
            templates/site.toml:2:1: `version` must be a version such as "1.0.0"
            templates/site.toml:3:2: `options` is no JSON schema: "strnig" is not valid under any of the schemas listed in the 'anyOf' keyword
            templates/site.toml:7:1: stage `a`: `use` is not a known key
                hint: did you mean `uses`?"#]],
    );
}

#[test]
fn what_options_make_of_it() {
    check(
        r#"
            name = "site"
            version = "1.0.0"
            [options.properties.wait]
            [options.properties.times]
            [[stage]]
            id = "a"
            run = "x ${options.wiat}"
            timeout = "${options.wait}"
            retries = "${options.times}"
            with.directory = "${options.times}"
            [[stage]]
            id = "b"
            uses = "hook"
            with.directory = "${options.tims}"
        "#,
        r#"{ wait = "long", times = 1000 }"#,
        expect![[r#"
            templates/site.toml:7:7: stage `a`: `options.wiat` is not a known option
                hint: did you mean `options.wait`?
            templates/site.toml:10:18: stage `a`: `with.directory` must be a text, not 1000
            templates/site.toml:14:18: stage `b`: `options.tims` is not a known option
                hint: did you mean `options.times`?
            windlass.toml:3:20: stage `a`: `timeout` must be a duration such as "90s" or "10m", not "long"
            windlass.toml:3:36: stage `a`: `retries` must be a whole number from 0 to 100, not `1000`"#]],
    );
}

#[test]
fn its_defaults() {
    check(
        r#"
            name = "site"
            version = "1.0.0"
            [options.properties.where]
            default = "/srv/${projct}"
        "#,
        "{}",
        expect![[r#"
            windlass.toml:3:1: options: `projct` is not a known name
                hint: did you mean `project`?"#]],
    );
}
