use expect_test::{Expect, expect};

use super::*;
use crate::tidy::repository::findings;

/// Judges one file in a host that has a few modules.
fn file(path: &str, text: &str, expected: Expect) {
    let mut files = vec![(path, text)];
    for module in ["api", "app", "cli", "config", "engine", "ssh", "docker", "store"] {
        let other = ["host/src/", module, ".rs"].concat();
        if other != path {
            files.push((String::leak(other), ""));
        }
    }
    expected.assert_eq(&findings(check, &files));
}

#[test]
fn down_the_flow_and_to_the_leaves_is_fine() {
    file(
        "host/src/api/deployments.rs",
        "use crate::{engine::Engine, config, store::{Store, row}}; fn a() { crate::ssh::b(); }",
        expect![""],
    );
}

#[test]
fn within_a_layer_is_fine() {
    file("host/src/docker.rs", "use crate::ssh::Connection;", expect![""]);
}

#[test]
fn up_the_flow_is_not() {
    file(
        "host/src/store/row.rs",
        "use crate::engine::Engine;\nfn a() { crate::api::b() }",
        expect![[r#"
            host/src/store/row.rs:1: `store` may not use `engine`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)
            host/src/store/row.rs:2: `store` may not use `api`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"#]],
    );
}

#[test]
fn a_list_hides_nothing() {
    file(
        "host/src/engine.rs",
        "use crate::{config::{self, Config}, store::Store, api::{x, y}};",
        expect![
            "host/src/engine.rs:1: `engine` may not use `api`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"
        ],
    );
}

#[test]
fn climbing_by_super_is_the_same() {
    let up = expect![[r#"
        host/src/store/row.rs:1: `store` may not use `engine`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)
        host/src/store/row.rs:2: `store` may not use `engine`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"#]];
    file(
        "host/src/store/row.rs",
        "use super::super::engine::Engine;\nmod inner { use super::super::super::engine; }",
        up,
    );
}

#[test]
fn super_within_the_module_is_fine() {
    file(
        "host/src/store/row.rs",
        "use super::engine; mod inner { use super::*; use super::super::engine; }",
        expect![""],
    );
}

#[test]
fn leaves_use_only_leaves() {
    file(
        "host/src/config.rs",
        "use crate::store::Store;",
        expect![
            "host/src/config.rs:1: `config` may not use `store`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"
        ],
    );
}

#[test]
fn nothing_below_the_top_uses_the_demo() {
    let files = [
        ("host/src/demo.rs", "use crate::{app::App, cli::Cli};"),
        ("host/src/cli.rs", "use crate::demo;"),
        ("host/src/app.rs", ""),
        ("host/src/api.rs", "use crate::demo;"),
    ];
    expect!["host/src/api.rs:1: `api` may not use `demo`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"]
        .assert_eq(&findings(check, &files));
}

#[test]
fn comments_strings_macros_and_visibility_are_no_uses() {
    file(
        "host/src/store.rs",
        "// crate::api::x\npub(crate) fn a() { b(\"crate::api\"); crate::engine!(); }",
        expect![""],
    );
}

#[test]
fn a_name_at_the_root_must_be_a_module() {
    file(
        "host/src/store.rs",
        "use crate::Engine;\nuse crate::*;",
        expect![[r#"
            host/src/store.rs:1: `crate::Engine` is no module: name the module in which it lives, so that the direction of data flow can be seen
            host/src/store.rs:2: `crate::*` is no module: name the module in which it lives, so that the direction of data flow can be seen"#]],
    );
}

#[test]
fn a_new_module_needs_a_place() {
    file(
        "host/src/helpers.rs",
        "",
        expect![
            "host/src/helpers.rs: the module `helpers` has no place in the order of xtask/src/tidy/direction.rs; give it one"
        ],
    );
}

#[test]
fn roots_and_other_crates_are_free() {
    file("host/src/main.rs", "use crate::anything;", expect![""]);
    file("web/src/api.rs", "use crate::pages::Page;", expect![""]);
}

#[test]
fn tests_may_use_what_they_need() {
    file("host/src/store/row/tests.rs", "use crate::api;", expect![""]);
    file("host/src/store/tests/fixture.rs", "use crate::api;", expect![""]);
    file(
        "host/src/store.rs",
        "mod tests { use crate::api; fn a() {} } use crate::engine;",
        expect![
            "host/src/store.rs:1: `store` may not use `engine`, which stands before it in the flow of data (see xtask/src/tidy/direction.rs)"
        ],
    );
}
