//! What is wrong with a well-formed configuration.

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
fn a_config_that_fails_its_schema() {
    check(
        &own(r#"
            [[stage]]
            id = "probe"
            uses = "http-health@1"
            targets = "web"
            [stage.with]
            port = 70000
            pth = "/up"
            attempts = "many"
            retry = { evry = 3 }
            [[stage]]
            id = "hook"
            uses = "hook"
        "#),
        expect![[r#"
            windlass.toml:8:8: stage `probe`: `with.port` must be at most 65535, not 70000
            windlass.toml:9:7: stage `probe`: `with.pth` is not a known key
                hint: did you mean `path`?
            windlass.toml:10:12: stage `probe`: `with.attempts` must be a whole number, not "many"
            windlass.toml:11:9: stage `probe`: `with.retry.every` is missing
            windlass.toml:11:18: stage `probe`: `with.retry.evry` is not a known key
                hint: did you mean `every`?
            windlass.toml:13:6: stage `hook`: `with.directory` is missing"#]],
    );
}

#[test]
fn a_config_is_checked_with_what_is_known_early() {
    check(
        &own(r#"
            [[stage]]
            id = "build"
            run = "make"
            [[stage]]
            id = "probe"
            uses = "http-health@1"
            [stage.with]
            port = "${options.port}"
            attempts = "${stages.build.outputs.status}"
            path = "${options.paths}"
            retry = { evry = "${release.label}" }
            [options]
            port = "eighty"
            paths = ["/"]
        "#),
        expect![[r#"
            windlass.toml:10:8: stage `probe`: `with.port` must be a whole number, not "eighty"
            windlass.toml:12:8: stage `probe`: `with.path` must be a text, not a list
                hint: The path that is asked for
            windlass.toml:13:9: stage `probe`: `with.retry.every` is missing
            windlass.toml:13:18: stage `probe`: `with.retry.evry` is not a known key
                hint: did you mean `every`?"#]],
    );
}

#[test]
fn options_that_fail_the_templates_schema() {
    check(
        &templated(
            r#"
                options.comand = "x"
                options.strategy = "blue"
                options.health = { attempts = 0, pth = "/" }
            "#,
        ),
        expect![[r#"
            windlass.toml:5:18: `options.comand` is not a known key
                hint: did you mean `command`?
            windlass.toml:6:20: `options.strategy` must be one of "blue-green", "sequential", not "blue"
            windlass.toml:7:31: `options.health.attempts` must be at least 1, not 0
            windlass.toml:7:40: `options.health.pth` is not a known key
                hint: did you mean `path`?"#]],
    );
    check(
        r#"
            project = "shop"
            template = "process"
            [environments.production]
            options = { directory = 5 }
        "#,
        expect![[r#"
            windlass.toml:1:1: `options.command` is missing
                hint: The command that starts the program
            windlass.toml:4:25: `options.directory` must be a text, not 5
                hint: Where releases are kept"#]],
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
fn unknown_names() {
    check(
        &own(r#"
                [options]
                port = 80
                [[stage]]
                id = "a"
                run = "echo ${projet} ${option.port} ${HOME} ${options.prt}"
                [[stage]]
                id = "d"
                run = "${PORT:-80}"
                [[stage]]
                id = "b"
                run = "echo ${release.lable} ${target.name} ${variables} ${stages.c.outputs.status} ${stages.x.outputs.status} ${stages.a.outputs.stats} ${stages.a.status} ${environment}"
                when = { "environment.nam" = "qa", "a b" = 1, "stages.a.outputs.status" = 0 }
                [[stage]]
                id = "c"
                run = "${project"
            "#),
        expect![[r#"
            windlass.toml:7:7: stage `a`: `HOME` is not a known name
                hint: for a literal `${` write `$${`
            windlass.toml:7:7: stage `a`: `option.port` is not a known name
                hint: did you mean `options`?
            windlass.toml:7:7: stage `a`: `options.prt` is not a known option
                hint: did you mean `options.port`?
            windlass.toml:7:7: stage `a`: `projet` is not a known name
                hint: did you mean `project`?
            windlass.toml:10:7: stage `d`: `${PORT:-80}` is not a dotted name
                hint: for a literal `${` write `$${`
            windlass.toml:13:7: stage `b`: `environment` is not a known name
                hint: there is only `environment.name`
            windlass.toml:13:7: stage `b`: `release.lable` is not a known name
                hint: did you mean `release.label`?
            windlass.toml:13:7: stage `b`: `stages.a.outputs.stats`: stage `a` has no output `stats`
                hint: did you mean `status`?
            windlass.toml:13:7: stage `b`: `stages.a.status` is not a known name
                hint: write `stages.<id>.outputs.<name>`
            windlass.toml:13:7: stage `b`: `stages.c.outputs.status`: stage `c` does not run before this one
                hint: only outputs of earlier stages are known
            windlass.toml:13:7: stage `b`: `stages.x.outputs.status`: there is no stage `x`
                hint: known: `a`, `d`
            windlass.toml:13:7: stage `b`: `target.name` has no meaning in a stage that runs on the server
                hint: give the stage `targets` or a `rollout`
            windlass.toml:13:7: stage `b`: `variables` is not a known name
                hint: write `variables.NAME`
            windlass.toml:14:10: stage `b`: `environment.nam` is not a known name
                hint: did you mean `environment.name`?
            windlass.toml:14:36: stage `b`: `when`: "a b" is not a dotted name
            windlass.toml:17:7: stage `c`: `${project` has no closing brace
                hint: for a literal `${` write `$${`"#]],
    );
}

#[test]
fn names_that_cannot_be_text() {
    check(
        &own(r#"
                [options]
                list = [1]
                a = "${options.b}"
                b = "${options.a}"
                [[stage]]
                id = "a"
                run = "x ${options.list} ${domain}"
            "#),
        expect![[r#"
            windlass.toml:5:5: `options.b` stands for itself
                hint: give one of the options in the circle a value of its own
            windlass.toml:6:5: `options.a` stands for itself
                hint: give one of the options in the circle a value of its own"#]],
    );
    check(
        &own(r#"
                [options]
                list = [1]
                where = "${target.name}"
                [[stage]]
                id = "a"
                run = "x ${options.list} ${domain}"
                [[stage]]
                id = "b"
                run = "${options.where}"
                [[stage]]
                id = "c"
                run = "x"
                timeout = "${release.label}"
            "#),
        expect![[r#"
            windlass.toml:8:7: stage `a`: `options.list` is a list or a table, so it cannot be part of a text
            windlass.toml:11:7: stage `b`: `options.where` holds a name of `target`, which has no meaning in a stage on the server
                hint: give the stage `targets` or a `rollout`
            windlass.toml:15:11: stage `c`: `timeout`: `release.label` is not known here
                hint: this must be known before a deployment runs: options, project, domain, environment"#]],
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
fn secrets_are_refused() {
    check(
        &own(r#"
            [[stage]]
            id = "a"
            run = "x"
            with.directory = { secret = "WHERE" }
        "#),
        expect![[r#"
        windlass.toml:6:18: stage `a`: secrets are not available in this version
            hint: use a variable for what is not secret: `${variables.NAME}`"#]],
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
