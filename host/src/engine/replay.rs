//! Replaying a deployment: its stage runs once more, offline, in fresh sandboxes against their recorded effects.
//! Nothing is performed, and nothing is recorded.

mod difference;
mod record;
mod run;

pub use record::RecordedRun;
pub use run::replay_run;

use super::inputs::PinnedInputs;
use super::{Engine, EngineError};
use crate::plugin::Component;
use crate::store::DeploymentRecord;
use std::sync::Arc;
use windlass_api_types::project::SecretVersions;
use windlass_api_types::replay::{Replay, ReplayPlugin, ReplayedRun};
use windlass_api_types::{DeploymentState, ErrorKind, Failure};

/// What is to be replayed. The default is everything, with the plugins it ran with.
#[derive(Debug, Default)]
pub struct ReplayRequest {
    /// Only this stage.
    pub stage: Option<String>,
    /// Only on this target.
    pub target: Option<String>,
    /// A component to use for the stages whose plugin has its name; empty: none.
    pub plugin: Vec<u8>,
}

impl Engine {
    /// Runs the stage runs of a deployment again. It goes on after one that differs.
    pub async fn replay(&self, record: &DeploymentRecord, asked: ReplayRequest) -> Result<Replay, EngineError> {
        let state = self.parts().events.state(record.summary.id).await?.unwrap_or_default();
        let label = &record.summary.label;
        check_chosen(label, &state, &asked).map_err(EngineError::Refused)?;
        let plugin = match asked.plugin.is_empty() {
            true => None,
            false => Some(self.trial(label, &state, asked.plugin).await?),
        };
        let pinned: PinnedInputs = serde_json::from_value(record.inputs.clone())?;
        let secrets = Arc::new(pinned.secrets);
        let chosen = |run: &RecordedRun| {
            asked.stage.as_ref().is_none_or(|stage| run.state.stage == *stage)
                && asked.target.as_ref().is_none_or(|target| run.state.target.as_ref() == Some(target))
        };
        let mut runs = Vec::new();
        for run in record::read(&self.parts().store, record.summary.id, state).await?.iter().filter(|run| chosen(run)) {
            runs.push(self.replay_one(run, plugin.as_ref(), secrets.clone()).await?);
        }
        Ok(Replay { deployment: label.clone(), plugin: plugin.as_deref().map(component), runs })
    }

    /// A component that was sent along: it is loaded for this once, and never served.
    async fn trial(&self, label: &str, state: &DeploymentState, bytes: Vec<u8>) -> Result<Arc<Component>, EngineError> {
        let plugin = Arc::new(self.parts().registry.trial(bytes).await.map_err(EngineError::Refused)?);
        let mut names: Vec<&str> = state.runs.iter().map(|run| name(&run.plugin)).collect();
        if names.contains(&plugin.manifest.name.as_str()) {
            return Ok(plugin);
        }
        names.sort_unstable();
        names.dedup();
        let message = format!("no stage run of {label} used a plugin called `{}`", plugin.manifest.name);
        let refused = Failure::new(ErrorKind::InvalidInput, "other-plugin", message);
        Err(EngineError::Refused(refused.hint(format!("its plugins are: {}", names.join(", ")))))
    }

    async fn replay_one(
        &self,
        run: &RecordedRun,
        plugin: Option<&Arc<Component>>,
        secrets: Arc<SecretVersions>,
    ) -> Result<ReplayedRun, EngineError> {
        let registry = &self.parts().registry;
        let given = plugin.filter(|plugin| plugin.manifest.name == name(&run.state.plugin));
        let component = match given {
            Some(plugin) => Some(plugin.clone()),
            None => registry.pinned(&run.state.digest).await.map_err(EngineError::Refused)?,
        };
        Ok(replay_run(registry.runtime(), component.as_deref(), run, secrets).await)
    }
}

/// Refuses a stage or a target that the deployment has not.
fn check_chosen(label: &str, state: &DeploymentState, asked: &ReplayRequest) -> Result<(), Failure> {
    let refused = |code: &str, message: String, known: Vec<&str>| {
        let hint = match known.is_empty() {
            true => "it ran on no target".into(),
            false => format!("there are: {}", known.join(", ")),
        };
        Err(Failure::new(ErrorKind::NotFound, code, message).hint(hint))
    };
    let stages: Vec<&str> = state.stages.iter().map(|stage| stage.planned.id.as_str()).collect();
    if let Some(stage) = asked.stage.as_deref().filter(|stage| !stages.contains(stage)) {
        return refused("no-such-stage", format!("{label} has no stage `{stage}`"), stages);
    }
    let mut targets: Vec<&str> = state.runs.iter().filter_map(|run| run.target.as_deref()).collect();
    targets.sort_unstable();
    targets.dedup();
    match asked.target.as_deref().filter(|target| !targets.contains(target)) {
        Some(target) => refused("no-such-target", format!("no stage of {label} ran on a target `{target}`"), targets),
        None => Ok(()),
    }
}

/// Of `run@1.0.0`, `run`.
fn name(label: &str) -> &str {
    label.split('@').next().unwrap_or(label)
}

fn component(component: &Component) -> ReplayPlugin {
    ReplayPlugin { label: component.label(), digest: component.digest.clone() }
}
