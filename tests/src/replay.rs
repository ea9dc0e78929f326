//! `windlass replay`: the stage runs of a deployment once more, against what is recorded. Nothing is performed.

use crate::harness::{HelloOptions, Site, Version, exit, misbehave, on_each_database, patched, shipped};
use std::collections::BTreeSet;
use std::fs;
use windlass_api_types::plugin::Plugins;
use windlass_api_types::replay::{Difference, Replay, ReplayedRun, ValueDifference};
use windlass_api_types::{EffectReplay, ReplayVerdict, RunMode};

mod bad_input;
mod partial;

on_each_database![
    every_shipped_plugin_replays_to_the_same_outputs,
    a_change_stops_at_the_first_difference,
    a_replay_may_be_longer_or_shorter_or_end_otherwise,
    chance_is_the_same_again,
];

/// Stages of the plugins that the template does not use. Where there is no engine, no zone and no proxy they
/// fail, which is recorded and replayed like any other answer.
fn more_plugins() -> String {
    let fails = |plugin: &str, place: &str, with: &str| {
        format!(
            "[[stage]]\nid = \"{plugin}\"\nbefore = \"upload\"\nuses = \"{plugin}@1\"\non_failure = \"warn\"\n{place}\
             with = {{ {with} }}\n"
        )
    };
    let on_target = "targets = \"app\"\n";
    let record = "name = \"www.example.test\", values = [\"192.0.2.1\"]";
    let nowhere = "127.0.0.1:9/nothing:1";
    [
        "[[stage]]\nid = \"nothing\"\nbefore = \"upload\"\nuses = \"noop@1\"\n".to_owned(),
        fails("notify", "", "url = \"http://127.0.0.1:9/\""),
        fails("dns-record", "", record),
        fails("dns-verify", "", record),
        fails("docker-pull", on_target, &format!("image = \"{nowhere}\"")),
        // A name that is refused, so that a machine with an engine gets no network.
        fails("docker-network", on_target, "name = \"-\""),
        fails("docker-build", on_target, &format!("directory = \"nowhere\", image = \"{nowhere}\"")),
        fails("docker-push", on_target, &format!("image = \"{nowhere}\"")),
        fails("docker-retire", on_target, "labels = { a = \"b\" }, previews = \"previews\""),
        fails("git-checkout", on_target, "repository = \"file:///nonexistent\", directory = \"source\""),
        fails("route-preview", on_target, "directory = \"previews\", name = \"one\", domain = \"test\", port = 1"),
        fails("env-file", on_target, "path = \"shop.env\""),
        // Without an engine, or a compose file.
        fails("compose-up", on_target, "service = \"nothing\", directory = \"compose\""),
        fails(
            "compose-finish",
            on_target,
            "service = \"nothing\", directory = \"compose\", file = \"compose/nothing\", env_file = \"compose/env\"",
        ),
        fails("docker-run", on_target, &format!("name = \"windlass-nothing\", image = \"{nowhere}\"")),
        // From a place that there is not, so that no machine gets anything.
        fails(
            "tool-install",
            on_target,
            &format!(
                "tool = \"compose\", download = {{ url = \"http://{nowhere}\", checksum = \"{}\" }}",
                "0".repeat(64)
            ),
        ),
        fails("route-haproxy", on_target, "socket = \"nothing.sock\", backend = \"be\", server = \"app\", port = 1"),
        fails("route-traefik", on_target, "file = \"routes/app.yml\", hosts = [\"www.example.test\"], port = 1"),
        "[[stage]]\nid = \"line\"\nafter = \"upload\"\nrollout = \"app\"\nrun = \"echo said\"\n".to_owned(),
    ]
    .concat()
}

/// Replays with `--json`, and ends with a code.
async fn replay(site: &Site, line: &str, code: i32) -> Replay {
    site.windlass(&format!("replay {line} --json")).await.exits(code).json()
}

