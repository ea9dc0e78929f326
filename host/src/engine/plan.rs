//! Planning: the same execution with another record. Nothing is stored, nothing is changed.

use super::execution::Inputs;
use super::past::Past;
use super::pipeline::{check_only, check_variables};
use super::record::{PlanRecord, Record};
use super::stop::Stop;
use super::{Engine, EngineError};
use crate::event::now;
use crate::store::DeploymentRecord;
use windlass_api_types::deployment::{CreateDeployment, Release};
use windlass_api_types::grant::Grant;
use windlass_api_types::plan::Plan;
use windlass_api_types::{
    DeploymentId, DeploymentKind, EnvironmentId, ErrorKind, EventBody, Failure, PipelineRevisionId, ReleaseId,
};

impl Engine {
    /// What a deployment would do.
    pub async fn plan(&self, request: &CreateDeployment, actor: &str) -> Result<Plan, EngineError> {
        let pipeline = self.resolve(&request.config, &request.environment).await?;
        check_only(&pipeline, &request.only).map_err(EngineError::Refused)?;
        let artifacts = self.stored_artifacts(&request.artifacts).await?;
        let store = &self.parts().store;
        let project = store.project(&pipeline.project).await?;
        let environments = project.iter().flat_map(|project| &project.environments);
        let environment = environments.into_iter().find(|environment| environment.name == pipeline.environment);
        let (environment, variables, secrets) = match environment {
            Some(environment) => {
                let variables = store.variables(environment.id).await?;
                (environment.id, variables, self.parts().vault.versions(environment.id).await?)
            }
            None => (EnvironmentId::new(), Default::default(), Default::default()),
        };
        let missing = self.not_granted(&pipeline, environment, &self.asked(&pipeline, &variables)).await?;
        check_variables(&pipeline, &variables).map_err(EngineError::Refused)?;
        let release = match (&request.release, &project) {
            (Some(label), Some(project)) => self.release(project.id, &project.name, label).await?,
            (Some(label), None) => {
                return Err(EngineError::NoRelease { project: pipeline.project.clone(), label: label.clone() });
            }
            (None, _) => Release {
                id: ReleaseId::new(),
                label: crate::store::release_label(now()),
                artifacts,
                pipeline_revision: PipelineRevisionId::new(),
                plugins: Default::default(),
                commit: request.commit.clone(),
                created_at: now(),
            },
        };
        self.check_artifacts(&pipeline, &release.artifacts)?;
        let number = store.next_number(&pipeline.project).await?;
        let inputs = Inputs {
            id: DeploymentId::new(),
            number,
            label: format!("{}#{number}", pipeline.project),
            url: self.deployment_url(&pipeline.project, number),
            kind: DeploymentKind::Deploy,
            actor: actor.into(),
            only: request.only.clone(),
            release,
            variables,
            secrets: secrets.into(),
            live: self.live(environment).await?,
            standing: Default::default(),
            pipeline,
        };
        self.planned(inputs, environment, missing).await
    }

    /// What a deployment that has not begun would do now.
    pub async fn plan_of(&self, record: &DeploymentRecord) -> Result<Plan, EngineError> {
        let summary = &record.summary;
        if summary.started_at.is_some() || summary.status.is_terminal() {
            let begun = Failure::new(ErrorKind::Conflict, "begun", format!("{} has begun", summary.label));
            let hint = format!("`windlass effects {}` shows what it did", summary.label);
            return Err(EngineError::Refused(begun.hint(hint)));
        }
        self.planned(self.inputs(record).await?, record.environment_id, Vec::new()).await
    }

    async fn planned(
        &self,
        inputs: Inputs,
        environment: EnvironmentId,
        missing: Vec<Grant>,
    ) -> Result<Plan, EngineError> {
        let record = Record::Plan(PlanRecord::default());
        let execution = self.execution(inputs, environment, record, Stop::default(), Past::default()).await?;
        let failure = match execution.run().await {
            Ok(EventBody::DeploymentEnded { failure, .. }) => failure,
            Ok(_) => None,
            Err(error) => Some(Failure::new(ErrorKind::Internal, "record-lost", error.to_string())),
        };
        let inputs = &execution.inputs;
        Ok(Plan {
            project: inputs.pipeline.project.clone(),
            environment: inputs.pipeline.environment.clone(),
            release: inputs.release.label.clone(),
            runs: execution.record.planned(),
            missing,
            failure,
        })
    }
}
