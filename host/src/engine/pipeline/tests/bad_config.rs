//! What is wrong with the text itself.

use super::fixture::{check, own};
use expect_test::expect;

#[test]
fn invalid_toml() {
    check(
        r#"
            project = shop
            [environments
        "#,
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
        &own(r#"
            tiemout = "1m"
            [[stage]]
            id = "a"
            use = "run@1"
            [rollout.web]
            batches = [1]
        "#),
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
    check(
        r#"
            project = "shop"
            queue = "newest"
            [environments.production]
            variables = { PORT = "80" }
            [[stage]]
            id = "a"
            run = "x"
            undo = "perhaps"
            exclusive = true
        "#,
        expect![[r#"
            windlass.toml:2:9: `queue` must be "fifo" or "supersede", not "newest"
            windlass.toml:4:1: environment `production`: `variables` is not available in this version
                hint: set them on the server: windlass var set PROJECT/ENVIRONMENT NAME=VALUE
            windlass.toml:8:8: stage `a`: `undo` must be "auto" or "ask" or "never", not "perhaps"
            windlass.toml:9:1: stage `a`: `exclusive` is not available in this version
                hint: remove it: nothing would enforce it"#]],
    );
}

#[test]
fn types_and_ranges() {
    check(
        &own(r#"
                [rollout.web]
                targets = "web"
                batch = [1, "101%"]
                revert = "some"
                [[stage]]
                id = "a"
                run = 5
                timeout = "10 minutes"
                retries = -1
                on_failure = "ignore"
                always = "yes"
                with = 3
                [[stage]]
                id = "b"
                run = "x"
                rollout = "web"
            "#),
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
        &own(r#"
            [rollout.web]
            targets = []
            batch = 0
        "#),
        expect![[r#"
            windlass.toml:4:11: rollout `web`: `targets` must be the name of a target group, or a list of some, not []
            windlass.toml:5:9: rollout `web`: `batch` must be a list of numbers of targets and percents, such as [1, "25%", "100%"], not `0`"#]],
    );
}

#[test]
fn ids() {
    check(
        &own(r#"
                [[stage]]
                id = "a"
                run = "x"
                [[stage]]
                id = "a"
                run = "y"
                [[stage]]
                id = "server"
                run = "x"
                [[stage]]
                id = "Über"
                run = "x"
                [[stage]]
                run = "x"
            "#),
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
        r#"
            [environments.Production]
            [environments.qa]
            targets = { web = [], db = ["db-1", "db-1"], X = "x" }
        "#,
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
        r#"
            project = "shop"
            environments = 3
            stage = "x"
        "#,
        expect![[r#"
        windlass.toml:2:16: `environments` must be a table, not `3`
        windlass.toml:3:1: `stage` must be a list of tables
            hint: write [[stage]]"#]],
    );
}

#[test]
fn values_that_json_cannot_say() {
    check(
        &own(r#"
            [options]
            a = 2026-03-05
            b = inf
            c = 99999999999999999999
        "#),
        expect![[r#"
        windlass.toml:4:5: `a` is a date; write it as a string, in quotes
        windlass.toml:5:5: `b` must be a finite number
        windlass.toml:6:5: `c` does not fit into 64 bits"#]],
    );
}

#[test]
fn conditions() {
    check(
        &own(r#"
                [[stage]]
                id = "a"
                run = "x"
                when = { "environment.name" = [[12]], project = "${domain}" }
                [[stage]]
                id = "b"
                run = "x"
                when = "project"
                before = "a"
                after = "a"
            "#),
        expect![[r#"
            windlass.toml:6:31: stage `a`: `when`: `environment.name` must equal a text, a number or a boolean, or one of a list
                hint: `when` is a table of equalities: when = { "environment.name" = "production" }
            windlass.toml:6:49: stage `a`: `when`: `project` must equal a text, a number or a boolean, or one of a list
                hint: `when` is a table of equalities: when = { "environment.name" = "production" }
            windlass.toml:10:8: stage `b`: `when` must be a table, not "project"
            windlass.toml:12:9: stage `b`: it has both `before` and `after`
                hint: one of them says where it goes"#]],
    );
}

#[test]
fn versions() {
    check(
        &own(r#"
        template = "process@v1"
        [[stage]]
        id = "c"
        uses = "run@one"
    "#),
        expect![[r#"
            windlass.toml:3:12: `template` is "process@v1": it must be `name`, `name@1`, `name@1.2` or `name@1.2.3`
            windlass.toml:6:8: stage `c`: `uses` is "run@one": it must be `name`, `name@1`, `name@1.2` or `name@1.2.3`"#]],
    );
}

#[test]
fn approvals_that_cannot_be() {
    check(
        r#"
            project = "shop"
            [environments.production]
            approval = "sometimes"
            [environments.qa]
            approval = "2h"
            [[stage]]
            id = "a"
            run = "x"
            approval = 5
            [[stage]]
            id = "b"
            run = "x"
            always = true
            approval = true
        "#,
        expect![[r#"
            windlass.toml:3:12: environment `production`: `approval` must be true, false or how long it waits, such as "2h", not "sometimes"
            windlass.toml:9:12: stage `a`: `approval` must be true, false or how long it waits, such as "2h", not `5`
            windlass.toml:14:1: stage `b`: it has both `approval` and `always`
                hint: what runs in any case waits for nobody: remove one"#]],
    );
}

#[test]
fn all_that_is_documented_is_read() {
    check(
        r#"
            project = "shop"
            template = "compose@1"
            domain = "shop.example.com"

            [options]
            directory = "/opt/docker/compose"

            [environments.production]
            targets = { web = ["web-1", "web-2"], db = ["db-1"] }
            approval = true
            options = { directory = "/srv/compose" }

            [rollout.web]
            targets = "web"
            batch = [1, "25%", "100%"]
            revert = "batch"

            [[stage]]
            id = "drain"
            before = "up"
            rollout = "web"
            uses = "f5-drain@1"
            timeout = "10m"
            retries = 2
            on_failure = "fail"
            undo = "auto"
            [stage.with]
            pool = "shop-${environment.name}"
            password = { secret = "F5_PASSWORD" }

            [[stage]]
            id = "migrate"
            run = "bin/migrate"
            targets = "db"
            one_target = true
            undo = "never"
            when = { "environment.name" = "production" }
        "#,
        // The rest is in order.
        expect![[r#"
            windlass.toml:2:12: there is no template `compose`
                hint: there is only `process`"#]],
    );
}
