//! Watches: a stage with `watch = true` has its health check go on for what is live.
//!
//! What is watched is read from the record: the live releases, the stages of the pipelines that put them there, and
//! the health checks that those stages made. So a start of the server begins where the last one ended. A deployment's
//! own events end with it; what a watch finds changed stands beside them, in `health_changes`.

mod belief;

use super::pipeline::Pipeline;
use super::{Engine, EngineError};
use crate::capability::{Watched, World};
use crate::event::now;
use crate::store::{DeploymentRecord, LivePlace, WatchKey};
use belief::{Belief, Proof};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use windlass_api_types::{DeploymentId, RunMode, StageStatus};

/// What is live is looked up again after so long without a word.
const POLL: Duration = Duration::from_secs(5);
/// For so long a watch goes on with the addresses, grants and secrets that it has looked up.
const WORLD_AGE: Duration = Duration::from_secs(30);
/// Said of what has just been deployed: its stage looked last.
const PASSED: &str = "its stage found it healthy";

/// A health check that a deployment made.
#[derive(Clone)]
struct Check {
    key: WatchKey,
    plugin: String,
    watched: Arc<Watched>,
}

/// The checks of deployments that have ended, which do not change any more.
type Known = HashMap<DeploymentId, Vec<Check>>;

impl Engine {
    /// Watches what is live, until the engine closes.
    pub(super) async fn run_watches(self) {
        let mut changes = self.parts().events.changes();
        let mut known = Known::new();
        let mut running: HashMap<WatchKey, AbortOnDropHandle<()>> = HashMap::new();
        loop {
            match self.live_checks(&mut known).await {
                Ok(checks) => {
                    running.retain(|key, _| checks.iter().any(|check| check.key == *key));
                    for check in checks {
                        let watch = || AbortOnDropHandle::new(tokio::spawn(self.clone().watch(check.clone())));
                        running.entry(check.key.clone()).or_insert_with(watch);
                    }
                }
                Err(error) => tracing::warn!(%error, "what is to be watched cannot be read; it is tried again"),
            }
            tokio::select! {
                _ = changes.next() => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.inner.closing.cancelled() => return,
            }
        }
    }

    /// Whether it is this server that watches: of several one does.
    async fn watches_here(&self) -> Result<bool, EngineError> {
        let Some(lease) = &self.parts().lease else { return Ok(true) };
        Ok(self.parts().store.is_first_server(lease.id()).await?)
    }

