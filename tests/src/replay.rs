//! Replaying a deployment's stage runs in this process, which is not the server's: the same outputs, and
//! no effect performed.

use crate::harness::{Api, HelloOptions, Site, Version, exit, misbehave, on_each_database, patched, shipped};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use windlass::capability::Journal;
use windlass::journal::{Divergence, JournalOptions, Recorded};
use windlass::plugin::{Component, Limits, Outcome, Registry, RunError, Runtime};
use windlass_api_types::{Event, EventBody, RunMode, StageRunId, Timestamp};

on_each_database![
    every_shipped_plugin_replays_to_the_same_outputs,
    a_change_stops_at_the_first_difference,
    chance_is_the_same_again,
];

/// A stage run as its events tell it.
struct Run {
    id: StageRunId,
    started: Timestamp,
    mode: RunMode,
    plugin: String,
    digest: String,
    context: String,
    ended: EventBody,
    recorded: Recorded,
}

/// All stage runs of a deployment.
fn runs(events: &[Event]) -> Vec<Run> {
    let started = events.iter().filter_map(|event| match &event.body {
        EventBody::StageRunStarted { mode, plugin, digest, context, .. } => {
            Some((event.stage_run?, event.at, *mode, plugin.clone(), digest.clone(), context.to_string()))
        }
        _ => None,
    });
    let ended = |id| {
        let of_run = events.iter().filter(|event| event.stage_run == Some(id)).map(|event| &event.body);
        of_run.rev().find(|body| matches!(body, EventBody::StageRunEnded { .. })).expect("the run has ended").clone()
    };
    started
        .map(|(id, started, mode, plugin, digest, context)| {
            let recorded = Recorded::of_run(id, events);
            Run { id, started, mode, plugin, digest, context, ended: ended(id), recorded }
        })
        .collect()
}

/// The plugins that are shipped, and those of a directory.
async fn registry(site: &Site, directory: &Path) -> Registry {
    let runtime = Runtime::new(Limits::default()).expect("the engine starts");
    Registry::open(runtime, &site.data_dir().join("cache"), directory, None).await.expect("the plugins load")
}

async fn replay(registry: &Registry, component: &Arc<Component>, run: &Run) -> Result<Outcome, RunError> {
    let options = JournalOptions {
        recorded: run.recorded.clone(),
        cancel: CancellationToken::new(),
        most_effects: 1000,
        secrets: Default::default(),
        hand_over: CancellationToken::new(),
    };
    let journal = Journal::replay(run.id, run.started, options);
    component.run(registry.runtime(), &journal, run.mode, &run.context).await
}

/// Replays a run with the plugin it ran with, and compares how it ends.
async fn replays(registry: &Registry, run: &Run) {
    let component = registry.by_digest(&run.digest).expect("the plugin is there");
    let outcome = replay(registry, &component, run).await;
    let EventBody::StageRunEnded { outputs, failure, .. } = &run.ended else { unreachable!("it is the end of a run") };
    match (outcome, failure) {
        // An undo answers nothing.
        (Ok(Outcome::Done(_)), None) if run.mode == RunMode::Undo => assert_eq!(outputs, &None),
        (Ok(Outcome::Done(replayed)), None) => assert_eq!(Some(&replayed), outputs.as_ref(), "{}", run.plugin),
        (Ok(Outcome::Failed(replayed)), Some(recorded)) => assert_eq!(&replayed, recorded, "{}", run.plugin),
        (outcome, recorded) => panic!("{} ended with {outcome:?}, recorded is {recorded:?}", run.plugin),
    }
}

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
    let api = site.api(&server).await;
    site.windlass("config push").await.succeeds();
    site.windlass("grant add hello/production http 127.0.0.1:9 --plugin notify").await.succeeds();
    site.deploy(Version::V1).await.succeeds();
    site.deploy(Version::V2).await.succeeds();
    site.deploy(Version::Broken).await.exits(exit::FAILED);
    let events = [api.events("hello#2").await, api.events("hello#3").await];
    site.target().stop();

    let registry = registry(site, &site.plugin_dir()).await;
    let mut replayed = BTreeSet::new();
    for run in events.iter().flat_map(|events| runs(events)) {
        replays(&registry, &run).await;
        replayed.insert((run.plugin, run.mode));
    }
    let undone = replayed.iter().filter(|(_, mode)| *mode == RunMode::Undo).count();
    assert!(undone >= 3, "upload, stop and start are undone: {replayed:?}");
    let plugins: BTreeSet<String> = replayed.into_iter().map(|(plugin, _)| plugin).collect();
    let names: BTreeSet<String> = plugins.iter().map(|plugin| plugin.split('@').next().unwrap().to_owned()).collect();
    assert_eq!(names, registry.names().into_iter().collect(), "every shipped plugin was replayed");
    server.stop().await;
}

