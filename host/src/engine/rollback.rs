//! A rollback: an older release through the same flow, with the variables of today.

use super::create::{Delivery, Purpose};
use super::pipeline::Pipeline;
use super::{Engine, EngineError};
use crate::store::DeploymentRecord;
use windlass_api_types::DeploymentKind;
use windlass_api_types::deployment::{CreateRollback, Release};
use windlass_api_types::pipeline::PipelineRevision;
use windlass_api_types::project::{Environment, Project};

impl Engine {
    /// Creates a deployment of an older release: the named one, or the one before the current.
    pub async fn rollback(&self, request: &CreateRollback, actor: &str) -> Result<DeploymentRecord, EngineError> {
        self.check_open()?;
        let (project, environment) = self.environment(&request.project, &request.environment).await?;
        let release = match &request.release {
            Some(label) => self.release(project.id, &project.name, label).await?,
            None => self.previous_release(&environment).await?,
        };
        let (revision, pipeline) = self.pipeline_of(&project, &environment, &release).await?;
        // Before it is queued: whether every plugin it pins is still to be had.
        self.components(&pipeline).await?;
        let delivery = Delivery {
            pipeline: &pipeline,
            project: project.id,
            environment: environment.id,
            revision: revision.id,
            release: &release,
        };
        let purpose = Purpose { reason: DeploymentKind::Rollback, actor };
        self.enqueue(delivery, purpose, Vec::new()).await
    }

    /// The pipeline that a project's stored configuration gives in an environment.
    pub async fn current_pipeline(&self, project: &str, environment: &str) -> Result<PipelineRevision, EngineError> {
        let (project, environment) = self.environment(project, environment).await?;
        let pipeline = self.resolve(&project.config, &environment.name).await?;
        self.put_revision(project.id, &pipeline).await
    }

    /// A project and one of its environments, by name.
    pub async fn environment(&self, project: &str, name: &str) -> Result<(Project, Environment), EngineError> {
        let found = self.parts().store.project(project).await?;
        let project = found.ok_or_else(|| EngineError::NoProject { name: project.into() })?;
        let environment = project.environments.iter().find(|environment| environment.name == name).cloned();
        match environment {
            Some(environment) => Ok((project, environment)),
            None => Err(EngineError::NoEnvironment { project: project.name, name: name.into() }),
        }
    }

    async fn previous_release(&self, environment: &Environment) -> Result<Release, EngineError> {
        let release = self.parts().store.previous_release(environment.id).await?;
        release.ok_or_else(|| EngineError::NothingBefore { environment: environment.name.clone() })
    }

    /// The pipeline a release was made with; where that was for another environment, this one's current.
    async fn pipeline_of(
        &self,
        project: &Project,
        environment: &Environment,
        release: &Release,
    ) -> Result<(PipelineRevision, Pipeline), EngineError> {
        if let Some(revision) = self.parts().store.pipeline_revision(release.pipeline_revision).await? {
            let pipeline: Pipeline = serde_json::from_value(revision.definition.clone())?;
            if pipeline.environment == environment.name {
                return Ok((revision, pipeline));
            }
        }
        let pipeline = self.resolve(&project.config, &environment.name).await?;
        let revision = self.put_revision(project.id, &pipeline).await?;
        Ok((revision, pipeline))
    }
}
