//! What is wrong with the text itself.

use super::fixture::{check, own};
use expect_test::expect;

#[test]
fn invalid_toml() {
    check("project = shop\n[environments\n", expect![[""]]);
}

#[test]
fn unknown_keys() {
    check(
        &own("tiemout = \"1m\"\n[[stage]]\nid = \"a\"\nuse = \"run@1\"\n[rollout.web]\nbatches = [1]\n"),
        expect![[""]],
    );
}

#[test]
fn keys_of_a_later_version() {
    let text = "queue = \"supersede\"\n[environments.production]\napproval = true\n[[stage]]\nid = \"a\"\nrun = \"x\"\n\
                undo = \"ask\"\nwatch = true\n";
    check(&format!("project = \"shop\"\n{text}"), expect![[""]]);
}

#[test]
fn types_and_ranges() {
    check(
        &own(
            "[rollout.web]\ntargets = \"web\"\nbatch = [1, \"101%\"]\nrevert = \"some\"\n[[stage]]\nid = \"a\"\nrun = 5\n\
              timeout = \"10 minutes\"\nretries = -1\non_failure = \"ignore\"\nalways = \"yes\"\nwith = 3\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\nrollout = \"web\"\n",
        ),
        expect![[""]],
    );
    check(&own("[rollout.web]\ntargets = []\nbatch = 0\n"), expect![[""]]);
}

#[test]
fn ids() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\nrun = \"x\"\n[[stage]]\nid = \"a\"\nrun = \"y\"\n[[stage]]\nid = \"server\"\nrun = \"x\"\n\
              [[stage]]\nid = \"Über\"\nrun = \"x\"\n[[stage]]\nrun = \"x\"\n",
        ),
        expect![[""]],
    );
}

#[test]
fn names_of_environments_and_groups() {
    check(
        "[environments.Production]\n[environments.qa]\ntargets = { web = [], db = [\"db-1\", \"db-1\"], X = \"x\" }\n",
        expect![[""]],
    );
    check("project = \"shop\"\nenvironments = 3\nstage = \"x\"\n", expect![[""]]);
}

#[test]
fn values_that_json_cannot_say() {
    check(&own("[options]\na = 2026-03-05\nb = inf\nc = 99999999999999999999\n"), expect![[""]]);
}

#[test]
fn conditions() {
    check(
        &own(
            "[[stage]]\nid = \"a\"\nrun = \"x\"\nwhen = { \"environment.name\" = [\"qa\"], project = \"${domain}\" }\n\
              [[stage]]\nid = \"b\"\nrun = \"x\"\nwhen = \"project\"\nbefore = \"a\"\nafter = \"a\"\n",
        ),
        expect![[""]],
    );
}
