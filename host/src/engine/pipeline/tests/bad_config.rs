//! What is wrong with the text itself.

use super::fixture::{check, own};
use expect_test::expect;

#[test]
fn invalid_toml() {
    check(
        "project = shop\n[environments\n",
        expect![[r#"
        windlass.toml:1:11: not valid TOML: string values must be quoted, expected literal string
            hint: see https://toml.io for how TOML is written
        windlass.toml:2:14: not valid TOML: unclosed table, expected `]`
            hint: see https://toml.io for how TOML is written"#]],
    );
}

#[test]
fn unknown_keys() {
    check(
        &own("tiemout = \"1m\"\n[[stage]]\nid = \"a\"\nuse = \"run@1\"\n[rollout.web]\nbatches = [1]\n"),
        expect![[r#"
            windlass.toml:3:1: `tiemout` is not a known key
                hint: did you mean `timeout`?
            windlass.toml:6:1: stage `a`: `use` is not a known key
                hint: did you mean `uses`?
            windlass.toml:8:1: rollout `web`: `batches` is not a known key
                hint: did you mean `batch`?"#]],
    );
}

#[test]
fn keys_of_a_later_version() {
    let text = "queue = \"supersede\"\n[environments.production]\napproval = true\n[[stage]]\nid = \"a\"\nrun = \"x\"\n\
                undo = \"ask\"\nwatch = true\n";
    check(
        &format!("project = \"shop\"\n{text}"),
        expect![[r#"
        windlass.toml:2:9: `queue = "supersede"` is not available in this version
            hint: remove it: nothing would enforce it
        windlass.toml:4:1: environment `production`: `approval` is not available in this version
            hint: remove it: nothing would enforce it
        windlass.toml:8:8: stage `a`: `undo = "ask"` is not available in this version
            hint: remove it: nothing would enforce it
        windlass.toml:9:1: stage `a`: `watch` is not available in this version
            hint: remove it: nothing would enforce it"#]],
    );
}

#[test]
fn types_and_ranges() {
    check(
        &own(
            "[rollout.web]\ntargets = \"web\"\nbatch = [1, \"101%\"]\nrevert = \"some\"\n[[stage]]\nid = \"a\"\nrun = 5\n\
              timeout = \"10 minutes\"\nretries = -1\non_failure = \"ignore\"\nalways = \"yes\"\nwith = 3\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\nrollout = \"web\"\n",
        ),
        expect![[r#"
            windlass.toml:5:9: rollout `web`: `batch` must be a list of numbers of targets and percents, such as [1, "25%", "100%"], not [1, "101%"]
            windlass.toml:6:10: rollout `web`: `revert` must be "batch" or "all" or "none", not "some"
            windlass.toml:9:7: stage `a`: `run` must be a text, not `5`
            windlass.toml:10:11: stage `a`: `timeout` must be a duration such as "90s" or "10m", not "10 minutes"
            windlass.toml:11:11: stage `a`: `retries` must be a whole number from 0 to 100, not `-1`
            windlass.toml:12:14: stage `a`: `on_failure` must be "fail" or "warn", not "ignore"
            windlass.toml:13:10: stage `a`: `always` must be true or false, not "yes"
            windlass.toml:14:8: stage `a`: `with` must be a table, not `3`"#]],
    );
    check(
        &own("[rollout.web]\ntargets = []\nbatch = 0\n"),
        expect![[r#"
            windlass.toml:4:11: rollout `web`: `targets` must be the name of a target group, or a list of some, not []
            windlass.toml:5:9: rollout `web`: `batch` must be a list of numbers of targets and percents, such as [1, "25%", "100%"], not `0`"#]],
    );
}

#[test]
fn ids() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\nrun = \"x\"\n[[stage]]\nid = \"a\"\nrun = \"y\"\n[[stage]]\nid = \"server\"\nrun = \"x\"\n\
              [[stage]]\nid = \"Über\"\nrun = \"x\"\n[[stage]]\nrun = \"x\"\n",
        ),
        expect![[r#"
            windlass.toml:7:6: stage `a` is there twice, first in line 4
                hint: give one of them another id, or make them one
            windlass.toml:10:6: stage `server`: this id is reserved
                hint: choose another one
            windlass.toml:13:6: a stage: `id` is "Über", which is no name
                hint: a name has lower-case letters, digits and dashes and begins with a letter
            windlass.toml:15:1: a stage: `id` is missing
                hint: give the stage an id: id = "migrate""#]],
    );
}

#[test]
fn names_of_environments_and_groups() {
    check(
        "[environments.Production]\n[environments.qa]\ntargets = { web = [], db = [\"db-1\", \"db-1\"], X = \"x\" }\n",
        expect![[r#"
            windlass.toml:1:1: `project` is missing
                hint: name the project: project = "shop"
            windlass.toml:1:15: `Production` is no name for an environment
                hint: a name has lower-case letters, digits and dashes and begins with a letter
            windlass.toml:3:19: environment `qa`: target group `web` is empty
                hint: name a target, web = ["web-1"], or remove the group
            windlass.toml:3:37: environment `qa`: target group `db` names `db-1` twice
                hint: remove one
            windlass.toml:3:46: environment `qa`: `X` is no name for a target group
                hint: a name has lower-case letters, digits and dashes and begins with a letter
            windlass.toml:3:50: environment `qa`: target group `X` must be a list of target names, not "x"
                hint: X = ["web-1", "web-2"]"#]],
    );
    check(
        "project = \"shop\"\nenvironments = 3\nstage = \"x\"\n",
        expect![[r#"
        windlass.toml:2:16: `environments` must be a table, not `3`
        windlass.toml:3:1: `stage` must be a list of tables
            hint: write [[stage]]"#]],
    );
}

#[test]
fn values_that_json_cannot_say() {
    check(
        &own("[options]\na = 2026-03-05\nb = inf\nc = 99999999999999999999\n"),
        expect![[r#"
        windlass.toml:4:5: `a` is a date; write it as a string, in quotes
        windlass.toml:5:5: `b` must be a finite number
        windlass.toml:6:5: `c` does not fit into 64 bits"#]],
    );
}

#[test]
fn conditions() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\nrun = \"x\"\nwhen = { \"environment.name\" = [\"qa\"], project = \"${domain}\" }\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\nwhen = \"project\"\nbefore = \"a\"\nafter = \"a\"\n",
        ),
        expect![[r#"
            windlass.toml:6:31: stage `a`: `when`: `environment.name` must equal a text, a number or a boolean
                hint: `when` is a table of equalities: when = { "environment.name" = "production" }
            windlass.toml:6:49: stage `a`: `when`: `project` must equal a text, a number or a boolean
                hint: `when` is a table of equalities: when = { "environment.name" = "production" }
            windlass.toml:10:8: stage `b`: `when` must be a table, not "project"
            windlass.toml:12:9: stage `b`: it has both `before` and `after`
                hint: one of them says where it goes"#]],
    );
}
