//! What is wrong with a well-formed configuration.

use super::fixture::{check, check_in, own, templated};
use expect_test::expect;

#[test]
fn an_unknown_environment() {
    check_in("prodction", &own(""), expect![[""]]);
}

#[test]
fn an_unknown_template() {
    check("project = \"shop\"\ntemplate = \"proces\"\n[environments.production]\n", expect![[""]]);
    check("project = \"shop\"\ntemplate = \"process@2\"\n[environments.production]\n", expect![[""]]);
}

#[test]
fn an_unknown_plugin() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\nuses = \"rum@1\"\n[[stage]]\nid = \"b\"\nuses = \"run@2\"\n[[stage]]\nid = \"c\"\n\
              uses = \"run@one\"\n[[stage]]\nid = \"d\"\nuses = \"f5-drain\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn no_stages() {
    check("project = \"shop\"\n[environments.production]\n", expect![[""]]);
}

#[test]
fn a_config_that_fails_its_schema() {
    check(
        &own("[[stage]]\nid = \"probe\"\nuses = \"http-health@1\"\ntargets = \"web\"\n[stage.with]\nport = 70000\n\
              pth = \"/up\"\nattempts = \"many\"\nretry = { evry = 3 }\n[[stage]]\nid = \"hook\"\nuses = \"hook\"\n"),
        expect![[""]],
    );
}

#[test]
fn a_config_is_checked_with_what_is_known_early() {
    check(
        &own("[[stage]]\nid = \"build\"\nrun = \"make\"\n[[stage]]\nid = \"probe\"\nuses = \"http-health@1\"\n\
              [stage.with]\nport = \"${options.port}\"\nattempts = \"${stages.build.outputs.status}\"\n\
              path = \"${options.paths}\"\nretry = { evry = \"${release.label}\" }\n\
              [options]\nport = \"eighty\"\npaths = [\"/\"]\n"),
        expect![[""]],
    );
}

#[test]
fn options_that_fail_the_templates_schema() {
    check(
        &templated(
            "options.comand = \"x\"\noptions.strategy = \"blue\"\noptions.health = { attempts = 0, pth = \"/\" }\n",
        ),
        expect![[""]],
    );
    check(
        "project = \"shop\"\ntemplate = \"process\"\n[environments.production]\noptions = { directory = 5 }\n",
        expect![[""]],
    );
}

#[test]
fn unknown_places() {
    check(
        &templated(
            "[[stage]]\nid = \"drain\"\nbefore = \"helthy\"\nrun = \"x\"\n[[stage]]\nid = \"finsh\"\nrun = \"x\"\n\
              [[stage]]\nid = \"c\"\nafter = \"d\"\nrun = \"x\"\n[[stage]]\nid = \"d\"\nafter = \"c\"\nrun = \"x\"\n\
              [[stage]]\nid = \"upload\"\nafter = \"finish\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn unknown_names() {
    check(
        &own(
            "[options]\nport = 80\n[[stage]]\nid = \"a\"\nrun = \"echo ${projet} ${option.port} ${HOME} ${options.prt} ${PORT:-80}\"\n\
              [[stage]]\nid = \"b\"\nrun = \"echo ${release.lable} ${target.name} ${variables} ${stages.c.outputs.status} \
              ${stages.x.outputs.status} ${stages.a.outputs.stats} ${stages.a.status} ${environment}\"\n\
              when = { \"environment.nam\" = \"qa\", \"a b\" = 1, \"stages.a.outputs.status\" = 0 }\n\
              [[stage]]\nid = \"c\"\nrun = \"${project\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn names_that_cannot_be_text() {
    check(
        &own(
            "[options]\nlist = [1]\na = \"${options.b}\"\nb = \"${options.a}\"\n[[stage]]\nid = \"a\"\nrun = \"x ${options.list} ${domain}\"\n",
        ),
        expect![[""]],
    );
    check(
        &own(
            "[options]\nlist = [1]\nwhere = \"${target.name}\"\n[[stage]]\nid = \"a\"\nrun = \"x ${options.list} ${domain}\"\n\
              [[stage]]\nid = \"b\"\nrun = \"${options.where}\"\n[[stage]]\nid = \"c\"\nrun = \"x\"\ntimeout = \"${release.label}\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn targets() {
    check(
        "project = \"shop\"\n[environments.production]\ntargets = { web = [\"web-1\", \"web-3\", \"nowhere\"] }\n\
         [rollout.app]\ntargets = \"wbe\"\n[[stage]]\nid = \"a\"\nrun = \"x\"\ntargets = [\"web\", \"db\"]\n\
         [[stage]]\nid = \"b\"\nrun = \"x\"\nrollout = \"ap\"\n[[stage]]\nid = \"c\"\nrun = \"x\"\none_target = true\n",
        expect![[""]],
    );
    check(
        &own("[rollout.idle]\ntargets = \"web\"\n[rollout.none]\n[environments.production.rollout.idel]\nbatch = 1\n\
              [[stage]]\nid = \"a\"\nrun = \"x\"\nrollout = \"none\"\ntargets = \"web\"\n"),
        expect![[""]],
    );
}

#[test]
fn one_way_to_say_what_runs() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\n[[stage]]\nid = \"b\"\nrun = \"x\"\nuses = \"noop\"\n[[stage]]\nid = \"c\"\nrun = \"x\"\n\
              with.command = \"y\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn secrets_are_refused() {
    check(&own("[[stage]]\nid = \"a\"\nrun = \"x\"\nwith.directory = { secret = \"WHERE\" }\n"), expect![[""]]);
}

#[test]
fn a_rollout_is_one_piece() {
    check(
        &own("[rollout.r]\ntargets = \"web\"\n[[stage]]\nid = \"a\"\nrun = \"x\"\nrollout = \"r\"\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\n[[stage]]\nid = \"c\"\nrun = \"x\"\nrollout = \"r\"\n\
              [[stage]]\nid = \"d\"\nrun = \"x\"\nrollout = \"r\"\n"),
        expect![[""]],
    );
}

#[test]
fn one_pivot_in_its_place() {
    check(
        &own(
            "[rollout.r]\ntargets = \"web\"\nrevert = \"all\"\n[[stage]]\nid = \"a\"\nrun = \"x\"\nrollout = \"r\"\npivot = true\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\npivot = true\n",
        ),
        expect![[""]],
    );
    check(&own("[[stage]]\nid = \"a\"\nrun = \"x\"\npivot = true\nalways = true\n"), expect![[""]]);
}

#[test]
fn always_comes_last() {
    check(
        &own(
            "[rollout.r]\ntargets = \"web\"\n[[stage]]\nid = \"a\"\nrun = \"x\"\nalways = true\n[[stage]]\nid = \"b\"\nrun = \"x\"\n\
              [[stage]]\nid = \"c\"\nrun = \"x\"\nrollout = \"r\"\nalways = true\n",
        ),
        expect![[""]],
    );
}
