//! What the journal promises, on both databases: with real effects on a world that counts them.

mod performing;
mod planning;
mod repeating;
mod replaying;
mod teeing;

use super::*;
use crate::event::{Appender, Durability, Events, NewEvent, now};
use crate::store::testing::TestDatabase;
use crate::store::tests::Fixture;
use serde::Serialize;
use std::sync::Mutex as StdMutex;
use windlass_api_types::{Event, EventBody, Level, RepeatPolicy, RunMode, plan::PlannedEffect};

/// A deployment with one stage run under way.
struct Stage {
    fixture: Fixture,
    deployment: windlass_api_types::DeploymentId,
    appender: Appender,
    run: StageRunId,
    started: Timestamp,
}

/// What test effects change: a list of what was done.
#[derive(Default)]
struct Done(StdMutex<Vec<String>>);

impl Done {
    fn list(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// An effect that writes its name down and answers it.
#[derive(Clone, Serialize)]
struct Note {
    name: String,
    #[serde(skip)]
    policy: RepeatPolicy,
    /// Performing takes this long.
    #[serde(skip)]
    takes: std::time::Duration,
}

fn note(name: &str, policy: RepeatPolicy) -> Note {
    Note { name: name.into(), policy, takes: std::time::Duration::ZERO }
}

impl Effect for Note {
    const FUNCTION: &'static str = "test.note";
    type World = Done;
    type Answer = String;

    fn policy(&self) -> RepeatPolicy {
        self.policy
    }

    fn summary(&self) -> String {
        format!("note {}", self.name)
    }

    fn check(&self, _: &Done) -> Result<(), Failure> {
        match self.name.as_str() {
            "denied" => Err(Failure::new(ErrorKind::Denied, "no", "not granted")),
            _ => Ok(()),
        }
    }

    fn preview(&self, _: bool) -> Preview<String> {
        match self.policy {
            RepeatPolicy::Read => Preview::Perform,
            _ => Preview::Invent(format!("invented {}", self.name)),
        }
    }

    async fn perform(self, world: Arc<Done>, _: Performance) -> Answered<Performed<String>> {
        tokio::time::sleep(self.takes).await;
        world.0.lock().unwrap().push(self.name.clone());
        match self.name.as_str() {
            "fails" => Err(Failure::new(ErrorKind::Failed, "broke", "it broke").hint("mend it")),
            name => Ok(format!("did {name}").into()),
        }
    }
}

impl Stage {
    async fn new(database: TestDatabase) -> Self {
        let fixture = Fixture::new(database).await;
        let events = Events::new(fixture.store.clone());
        let record = fixture.running().await;
        let deployment = record.summary.id;
        let state = events.state(deployment).await.unwrap().unwrap();
        let stage = state.stages[0].planned.id.clone();
        let appender = events.appender(deployment, record.epoch, state);
        let (run, started) = (StageRunId::new(), now());
        let body = EventBody::StageRunStarted {
            stage,
            target: None,
            attempt: 1,
            mode: RunMode::Run,
            plugin: "test@1.0.0".into(),
            digest: "sha256:0".into(),
            context: serde_json::Value::Null,
        };
        appender.commit(NewEvent::of_run(run, body).at(started), Durability::Normal).await.unwrap();
        Self { fixture, deployment, appender, run, started }
    }

    fn journal(&self, world: &Arc<Done>, cancel: &CancellationToken) -> Journal<Done> {
        Journal::perform(
            self.run,
            self.started,
            self.appender.clone(),
            world.clone(),
            options(Recorded::default(), cancel),
        )
    }

    /// The journal of a server that has restarted, or of a replay.
    async fn recorded(&self) -> Recorded {
        Recorded::of_run(self.run, &self.stored().await)
    }

    async fn stored(&self) -> Vec<Event> {
        self.fixture.store.events(self.deployment, 0, u32::MAX).await.unwrap()
    }

    /// The kinds of the stage run's events, in order.
    async fn kinds(&self) -> Vec<&'static str> {
        let stored = self.stored().await;
        stored.iter().filter(|event| event.stage_run == Some(self.run)).map(|event| event.body.kind()).collect()
    }
}

fn options(recorded: Recorded, cancel: &CancellationToken) -> JournalOptions {
    JournalOptions {
        recorded,
        cancel: cancel.clone(),
        most_effects: 10,
        secrets: Default::default(),
        hand_over: CancellationToken::new(),
    }
}

fn replay(stage: &Stage, recorded: Recorded) -> Journal<Done> {
    Journal::replay(stage.run, stage.started, options(recorded, &CancellationToken::new()))
}