/// A second deployment that uses every shipped plugin, and a failed one whose runs are undone. The target
/// is gone when they are replayed: nothing could be performed.
async fn every_shipped_plugin_replays_to_the_same_outputs(site: &Site) {
    let options = HelloOptions {
        strategy: "sequential",
        pre_start: "echo hook",
        attempts: 2,
        more: more_plugins(),
        ..HelloOptions::default()
    };
    site.prepare(&options).await;
    let server = site.serve().await;
    site.windlass("config push").await.succeeds();
    site.windlass("grant add hello/production http 127.0.0.1:9 --plugin notify").await.succeeds();
    site.deploy(Version::V1).await.succeeds();
    site.deploy(Version::V2).await.succeeds();
    site.deploy(Version::Broken).await.exits(exit::FAILED);
    site.target().stop();

    let mut replayed = BTreeSet::new();
    for label in ["hello#2", "hello#3"] {
        for run in replay(site, label, exit::DONE).await.runs {
            assert_eq!((run.verdict, &run.difference), (ReplayVerdict::Same, &None), "{run:#?}");
            assert_eq!(outcome(&run), outcome(&ReplayedRun { replayed: run.recorded.clone(), ..run.clone() }));
            assert!(run.effects.iter().all(|effect| effect.replayed == EffectReplay::Same), "{run:#?}");
            replayed.insert((run.plugin.label, run.run.mode));
        }
    }
    let undone = replayed.iter().filter(|(_, mode)| *mode == RunMode::Undo).count();
    assert!(undone >= 3, "upload, stop and start are undone: {replayed:?}");
    let names: BTreeSet<String> =
        replayed.into_iter().map(|(label, _)| label.split('@').next().unwrap().to_owned()).collect();
    let shipped: Plugins = site.windlass("plugin list --json").await.succeeds().json();
    let shipped: BTreeSet<String> = shipped.plugins.into_iter().map(|plugin| plugin.name).collect();
    assert_eq!(names, shipped, "every shipped plugin was replayed");
    server.stop().await;
}

/// What a replay said at its end.
fn outcome(run: &ReplayedRun) -> String {
    let replayed = run.replayed.as_ref().expect("the replay has an end");
    format!("{:?} {:?}", replayed.outputs, replayed.failure)
}

/// A changed plugin: both sides are shown, the other stages are replayed all the same, and nothing is registered.
async fn a_change_stops_at_the_first_difference(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    let before = site.windlass("plugin list --json").await.succeeds().stdout;
    fs::write(site.project_dir().join("changed.wasm"), patched(&shipped("release-upload"), "echo there", "echo THERE"))
        .unwrap();

    let report = replay(site, "hello#1 --plugin changed.wasm", exit::FAILED).await;
    let upload = report.runs.iter().position(|run| run.plugin.label.starts_with("release-upload@")).unwrap();
    for (at, run) in report.runs.iter().enumerate().filter(|(at, _)| *at != upload) {
        assert_eq!(run.verdict, ReplayVerdict::Same, "{at}: {run:#?}");
    }
    let changed = &report.runs[upload];
    assert_eq!(changed.verdict, ReplayVerdict::Different);
    assert_ne!(changed.replayed_with.as_ref().unwrap().digest, changed.plugin.digest);
    let Some(Difference::Call { recorded, replayed, values }) = &changed.difference else {
        panic!("no call differs: {changed:#?}")
    };
    assert_eq!((recorded.position, replayed.position), (0, 0), "it stops at the first difference");
    let [ValueDifference { path, recorded, replayed }] = values.as_slice() else { panic!("{values:#?}") };
    assert_eq!(path, "/arguments/command/script");
    let (recorded, replayed) = (recorded.as_ref().unwrap().to_string(), replayed.as_ref().unwrap().to_string());
    assert_eq!(recorded.replace("echo there", "echo THERE"), replayed);
    let marks: Vec<EffectReplay> = changed.effects.iter().map(|effect| effect.replayed).collect();
    assert_eq!(marks[0], EffectReplay::Different);
    assert!(marks.len() > 1 && marks[1..].iter().all(|mark| *mark == EffectReplay::Unread), "{marks:?}");

    let only = replay(site, "hello#1 --plugin changed.wasm --stage healthy --target web-1", exit::DONE).await;
    assert_eq!(only.runs.len(), 1, "{only:#?}");
    let said = site.windlass("replay hello#1 --plugin changed.wasm --stage upload").await.exits(exit::FAILED).stdout;
    assert!(said.contains("the first difference: effect 0\n"), "{said}");
    assert!(said.contains("at /arguments/command/script\n"), "{said}");
    assert!(said.contains("hello#1, 1 stage run: 1 different. Nothing was performed."), "{said}");
    assert_eq!(site.windlass("plugin list --json").await.succeeds().stdout, before, "it was not registered");
    server.stop().await;
}

