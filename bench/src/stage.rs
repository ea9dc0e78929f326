//! A stage that does nothing, from its dispatch to its recorded end: a fresh sandbox, its journal, two events on
//! SQLite. Beside it a process that does nothing, and a plugin that is a process.

use crate::figure::{Figure, print};
use crate::subprocess;
use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use windlass::capability::{Granter, Journal, StateView, World};
use windlass::dns::Dns;
use windlass::event::{Appender, Durability, Events, NewEvent, now};
use windlass::exchange::Tls;
use windlass::journal::{JournalOptions, Recorded};
use windlass::outbound::Outbound;
use windlass::plugin::{Component, Limits, Outcome, Registry, Runtime};
use windlass::ssh::{Ssh, SshConfig};
use windlass::store::{Database, NewDeployment, NewRelease, Store};
use windlass::vault::Vault;
use windlass_api_types::event::PlannedStage;
use windlass_api_types::{DeploymentId, DeploymentKind, EventBody, RunMode, ServerId, StageRunId, StageStatus};

const RUNS: usize = 2_000;
const PROCESSES: usize = 200;

pub(crate) async fn run() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let registry = Registry::open(
        Runtime::new(Limits::default()).map_err(|error| anyhow!("{error}"))?,
        &directory.path().join("cache"),
        &directory.path().join("plugins"),
        None,
    )
    .await?;
    let noop = registry.versions("noop").pop().context("no plugin `noop` is embedded: cargo xtask build --release")?;
    let store = Store::open(&Database::Sqlite { data_dir: directory.path().join("data") }).await?;
    let (appender, world) = deployment(&store, directory.path()).await?;
    let context = context();

    let mut stage = Figure::new("a no-op stage, recorded, fresh sandbox");
    for _ in 0..RUNS {
        let started = Instant::now();
        run_stage(&appender, &noop, &registry, &world, &context).await?;
        stage.add(started.elapsed());
    }
    let mut process = Figure::new("a process that does nothing: sh -c true");
    let mut plugin = Figure::new("a plugin that is a process, not recorded");
    for _ in 0..PROCESSES {
        let started = Instant::now();
        ensure!(Command::new("sh").args(["-c", "true"]).status()?.success(), "sh failed");
        process.add(started.elapsed());
        let started = Instant::now();
        subprocess::run(&context)?;
        plugin.add(started.elapsed());
    }
    print("A stage that does nothing", &[stage, process, plugin]);
    appender.close().await;
    Ok(())
}

async fn deployment(store: &Store, directory: &std::path::Path) -> Result<(Appender, Arc<World>)> {
    let project = store.upsert_project("bench", "", now()).await?;
    let environment = store.upsert_environment(project, "bench", &BTreeMap::new()).await?;
    let revision = store.put_pipeline_revision(project, "0", None, &json!({}), now()).await?;
    let release = NewRelease {
        now: now(),
        artifacts: Vec::new(),
        pipeline_revision: revision.id,
        plugins: BTreeMap::new(),
        commit: None,
    };
    let release = store.create_release(project, release).await?;
    let stage = PlannedStage {
        id: "noop".into(),
        phase: None,
        plugin: "noop".into(),
        targets: Vec::new(),
        rollout: None,
        pivot: false,
        always: false,
    };
    let events = Events::new(store.clone());
    events
        .create_deployment(&NewDeployment {
            id: DeploymentId::new(),
            project_id: project,
            environment_id: environment,
            reason: DeploymentKind::Deploy,
            actor: "bench".into(),
            release_id: release.id,
            pipeline_revision_id: revision.id,
            inputs: json!({}),
            stages: vec![stage],
            now: now(),
        })
        .await?;
    let record = events.claim_next(ServerId::new()).await?.context("the deployment can be claimed")?;
    let state = events.state(record.summary.id).await?.unwrap_or_default();
    let world = World {
        ssh: Ssh::new(SshConfig::new(directory.join("keys")))?,
        zones: Dns::new()?.zones(Vec::new()),
        store: store.clone(),
        granter: Granter::default(),
        artifacts: Vec::new(),
        state: StateView::new(store.clone(), environment, "noop"),
        secrets: Default::default(),
        masker: Default::default(),
        outbound: Outbound::new(Tls::default()),
        vault: Vault::open(store.clone(), directory).map_err(|error| anyhow!("{error}"))?,
        environment,
        deployment: "bench#1".into(),
    };
    Ok((events.appender(record.summary.id, record.epoch, state), Arc::new(world)))
}

async fn run_stage(
    appender: &Appender,
    noop: &Arc<Component>,
    registry: &Registry,
    world: &Arc<World>,
    context: &str,
) -> Result<()> {
    let (run, at) = (StageRunId::new(), now());
    let started = EventBody::StageRunStarted {
        stage: "noop".into(),
        target: None,
        attempt: 1,
        mode: RunMode::Run,
        plugin: noop.label(),
        digest: noop.digest.clone(),
        context: json!({}),
    };
    appender.append(NewEvent::of_run(run, started).at(at)).await?;
    let options = JournalOptions {
        recorded: Recorded::default(),
        cancel: CancellationToken::new(),
        most_effects: 10_000,
        secrets: Default::default(),
        hand_over: CancellationToken::new(),
    };
    let journal = Journal::perform(run, at, appender.clone(), world.clone(), options);
    let outcome = noop.run(registry.runtime(), &journal, RunMode::Run, context).await?;
    ensure!(matches!(outcome, Outcome::Done(_)), "the no-op stage failed");
    let ended = EventBody::StageRunEnded {
        status: StageStatus::Succeeded,
        outputs: Some(json!({})),
        failure: None,
        failed_by: None,
        will_retry: false,
    };
    appender.commit(NewEvent::of_run(run, ended), Durability::Normal).await?;
    Ok(())
}

/// A context as the engine makes it.
fn context() -> String {
    json!({
        "context": 1, "mode": "run", "kind": "deploy", "project": "bench", "environment": "bench",
        "deployment": { "id": "0", "number": 1, "label": "bench#1", "url": null }, "actor": "bench",
        "release": { "id": "0", "label": "20260101-000000", "commit": null, "artifacts": [] },
        "previous_release": null, "stage": { "id": "noop", "attempt": 1, "run_id": "0" },
        "target": null, "targets": [], "batch": null, "variables": {}, "secrets": [], "config": {},
        "outputs": {}, "checkpoint": null,
    })
    .to_string()
}
