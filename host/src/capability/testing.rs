//! A stage run whose effects are real: a store, a vault, a journal, and the grants a test gives.

use super::{Granter, Journal, StateView, World};
use crate::dns::Dns;
use crate::event::{Appender, Durability, Events, NewEvent, now};
use crate::exchange::Tls;
use crate::journal::{Answered, Effect, JournalOptions, PlanLog, Recorded};
use crate::outbound::Outbound;
use crate::ssh::{Ssh, SshConfig, TargetAddress};
use crate::store::testing::TestDatabase;
use crate::store::tests::Fixture;
use crate::vault::{SecretValue, Vault};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use windlass_api_types::grant::{EVERY_PLUGIN, Grant, GrantKind};
use windlass_api_types::{DeploymentId, Event, EventBody, RunMode, StageRunId};

/// One stage run of the plugin `notify` in `shop/production`.
pub(super) struct Place {
    pub(super) world: Arc<World>,
    pub(super) cancel: CancellationToken,
    pub(super) appender: Appender,
    pub(super) journal: Journal,
    pub(super) fixture: Fixture,
    deployment: DeploymentId,
    run: StageRunId,
    data: tempfile::TempDir,
}

/// What a place is made with.
#[derive(Default)]
pub(super) struct Options<'a> {
    /// Names and values.
    pub(super) secrets: &'a [(&'a str, &'a str)],
    pub(super) hosts: &'a [&'a str],
    /// Secrets that are granted though nobody set them.
    pub(super) granted: &'a [&'a str],
    pub(super) targets: Vec<TargetAddress>,
    pub(super) ssh: Option<Ssh>,
    pub(super) tls: Tls,
}

impl Place {
    pub(super) async fn new(options: Options<'_>) -> Self {
        let fixture = Fixture::new(TestDatabase::sqlite()).await;
        let data = tempfile::tempdir().unwrap();
        let vault = Vault::open(fixture.store.clone(), data.path()).unwrap();
        for (name, value) in options.secrets {
            vault.set(fixture.environment, name, &SecretValue::new(*value), "ada", now()).await.unwrap();
        }
        let versions = Arc::new(vault.versions(fixture.environment).await.unwrap());
        let secrets = vault.secrets(fixture.environment, &versions).await.unwrap();
        let masker = secrets.masker();
        let grant = |kind| move |value: &&str| Grant { plugin: EVERY_PLUGIN.into(), kind, value: (*value).into() };
        let names = options.secrets.iter().map(|(name, _)| name).chain(options.granted);
        let mut grants: Vec<Grant> = names.map(grant(GrantKind::Secret)).collect();
        grants.extend(options.hosts.iter().map(grant(GrantKind::Http)));
        let world = Arc::new(World {
            ssh: options.ssh.unwrap_or_else(|| Ssh::new(SshConfig::new(data.path().join("keys"))).unwrap()),
            store: fixture.store.clone(),
            granter: Granter::new("shop/production", "notify", options.targets).with(&grants),
            artifacts: Vec::new(),
            state: StateView::new(fixture.store.clone(), fixture.environment, "notify"),
            secrets: Arc::new(secrets),
            masker: masker.clone(),
            zones: Dns::new().unwrap().zones(Vec::new()),
            outbound: Outbound::new(options.tls),
            vault,
            environment: fixture.environment,
            deployment: "shop#41".into(),
            deployment_url: Some("https://windlass.example.com/deployments/shop/41".into()),
        });
        let record = fixture.running().await;
        let events = Events::new(fixture.store.clone());
        let state = events.state(record.summary.id).await.unwrap().unwrap();
        let stage = state.stages[0].planned.id.clone();
        let appender = events.appender(record.summary.id, record.epoch, state);
        appender.mask_with(masker);
        let (run, at, cancel) = (StageRunId::new(), now(), CancellationToken::new());
        let body = EventBody::StageRunStarted {
            stage,
            target: None,
            attempt: 1,
            mode: RunMode::Run,
            plugin: "notify@1.0.0".into(),
            digest: "sha256:0".into(),
            context: serde_json::Value::Null,
        };
        appender.commit(NewEvent::of_run(run, body).at(at), Durability::Normal).await.unwrap();
        let options = JournalOptions {
            recorded: Recorded::default(),
            cancel: cancel.clone(),
            most_effects: 100,
            secrets: versions,
            hand_over: CancellationToken::new(),
        };
        let journal = Journal::perform(run, at, appender.clone(), world.clone(), options);
        Self { world, cancel, appender, journal, deployment: record.summary.id, run, data, fixture }
    }

    /// What the guest gets.
    pub(super) async fn call<E: Effect<World = World>>(&self, effect: E) -> Answered<E::Answer> {
        self.journal.call(effect).await.unwrap()
    }

    /// What a plan answers, and what it lists.
    pub(super) async fn plan<E: Effect<World = World>>(&self, effect: E) -> (Answered<E::Answer>, PlanLog) {
        let log = PlanLog::default();
        let options = JournalOptions {
            recorded: Recorded::default(),
            cancel: self.cancel.clone(),
            most_effects: 100,
            secrets: Arc::new(self.journal.secrets().clone()),
            hand_over: CancellationToken::new(),
        };
        let journal = Journal::plan(self.run, now(), log.clone(), self.world.clone(), options);
        (journal.call(effect).await.unwrap(), log)
    }

    /// All events so far.
    pub(super) async fn events(&self) -> Vec<Event> {
        self.fixture.store.events(self.deployment, 0, u32::MAX).await.unwrap()
    }

    /// All that is recorded, as one text.
    pub(super) async fn recorded(&self) -> String {
        serde_json::to_string(&self.events().await).unwrap()
    }

    /// Adds a line to the log, as any later effect might.
    pub(super) async fn log(&self, line: &str) {
        let event = NewEvent::guest_line(self.run, windlass_api_types::Level::Info, line.to_owned(), 1);
        self.appender.commit(event, Durability::Normal).await.unwrap();
    }

    /// Whether a text is in any file of the data directory or the database.
    pub(super) fn on_disk(&self, text: &str) -> bool {
        let database = self.fixture.data_dir();
        [self.data.path(), database.as_path()].into_iter().any(|directory| holds(directory, text.as_bytes()))
    }
}

fn holds(directory: &Path, text: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => holds(&path, text),
            false => std::fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text)),
        }
    })
}