    /// The checks of all that is live.
    async fn live_checks(&self, known: &mut Known) -> Result<Vec<Check>, EngineError> {
        if !self.watches_here().await? {
            return Ok(Vec::new());
        }
        let places = self.parts().store.live_places().await?;
        known.retain(|deployment, _| places.iter().any(|place| place.deployment == *deployment));
        let mut checks: Vec<Check> = Vec::new();
        for place in &places {
            let found = match known.entry(place.deployment) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(new) => new.insert(self.checks(place.deployment).await?),
            };
            let here = found.iter().filter(|check| is_at(check, place));
            let new: Vec<Check> =
                here.filter(|check| checks.iter().all(|other| other.key != check.key)).cloned().collect();
            checks.extend(new);
        }
        Ok(checks)
    }

    /// The checks that the watched stages of a deployment made, the last one of each on each target.
    async fn checks(&self, deployment: DeploymentId) -> Result<Vec<Check>, EngineError> {
        let store = &self.parts().store;
        let Some(record) = store.deployment(deployment).await? else { return Ok(Vec::new()) };
        let pipeline = self.pinned_pipeline(&record).await?;
        let mut checks = Vec::new();
        if pipeline.stages.iter().all(|stage| !stage.watch) {
            return Ok(checks);
        }
        let state = store.deployment_state(deployment).await?.unwrap_or_default();
        for stage in pipeline.stages.iter().filter(|stage| stage.watch) {
            let passed = state.runs.iter().filter(|run| {
                run.stage == stage.id && run.mode == RunMode::Run && run.status == StageStatus::Succeeded
            });
            for run in passed {
                let recorded = store.effect_arguments(deployment, run.id, Watched::FUNCTION).await?;
                let Some(Ok(watched)) = recorded.last().map(Watched::from_recorded) else {
                    tracing::warn!(stage = stage.id, "a stage with `watch` made no health check; it is not watched");
                    continue;
                };
                let target = run.target.clone().unwrap_or_default();
                checks.push(Check {
                    key: WatchKey { deployment, target, stage: stage.id.clone() },
                    plugin: stage.uses.name.clone(),
                    watched: Arc::new(watched),
                });
            }
        }
        Ok(checks)
    }

    async fn pinned_pipeline(&self, record: &DeploymentRecord) -> Result<Pipeline, EngineError> {
        Ok(self.inputs(record).await?.pipeline)
    }

    /// Looks again and again; ends by being dropped.
    async fn watch(self, check: Check) {
        let proof = Proof { unhealthy: check.watched.failures(), healthy: check.watched.successes() };
        let mut belief: Option<Belief> = None;
        let mut world: Option<(Arc<World>, Instant)> = None;
        let mut next = Instant::now();
        loop {
            sleep_until(next).await;
            next = (next + check.watched.interval()).max(Instant::now());
            if let Err(error) = self.look(&check, proof, &mut belief, &mut world).await {
                world = None;
                tracing::warn!(%error, stage = check.key.stage, target = check.key.target, "a watch cannot look; it tries again");
            }
        }
    }

    async fn look(
        &self,
        check: &Check,
        proof: Proof,
        belief: &mut Option<Belief>,
        world: &mut Option<(Arc<World>, Instant)>,
    ) -> Result<(), EngineError> {
        let mut believed = match *belief {
            Some(believed) => believed,
            None => self.begin(check).await?,
        };
        let seen = match world.take().filter(|(_, since)| since.elapsed() < WORLD_AGE) {
            Some(known) => known,
            None => (self.world_of(check).await?, Instant::now()),
        };
        let (healthy, reason) = check.watched.look(&seen.0, &self.inner.closing).await;
        *world = Some(seen);
        // Cut off by the end of the server, it has seen nothing.
        if !self.inner.closing.is_cancelled() && believed.observe(healthy, proof) {
            // Only what is recorded is believed: what could not be is found again by the next look.
            *belief = Some(believed);
            self.note_health(check, healthy, &reason).await?;
            believed.turn();
        }
        *belief = Some(believed);
        Ok(())
    }

    /// What was found last, or what the stage found.
    async fn begin(&self, check: &Check) -> Result<Belief, EngineError> {
        match self.parts().store.last_health(&check.key).await? {
            Some(healthy) => Ok(Belief::new(healthy)),
            None => {
                self.note_health(check, true, PASSED).await?;
                Ok(Belief::new(true))
            }
        }
    }

    async fn note_health(&self, check: &Check, healthy: bool, reason: &str) -> Result<(), EngineError> {
        let parts = self.parts();
        parts.store.add_health(&check.key, now(), healthy, reason).await?;
        parts.events.announce(check.key.deployment);
        let WatchKey { target, stage, .. } = &check.key;
        match healthy {
            true => tracing::info!(stage, target, "what is live is healthy"),
            false => tracing::warn!(stage, target, reason, "what is live is not healthy"),
        }
        Ok(())
    }

    /// What the check works with: the deployment's secrets, and the targets and grants as they are now.
    async fn world_of(&self, check: &Check) -> Result<Arc<World>, EngineError> {
        let missing = || {
            EngineError::Store(crate::store::StoreError::Missing {
                what: "deployment",
                id: check.key.deployment.to_string(),
            })
        };
        let record = self.parts().store.deployment(check.key.deployment).await?.ok_or_else(missing)?;
        let inputs = self.inputs(&record).await?;
        let secrets = Arc::new(self.parts().vault.secrets(record.environment_id, &inputs.secrets).await?);
        let masker = secrets.masker();
        let mut worlds = self.worlds(&inputs, record.environment_id, &secrets, &masker).await?;
        worlds.remove(&check.plugin).ok_or_else(missing)
    }
}

/// Whether a check is one of what is live there. One from the server is for all that its deployment put anywhere.
fn is_at(check: &Check, place: &LivePlace) -> bool {
    check.key.target == place.target || check.key.target.is_empty() || place.target.is_empty()
}