/// A changed plugin, and a changed record: both sides are shown.
async fn a_change_stops_at_the_first_difference(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.deploy(Version::V1).await.succeeds();
    let events = api.events("hello#1").await;
    let run = runs(&events).into_iter().find(|run| run.plugin.starts_with("release-upload@")).unwrap();

    let directory = site.path("changed");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("changed.wasm"), patched(&shipped("release-upload"), "echo there", "echo THERE")).unwrap();
    let registry = registry(site, &directory).await;
    let changed = registry.versions("release-upload").into_iter().find(|plugin| plugin.digest != run.digest).unwrap();
    let (recorded, asked) = different(replay(&registry, &changed, &run).await);
    assert!(recorded.contains("echo there") && asked.contains("echo THERE"), "{recorded}\n{asked}");

    let text = serde_json::to_string(&events).unwrap().replace("echo there", "echo ANOTHER");
    let events: Vec<Event> = serde_json::from_str(&text).unwrap();
    let run = Run { recorded: Recorded::of_run(run.id, &events), ..run };
    let same = registry.by_digest(&run.digest).unwrap();
    let (recorded, asked) = different(replay(&registry, &same, &run).await);
    assert!(recorded.contains("echo ANOTHER") && asked.contains("echo there"), "{recorded}\n{asked}");
    server.stop().await;
}

/// What was recorded and what was asked for, where a replay stopped.
fn different(outcome: Result<Outcome, RunError>) -> (String, String) {
    match outcome {
        Err(RunError::Diverged(Divergence::Different { recorded, asked })) => {
            assert_eq!((recorded.position, asked.position), (0, 0), "it stops at the first difference");
            (recorded.to_string(), asked.to_string())
        }
        other => panic!("it did not stop at a difference: {other:?}"),
    }
}

/// The time, random numbers and the order of a map: the same in the replay, and others in another run.
async fn chance_is_the_same_again(site: &Site) {
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    site.write_config(
        "project = \"shop\"\n[environments.production]\n\
         [[stage]]\nid = \"roll\"\nuses = \"misbehave@7\"\nwith = { how = \"chance\" }\n",
    );
    let server = site.serve().await;
    let api = site.api(&server).await;
    let mut rolled = Vec::new();
    for label in ["shop#1", "shop#2"] {
        site.windlass("deploy --to production").await.succeeds();
        rolled.push(only_run(&api, label).await);
    }
    let registry = registry(site, &site.plugin_dir()).await;
    for run in &rolled {
        replays(&registry, run).await;
    }
    let outputs = |run: &Run| match &run.ended {
        EventBody::StageRunEnded { outputs, .. } => outputs.clone(),
        _ => None,
    };
    assert_ne!(outputs(&rolled[0]), outputs(&rolled[1]), "chance differs from run to run");
    server.stop().await;
}

async fn only_run(api: &Api, label: &str) -> Run {
    let runs = runs(&api.events(label).await);
    let [run] = <[Run; 1]>::try_from(runs).unwrap_or_else(|runs| panic!("{} runs", runs.len()));
    run
}
