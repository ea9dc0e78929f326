//! Creating a deployment: everything is checked before anything is stored, and stored before anything
//! runs.

use super::gate::expires;
use super::inputs::PinnedInputs;
use super::pipeline::{
    Pipeline, Queue, Stage, check_artifacts, check_only, check_variables, planned_stages, read_config, resolve,
    schedule,
};
use super::{Engine, EngineError, ShippedTemplates};
use crate::event::now;
use crate::plugin::Component;
use crate::store::{DeploymentRecord, NewApproval, NewDeployment, NewRelease};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use windlass_api_types::deployment::{Artifact, CreateDeployment, Release};
use windlass_api_types::pipeline::PipelineRevision;
use windlass_api_types::{DeploymentId, DeploymentKind, EnvironmentId, PipelineRevisionId, ProjectId, TargetId};

/// Who and why.
pub(super) struct Purpose<'a> {
    pub(super) reason: DeploymentKind,
    pub(super) actor: &'a str,
}

/// What goes where, and how.
pub(super) struct Delivery<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) project: ProjectId,
    pub(super) environment: EnvironmentId,
    pub(super) revision: PipelineRevisionId,
    pub(super) release: &'a Release,
}

impl Engine {
    /// Creates a deployment and queues it.
    pub async fn create(&self, request: &CreateDeployment, actor: &str) -> Result<DeploymentRecord, EngineError> {
        self.check_open()?;
        let pipeline = self.resolve(&request.config, &request.environment).await?;
        check_only(&pipeline, &request.only).map_err(EngineError::Refused)?;
        let artifacts = self.stored_artifacts(&request.artifacts).await?;
        if request.release.is_none() {
            self.check_artifacts(&pipeline, &artifacts)?;
        }
        let (project, environment) = self.bind(&pipeline, &request.config).await?;
        let revision = self.put_revision(project, &pipeline).await?;
        let release = match &request.release {
            Some(label) => self.release(project, &pipeline.project, label).await?,
            None => {
                let new = NewRelease {
                    now: now(),
                    artifacts,
                    pipeline_revision: revision.id,
                    plugins: plugins(&pipeline),
                    commit: request.commit.clone(),
                };
                self.parts().store.create_release(project, new).await?
            }
        };
        let delivery = Delivery { pipeline: &pipeline, project, environment, revision: revision.id, release: &release };
        let purpose = Purpose { reason: DeploymentKind::Deploy, actor };
        self.enqueue(delivery, purpose, request.only.clone()).await
    }

    /// Stores a configuration without deploying; all its environments are checked. Answers the
    /// project's name.
    pub async fn push_config(&self, project: &str, text: &str) -> Result<String, EngineError> {
        let config = read_config(text)?;
        if config.project() != project {
            return Err(EngineError::OtherProject { asked: project.into(), found: config.project().into() });
        }
        let environments: Vec<String> = config.environments().map(String::from).collect();
        for environment in &environments {
            let pipeline = self.resolve(text, environment).await?;
            self.bind(&pipeline, text).await?;
        }
        Ok(config.project().into())
    }

    /// The pipeline a configuration gives in an environment.
    pub async fn resolve(&self, text: &str, environment: &str) -> Result<Pipeline, EngineError> {
        let config = read_config(text)?;
        let targets = self.parts().store.targets().await?;
        let names: Vec<String> = targets.into_iter().map(|target| target.name).collect();
        Ok(resolve(&config, environment, &ShippedTemplates, &self.catalog(), &names)?)
    }

    /// The digests that are on the server, with their sizes.
    pub(super) async fn stored_artifacts(
        &self,
        asked: &BTreeMap<String, String>,
    ) -> Result<Vec<Artifact>, EngineError> {
        let mut artifacts = Vec::new();
        for (name, digest) in asked {
            let Some(blob) = self.parts().store.blob(digest).await? else {
                return Err(EngineError::NoArtifact { name: name.clone(), digest: digest.clone() });
            };
            artifacts.push(Artifact { name: name.clone(), digest: blob.digest, size: blob.size });
        }
        Ok(artifacts)
    }

    /// Whether the pipeline's plugins get the artifacts that their configs name.
    pub(super) fn check_artifacts(&self, pipeline: &Pipeline, carried: &[Artifact]) -> Result<(), EngineError> {
        let plugins = self.plugins_of(pipeline);
        let schema = |stage: &Stage| plugins.get(&stage.uses.digest).map(|plugin| &plugin.manifest.config);
        check_artifacts(pipeline, schema, carried).map_err(EngineError::Refused)
    }

