//! Environments, templates, plugins, targets and stages that do not fit, in a well-formed configuration.

use super::fixture::{check, check_in, own, templated};
use expect_test::expect;

#[test]
fn an_unknown_environment() {
    check_in(
        "prodction",
        &own(""),
        expect![[r#"
        windlass.toml:1:1: there is no environment `prodction`
            hint: did you mean `production`?"#]],
    );
}

#[test]
fn an_unknown_template() {
    check(
        r#"
            project = "shop"
            template = "proces"
            [environments.production]
        "#,
        expect![[r#"
        windlass.toml:2:12: there is no template `proces`
            hint: did you mean `process`?"#]],
    );
    check(
        r#"
            project = "shop"
            template = "process@2"
            [environments.production]
        "#,
        expect![[r#"
        windlass.toml:2:12: template `process` has no version 2
            hint: `template = "process"` takes the newest"#]],
    );
}

#[test]
fn an_unknown_plugin() {
    check(
        &own(r#"
            [[stage]]
            id = "a"
            uses = "rum@1"
            [[stage]]
            id = "b"
            uses = "run@2"
            [[stage]]
            id = "d"
            uses = "f5-drain"
        "#),
        expect![[r#"
            windlass.toml:5:8: stage `a`: there is no plugin `rum`
                hint: did you mean `run`?
            windlass.toml:8:8: stage `b`: plugin `run` has no version 2
                hint: the newest is 1.0.1
            windlass.toml:11:8: stage `d`: there is no plugin `f5-drain`
                hint: known: `hook`, `http-health`, `noop`, `release-upload`, `run`"#]],
    );
}

#[test]
fn no_stages() {
    check(
        r#"
            project = "shop"
            [environments.production]
        "#,
        expect![[r#"
        windlass.toml:1:1: the pipeline has no stages
            hint: name a template, template = "process@1", or add a [[stage]]"#]],
    );
}

#[test]
fn unknown_places() {
    check(
        &templated(
            r#"
                [[stage]]
                id = "drain"
                before = "helthy"
                run = "x"
                [[stage]]
                id = "finsh"
                run = "x"
                [[stage]]
                id = "c"
                after = "d"
                run = "x"
                [[stage]]
                id = "d"
                after = "c"
                run = "x"
                [[stage]]
                id = "upload"
                after = "finish"
            "#,
        ),
        expect![[r#"
            windlass.toml:7:10: stage `drain`: `before` names `helthy`, and there is no such stage
                hint: did you mean `healthy`?
            windlass.toml:10:6: stage `finsh`: no stage of template `process@1.2.0` has this id, and a new one must say where it goes
                hint: did you mean `finish`? A new stage needs `before` or `after`
            windlass.toml:14:9: stage `c`: `after` names `d`, which has no place itself
                hint: stages must not refer to each other in a circle
            windlass.toml:18:9: stage `d`: `after` names `c`, which has no place itself
                hint: stages must not refer to each other in a circle
            windlass.toml:22:9: stage `upload`: it has its place in the template
                hint: remove `after`, or give a new stage another id"#]],
    );
}

#[test]
fn targets() {
    check(
        r#"
            project = "shop"
            [environments.production]
            targets = { web = ["web-1", "web-3", "nowhere"] }
            [rollout.app]
            targets = "wbe"
            [[stage]]
            id = "a"
            run = "x"
            targets = ["web", "db"]
            [[stage]]
            id = "b"
            run = "x"
            rollout = "ap"
            [[stage]]
            id = "c"
            run = "x"
            one_target = true
        "#,
        expect![[r#"
            windlass.toml:3:29: target `web-3` is not registered
                hint: did you mean `web-1`? Else: windlass target add web-3 USER@HOST
            windlass.toml:3:38: target `nowhere` is not registered
                hint: windlass target add nowhere USER@HOST
            windlass.toml:5:11: rollout `app`: environment `production` has no target group `wbe`
                hint: did you mean `web`?
            windlass.toml:9:19: stage `a`: environment `production` has no target group `db`
                hint: under [environments.production] write: targets = { db = ["NAME"] }
            windlass.toml:13:11: stage `b`: there is no rollout `ap`
                hint: did you mean `app`?
            windlass.toml:15:6: stage `c`: `one_target` is for a stage with `targets`
                hint: give it `targets`, or remove `one_target`"#]],
    );
    check(
        &own(r#"
            [rollout.none]
            [environments.production.rollout.idel]
            batch = 1
            [[stage]]
            id = "a"
            run = "x"
            rollout = "none"
            targets = "web"
        "#),
        expect![[r#"
            windlass.toml:3:10: rollout `none`: `targets` is missing
                hint: name a target group: targets = "web"
            windlass.toml:4:34: environment `production`: there is no rollout `idel`
                hint: there is only `none`
            windlass.toml:9:11: stage `a`: it has both `targets` and `rollout`
                hint: the rollout has its targets; remove one of the two"#]],
    );
    check(
        &own(r#"
        [rollout.idle]
        targets = "web"
        [[stage]]
        id = "a"
        run = "x"
    "#),
        expect![[r#"
            windlass.toml:3:10: rollout `idle` has no stages
                hint: give a stage `rollout = "idle"`, or remove it"#]],
    );
}

#[test]
fn one_way_to_say_what_runs() {
    check(
        &own(r#"
                [[stage]]
                id = "a"
                [[stage]]
                id = "b"
                run = "x"
                uses = "noop"
                [[stage]]
                id = "c"
                run = "x"
                with.command = "y"
            "#),
        expect![[r#"
            windlass.toml:4:6: stage `a`: it has neither `uses` nor `run`
                hint: name a plugin, uses = "NAME@1", or a shell line, run = "…"
            windlass.toml:7:7: stage `b`: it has both `uses` and `run`
                hint: `run` is a shell line for the plugin `run`; remove one of the two
            windlass.toml:12:6: stage `c`: it has both `run` and `with.command`
                hint: the line of `run` is the command"#]],
    );
}

#[test]
fn a_rollout_is_one_piece() {
    check(
        &own(r#"
            [rollout.r]
            targets = "web"
            [[stage]]
            id = "a"
            run = "x"
            rollout = "r"
            [[stage]]
            id = "b"
            run = "x"
            [[stage]]
            id = "c"
            run = "x"
            rollout = "r"
            [[stage]]
            id = "d"
            run = "x"
            rollout = "r"
        "#),
        expect![[r#"
            windlass.toml:15:1: stage `c`: the stages of rollout `r` must follow each other; `b` is between
                hint: move one of them, or make another rollout of the second part"#]],
    );
}

#[test]
fn one_pivot_in_its_place() {
    check(
        &own(r#"
                [rollout.r]
                targets = "web"
                revert = "all"
                [[stage]]
                id = "a"
                run = "x"
                rollout = "r"
                pivot = true
                [[stage]]
                id = "b"
                run = "x"
                pivot = true
            "#),
        expect![[r#"
            windlass.toml:10:1: stage `a`: the pivot is inside rollout `r`, whose `revert = "all"` wants it behind the rollout
                hint: what has passed the pivot is not undone: move the pivot behind, or revert = "batch"
            windlass.toml:14:1: stage `b`: stage `a` is the pivot already, and there is one
                hint: remove one `pivot = true`"#]],
    );
    check(
        &own(r#"
            [[stage]]
            id = "a"
            run = "x"
            pivot = true
            always = true
        "#),
        expect![[r#"
        windlass.toml:6:1: stage `a`: the pivot cannot be `always`
            hint: an always-stage runs after failures, too; make another stage the pivot"#]],
    );
}

#[test]
fn always_comes_last() {
    check(
        &own(r#"
                [rollout.r]
                targets = "web"
                [[stage]]
                id = "a"
                run = "x"
                always = true
                [[stage]]
                id = "b"
                run = "x"
                [[stage]]
                id = "c"
                run = "x"
                rollout = "r"
                always = true
            "#),
        expect![[r#"
            windlass.toml:10:1: stage `b`: it comes after `a`, which is `always`: those come last
                hint: move one of them
            windlass.toml:16:1: stage `c`: a stage of a rollout cannot be `always`
                hint: give it the rollout's `targets` instead"#]],
    );
}
