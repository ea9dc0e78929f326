//! Where an execution writes what it does: into the deployment's events, or into a plan.

use super::execution::Halted;
use super::resumption::Resumption;
use crate::capability::{Journal, World};
use crate::event::{Appender, Durability, NewEvent};
use crate::journal::{JournalOptions, PlanLog};
use crate::mask::Masker;
use crate::store::Store;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use windlass_api_types::plan::PlannedRun;
use windlass_api_types::{DeploymentState, Failure, StageRunId, StageRunState, Timestamp};

/// The record of an execution.
pub(super) enum Record {
    Live(Appender, Store),
    Plan(PlanRecord),
}

/// The runs of a plan, in the order in which they were planned.
#[derive(Default)]
pub(super) struct PlanRecord {
    inner: Mutex<Planned>,
}

#[derive(Default)]
struct Planned {
    runs: Vec<PlannedRun>,
    simulated: bool,
}

/// The journal of a stage run, and the list it fills in a plan.
pub(super) struct RunRecord {
    pub(super) journal: Journal,
    plan: Option<PlanLog>,
}

impl Record {
    /// Adds an event; goes on at once.
    pub(super) async fn note(&self, event: NewEvent) -> Result<(), Halted> {
        match self {
            Self::Live(appender, _) => Ok(appender.append(event).await?),
            Self::Plan(_) => Ok(()),
        }
    }

    /// Adds an event and waits until it is recorded.
    pub(super) async fn settle(&self, event: NewEvent) -> Result<(), Halted> {
        if let Self::Live(appender, _) = self {
            appender.commit(event, Durability::Normal).await?;
        }
        Ok(())
    }

    /// Opens the journal of a stage run.
    pub(super) fn open(&self, run: StageRunId, at: Timestamp, world: Arc<World>, options: JournalOptions) -> RunRecord {
        match self {
            Self::Live(appender, _) => {
                RunRecord { journal: Journal::perform(run, at, appender.clone(), world, options), plan: None }
            }
            Self::Plan(plan) => {
                let log = PlanLog::after(plan.lock().simulated);
                RunRecord { journal: Journal::plan(run, at, log.clone(), world, options), plan: Some(log) }
            }
        }
    }

    /// In a plan, lists a run that has ended.
    pub(super) fn list(&self, record: &RunRecord, run: PlannedRun) {
        if let (Self::Plan(plan), Some(log)) = (self, &record.plan) {
            let (effects, simulated) = log.take();
            let mut planned = plan.lock();
            planned.simulated |= simulated;
            planned.runs.push(PlannedRun { effects, ..run });
        }
    }

    /// In a plan, lists a stage that does not run.
    pub(super) fn list_skipped(&self, stage: &str, target: Option<&str>, reason: &str) {
        if let Self::Plan(plan) = self {
            plan.lock().runs.push(PlannedRun {
                stage: stage.into(),
                target: target.map(String::from),
                skipped: Some(reason.into()),
                ..planned_run()
            });
        }
    }

    /// Masks the values of secrets in everything that is recorded from now on. A plan records nothing: what it
    /// performs is masked by its effects.
    pub(super) fn mask(&self, masker: &Masker) {
        if let Self::Live(appender, _) = self {
            appender.mask_with(masker.clone());
        }
    }

    /// Whether nothing is changed.
    pub(super) fn is_plan(&self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// The checkpoint a stage run has stored.
    pub(super) fn checkpoint(&self, run: StageRunId) -> Option<Value> {
        self.look(|state| state.runs.iter().find(|known| known.id == run).and_then(|known| known.checkpoint.clone()))?
    }

    /// Whether a stage may have changed more on a target (none: the server) than the deployment's own record.
    pub(super) fn changed(&self, stage: &str, target: Option<&str>) -> bool {
        let on_target = |run: &&StageRunState| run.stage == stage && run.target.as_deref() == target;
        self.look(|state| state.runs.iter().filter(on_target).any(|run| run.changed)).unwrap_or(false)
    }

    /// Whether a person has said what became of a stage run's effect, or decided what it waits for.
    pub(super) fn is_resolved(&self, run: StageRunId) -> bool {
        let resolved = |run: &StageRunState| run.open_effect.as_ref().is_some_and(|open| open.resolution.is_some());
        let decided = |state: &DeploymentState| state.waits_for(run).is_some_and(|approval| !approval.is_open());
        let answered = |state: &DeploymentState| {
            decided(state) || state.runs.iter().any(|known| known.id == run && resolved(known))
        };
        self.look(answered).unwrap_or(false)
    }

    /// What is recorded of a stage run that goes on.
    pub(super) async fn resumption(&self, run: StageRunId) -> Result<Resumption, Halted> {
        match self {
            Self::Plan(_) => Ok(Resumption::default()),
            Self::Live(appender, store) => Ok(Resumption::read(store, appender.deployment(), run).await?),
        }
    }

    /// Looks at what is recorded; a plan records nothing.
    pub(super) fn look<T>(&self, look: impl FnOnce(&DeploymentState) -> T) -> Option<T> {
        match self {
            Self::Plan(_) => None,
            Self::Live(appender, _) => Some(appender.with_state(look)),
        }
    }

    /// The runs of a plan.
    pub(super) fn planned(&self) -> Vec<PlannedRun> {
        match self {
            Self::Live(..) => Vec::new(),
            Self::Plan(plan) => plan.lock().runs.clone(),
        }
    }
}

impl PlanRecord {
    fn lock(&self) -> std::sync::MutexGuard<'_, Planned> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A planned run with nothing in it.
pub(super) fn planned_run() -> PlannedRun {
    PlannedRun {
        stage: String::new(),
        target: None,
        plugin: None,
        skipped: None,
        effects: Vec::new(),
        outputs: None,
        failure: None::<Failure>,
    }
}