    /// Those plugins of a pipeline that this process has loaded, by digest.
    pub(super) fn plugins_of<'p>(&self, pipeline: &'p Pipeline) -> BTreeMap<&'p String, Arc<Component>> {
        let digests = pipeline.stages.iter().map(|stage| &stage.uses.digest);
        digests.filter_map(|digest| Some((digest, self.parts().registry.by_digest(digest)?))).collect()
    }

    /// Makes the project and the environment, and binds the environment's targets.
    async fn bind(&self, pipeline: &Pipeline, config: &str) -> Result<(ProjectId, EnvironmentId), EngineError> {
        let store = &self.parts().store;
        let ids: BTreeMap<String, TargetId> =
            store.targets().await?.into_iter().map(|target| (target.name, target.id)).collect();
        let groups = pipeline.groups.iter().map(|(group, targets)| {
            (group.clone(), targets.iter().filter_map(|name| ids.get(name).copied()).collect())
        });
        let groups: BTreeMap<String, Vec<TargetId>> = groups.collect();
        let project = store.upsert_project(&pipeline.project, config, now()).await?;
        let environment = store.upsert_environment(project, &pipeline.environment, &groups).await?;
        Ok((project, environment))
    }

    pub(super) async fn put_revision(
        &self,
        project: ProjectId,
        pipeline: &Pipeline,
    ) -> Result<PipelineRevision, EngineError> {
        let definition = serde_json::to_value(pipeline)?;
        let digest = hex::encode(Sha256::digest(definition.to_string()));
        let template = pipeline.template.as_deref();
        Ok(self.parts().store.put_pipeline_revision(project, &digest, template, &definition, now()).await?)
    }

    pub(super) async fn release(&self, project: ProjectId, name: &str, label: &str) -> Result<Release, EngineError> {
        self.parts()
            .store
            .release(project, label)
            .await?
            .ok_or_else(|| EngineError::NoRelease { project: name.into(), label: label.into() })
    }

    /// Queues a deployment with the variables and secrets of now.
    pub(super) async fn enqueue(
        &self,
        delivery: Delivery<'_>,
        purpose: Purpose<'_>,
        only: Vec<String>,
    ) -> Result<DeploymentRecord, EngineError> {
        let variables = self.parts().store.variables(delivery.environment).await?;
        let secrets = self.parts().vault.versions(delivery.environment).await?;
        let inputs = PinnedInputs { variables, secrets, only, standing: None };
        self.enqueue_with(delivery, purpose, inputs).await
    }

    /// Queues a deployment with all that it pins.
    pub(super) async fn enqueue_with(
        &self,
        delivery: Delivery<'_>,
        purpose: Purpose<'_>,
        inputs: PinnedInputs,
    ) -> Result<DeploymentRecord, EngineError> {
        let Delivery { pipeline, project, environment, revision, release } = delivery;
        check_variables(pipeline, &inputs.variables).map_err(EngineError::Refused)?;
        self.check_artifacts(pipeline, &release.artifacts)?;
        self.check_requests(pipeline, environment, &inputs.variables, &inputs.secrets).await?;
        let approval = self.approval(pipeline).await?;
        let steps = schedule(pipeline, &inputs.only);
        let new = NewDeployment {
            id: DeploymentId::new(),
            project_id: project,
            environment_id: environment,
            reason: purpose.reason,
            actor: purpose.actor.into(),
            release_id: release.id,
            pipeline_revision_id: revision,
            inputs: json!(inputs),
            stages: planned_stages(pipeline, &steps),
            approval: approval.map(|open_for| NewApproval {
                prompt: format!(
                    "Deploy release {} as {}#{{}} to {}?",
                    release.label, pipeline.project, pipeline.environment
                ),
                expires: expires(open_for),
            }),
            now: now(),
        };
        let record = self.parts().events.create_deployment(&new).await?;
        if pipeline.queue == Queue::Supersede {
            self.supersede(&record).await?;
        }
        self.inner.wake.notify_one();
        Ok(record)
    }

    /// How long a deployment waits for a person before it begins; none: it asks nobody. Today's configuration says it
    /// too: an older pipeline is no way around it.
    async fn approval(&self, pipeline: &Pipeline) -> Result<Option<Duration>, EngineError> {
        let project = self.parts().store.project(&pipeline.project).await?;
        let today = project.and_then(|project| read_config(&project.config).ok());
        Ok(today.and_then(|config| config.approval(&pipeline.environment)).or(pipeline.approval))
    }

    pub(super) fn check_open(&self) -> Result<(), EngineError> {
        if self.inner.closing.is_cancelled() { Err(EngineError::Closing) } else { Ok(()) }
    }
}

fn plugins(pipeline: &Pipeline) -> BTreeMap<String, String> {
    pipeline.stages.iter().map(|stage| (stage.uses.to_string(), stage.uses.digest.clone())).collect()
}