/// A stage of the fixture, in a project of its own.
fn stage(how: &str) -> String {
    format!(
        "project = \"shop\"\n[environments.production]\n\
         [[stage]]\nid = \"only\"\nuses = \"misbehave@7\"\nwith = {{ how = \"{how}\" }}\n"
    )
}

/// The fixture makes a call for each of its words, and answers a constant.
async fn a_replay_may_be_longer_or_shorter_or_end_otherwise(site: &Site) {
    const WORDS: &str = "words: one two      ";
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    site.write_config(&stage("calls"));
    let server = site.serve().await;
    site.windlass("deploy --to production").await.succeeds();

    let changed = async |old: &str, new: &str| {
        fs::write(site.project_dir().join("changed.wasm"), patched(&misbehave(), old, new)).unwrap();
        let mut report = replay(site, "shop#1 --plugin changed.wasm", exit::FAILED).await;
        report.runs.remove(0).difference.expect("it differs")
    };
    match changed(WORDS, "words: one TWO      ").await {
        Difference::Call { recorded, replayed, values } => {
            assert_eq!(
                (recorded.summary.as_str(), replayed.summary.as_str()),
                ("checkpoint \"two\"", "checkpoint \"TWO\"")
            );
            let value = ValueDifference {
                path: "/arguments/json".into(),
                recorded: Some("two".into()),
                replayed: Some("TWO".into()),
            };
            assert_eq!((recorded.position, values), (1, vec![value]));
        }
        other => panic!("{other:#?}"),
    }
    match changed(WORDS, "words: one two three").await {
        Difference::Longer { replayed } => {
            assert_eq!((replayed.position, replayed.summary.as_str()), (2, "checkpoint \"three\""));
        }
        other => panic!("{other:#?}"),
    }
    match changed(WORDS, "words: one          ").await {
        Difference::Shorter { recorded, ended } => {
            assert_eq!(ended, "it succeeded");
            assert_eq!((recorded.position, recorded.summary.as_str()), (1, "checkpoint \"two\""));
        }
        other => panic!("{other:#?}"),
    }
    match changed("variant-a", "variant-b").await {
        Difference::Outcome { values } => {
            let value = ValueDifference {
                path: "/outputs/text".into(),
                recorded: Some("variant-a".into()),
                replayed: Some("variant-b".into()),
            };
            assert_eq!(values, [value]);
        }
        other => panic!("{other:#?}"),
    }
    server.stop().await;
}

/// The time, random numbers and the order of a map: the same in the replay, and others in another run.
async fn chance_is_the_same_again(site: &Site) {
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    site.write_config(&stage("chance"));
    let server = site.serve().await;
    let mut rolled = BTreeSet::new();
    for label in ["shop#1", "shop#2"] {
        site.windlass("deploy --to production").await.succeeds();
        let report = replay(site, label, exit::DONE).await;
        assert_eq!(report.runs.len(), 1);
        rolled.insert(outcome(&report.runs[0]));
    }
    assert_eq!(rolled.len(), 2, "chance differs from run to run: {rolled:?}");
    server.stop().await;
}
