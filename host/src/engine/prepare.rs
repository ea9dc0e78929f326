//! From a stored deployment to an execution: its pinned pipeline and plugins, the addresses of its
//! targets, what is live there now.

use super::address::address;
use super::execution::{Execution, Inputs};
use super::inputs::PinnedInputs;
use super::past::Past;
use super::pipeline::Pipeline;
use super::record::Record;
use super::retry::Standing;
use super::stop::Stop;
use super::{Engine, EngineError};
use crate::capability::{Granter, StateView, World};
use crate::mask::Masker;
use crate::plugin::Component;
use crate::ssh::TargetAddress;
use crate::store::{DeploymentRecord, StoreError};
use crate::vault::Secrets;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api_types::grant::Grant;
use windlass_api_types::{DeploymentId, DeploymentState, EnvironmentId};

impl Engine {
    /// The execution of a deployment.
    pub(super) async fn prepare(
        &self,
        deployment: &DeploymentRecord,
        record: Record,
        stop: Stop,
        state: DeploymentState,
    ) -> Result<Execution, EngineError> {
        // What was live when it started, also where it has put its own release there by now.
        let inputs = Inputs { live: state.live.clone(), ..self.inputs(deployment).await? };
        let past = Past::read(&self.parts().store, inputs.id, state).await?;
        self.execution(inputs, deployment.environment_id, record, stop, past).await
    }

    /// What a deployment runs with, from its row and all that it pins.
    pub(super) async fn inputs(&self, deployment: &DeploymentRecord) -> Result<Inputs, EngineError> {
        let store = &self.parts().store;
        let summary = &deployment.summary;
        let missing = |what, id: String| EngineError::Store(StoreError::Missing { what, id });
        let revision = deployment.pipeline_revision_id;
        let revision = store
            .pipeline_revision(revision)
            .await?
            .ok_or_else(|| missing("pipeline revision", revision.to_string()))?;
        let release = store
            .release_by_id(deployment.release_id)
            .await?
            .ok_or_else(|| missing("release", deployment.release_id.to_string()))?;
        let pinned: PinnedInputs = serde_json::from_value(deployment.inputs.clone())?;
        let live = self.live(deployment.environment_id).await?;
        let standing = self.standing(pinned.standing).await?;
        Ok(Inputs {
            id: summary.id,
            number: summary.number,
            label: summary.label.clone(),
            url: self.deployment_url(&summary.project, summary.number),
            kind: summary.reason,
            actor: summary.actor.clone(),
            pipeline: serde_json::from_value(revision.definition)?,
            only: pinned.only,
            release,
            variables: pinned.variables,
            secrets: Arc::new(pinned.secrets),
            live,
            standing,
        })
    }

    /// What a retry does not do again.
    async fn standing(&self, earlier: Option<DeploymentId>) -> Result<Standing, EngineError> {
        let Some(id) = earlier else { return Ok(Standing::default()) };
        let missing = || EngineError::Store(StoreError::Missing { what: "deployment", id: id.to_string() });
        let record = self.parts().store.deployment(id).await?.ok_or_else(missing)?;
        let state = self.parts().store.deployment_state(id).await?.ok_or_else(missing)?;
        Ok(Standing::of(&record.summary.label, &state))
    }

    /// An execution of any inputs.
    pub(super) async fn execution(
        &self,
        inputs: Inputs,
        environment: EnvironmentId,
        record: Record,
        stop: Stop,
        past: Past,
    ) -> Result<Execution, EngineError> {
        let components = self.components(&inputs.pipeline).await?;
        let secrets = Arc::new(self.parts().vault.secrets(environment, &inputs.secrets).await?);
        let masker = secrets.masker();
        record.mask(&masker);
        let worlds = self.worlds(&inputs, environment, &secrets, &masker).await?;
        let runtime = self.parts().registry.runtime().clone();
        Ok(Execution::new(inputs, components, worlds, runtime, record, stop, past))
    }

    /// The pinned plugins of a pipeline, by digest.
    pub(super) async fn components(
        &self,
        pipeline: &Pipeline,
    ) -> Result<BTreeMap<String, Arc<Component>>, EngineError> {
        let mut components = BTreeMap::new();
        for stage in &pipeline.stages {
            let digest = &stage.uses.digest;
            if components.contains_key(digest) {
                continue;
            }
            let pinned = self.parts().registry.pinned(digest).await.map_err(EngineError::Refused)?;
            let gone = || EngineError::PluginGone { plugin: stage.uses.to_string(), digest: digest.clone() };
            components.insert(digest.clone(), pinned.ok_or_else(gone)?);
        }
        Ok(components)
    }

    /// What the effects of each plugin work with. State belongs to a plugin; the rest they share.
    pub(super) async fn worlds(
        &self,
        inputs: &Inputs,
        environment: EnvironmentId,
        secrets: &Arc<Secrets>,
        masker: &Masker,
    ) -> Result<BTreeMap<String, Arc<World>>, EngineError> {
        let parts = self.parts();
        let pipeline = &inputs.pipeline;
        let bound: BTreeSet<&String> = pipeline.groups.values().flatten().collect();
        let targets = parts.store.targets().await?;
        let addresses = targets.iter().filter(|target| bound.contains(&target.name));
        let addresses: Vec<TargetAddress> = addresses
            .map(|target| address(target, &targets))
            .collect::<Result<_, _>>()
            .map_err(EngineError::Refused)?;
        let grants: Vec<Grant> =
            parts.store.grants(environment).await?.into_iter().map(|stored| stored.grant).collect();
        let zones = parts.dns.zones(parts.vault.open_zones().await?);
        let label = format!("{}/{}", pipeline.project, pipeline.environment);
        let names: BTreeSet<&String> = pipeline.stages.iter().map(|stage| &stage.uses.name).collect();
        let world = |plugin: &String| World {
            ssh: parts.ssh.clone(),
            zones: zones.clone(),
            store: parts.store.clone(),
            granter: Granter::new(&label, plugin, addresses.clone()).with(&grants),
            artifacts: inputs.release.artifacts.clone(),
            state: StateView::new(parts.store.clone(), environment, plugin),
            secrets: secrets.clone(),
            masker: masker.clone(),
            outbound: parts.outbound.clone(),
            vault: parts.vault.clone(),
            environment,
            deployment: inputs.label.clone(),
            deployment_url: inputs.url.clone(),
        };
        Ok(names.into_iter().map(|plugin| (plugin.clone(), Arc::new(world(plugin)))).collect())
    }

    /// Labels of what is live, by target; an empty name is the server.
    pub(super) async fn live(&self, environment: EnvironmentId) -> Result<BTreeMap<String, String>, EngineError> {
        let live = self.parts().store.live(environment).await?;
        Ok(live.into_iter().map(|live| (live.target.unwrap_or_default(), live.release)).collect())
    }
}
