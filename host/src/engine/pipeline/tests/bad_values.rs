//! Options, configs and names that do not fit, in a well-formed configuration.

use super::fixture::{check, own, templated};
use expect_test::expect;

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
            windlass.toml:3:15: `options.command` is missing
                hint: The command that starts the program
            windlass.toml:4:25: `options.directory` must be a text, not 5
                hint: Where releases are kept"#]],
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
