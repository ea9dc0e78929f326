//! What a pipeline asks of its environment, and whether that is granted: found out before anything starts.

use super::pipeline::{Asked, Pipeline, Stage, requests};
use super::{Engine, EngineError};
use crate::capability::{Ask, Granter};
use std::collections::BTreeSet;
use windlass_api_types::EnvironmentId;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::grant::{Grant, Requests};
use windlass_api_types::project::{SecretVersions, Variables};
use windlass_api_types::{ErrorKind, Failure};

impl Engine {
    /// What a deployment would ask of its environment. Of one that is not there yet nothing is granted.
    pub async fn requests(&self, request: &CreateDeployment) -> Result<Requests, EngineError> {
        let pipeline = self.resolve(&request.config, &request.environment).await?;
        let store = &self.parts().store;
        let (variables, grants, protected) = match self.environment(&pipeline.project, &pipeline.environment).await {
            Ok((_, environment)) => {
                let protected = store.protected(environment.id).await?.is_some();
                (store.variables(environment.id).await?, self.grants(environment.id).await?, protected)
            }
            Err(EngineError::NoProject { .. } | EngineError::NoEnvironment { .. }) => Default::default(),
            Err(error) => return Err(error),
        };
        let asked = self.asked(&pipeline, &variables);
        let zones = self.zone_names().await?;
        let label = label(&pipeline);
        let missing = missing(&label, &asked, &grants, &zones);
        let granted =
            self::missing(&label, &asked, &[], &zones).into_iter().filter(|grant| !missing.contains(grant)).collect();
        let missing = missing.into_iter().collect();
        Ok(Requests { project: pipeline.project, environment: pipeline.environment, granted, missing, protected })
    }

    /// Refuses a pipeline that asks for more than is granted, or for secrets that nobody has set.
    pub(super) async fn check_requests(
        &self,
        pipeline: &Pipeline,
        environment: EnvironmentId,
        variables: &Variables,
        secrets: &SecretVersions,
    ) -> Result<(), EngineError> {
        let asked = self.asked(pipeline, variables);
        let label = label(pipeline);
        if let Some(name) = asked.iter().find_map(|asked| unset(asked, secrets)) {
            return Err(EngineError::Refused(secret_missing(&label, name)));
        }
        let missing = self.not_granted(pipeline, environment, &asked).await?;
        match missing.is_empty() {
            true => Ok(()),
            false => Err(EngineError::NotGranted { environment: label, missing }),
        }
    }

    /// What a pipeline asks for, as far as it can be known before it runs.
    pub(super) fn asked(&self, pipeline: &Pipeline, variables: &Variables) -> Vec<Asked> {
        let plugins = self.plugins_of(pipeline);
        let schema = |stage: &Stage| plugins.get(&stage.uses.digest).map(|plugin| &plugin.manifest.config);
        requests(pipeline, variables, schema)
    }

    /// What of the asked is not granted.
    pub(super) async fn not_granted(
        &self,
        pipeline: &Pipeline,
        environment: EnvironmentId,
        asked: &[Asked],
    ) -> Result<Vec<Grant>, EngineError> {
        let missing = missing(&label(pipeline), asked, &self.grants(environment).await?, &self.zone_names().await?);
        Ok(missing.into_iter().collect())
    }

    async fn grants(&self, environment: EnvironmentId) -> Result<Vec<Grant>, EngineError> {
        let granted = self.parts().store.grants(environment).await?;
        Ok(granted.into_iter().map(|stored| stored.grant).collect())
    }

    async fn zone_names(&self) -> Result<Vec<String>, EngineError> {
        Ok(self.parts().vault.zones().await?.into_iter().map(|zone| zone.name).collect())
    }
}

/// Such as `shop/production`.
fn label(pipeline: &Pipeline) -> String {
    format!("{}/{}", pipeline.project, pipeline.environment)
}

/// What of the asked these grants lack.
fn missing(label: &str, asked: &[Asked], granted: &[Grant], zones: &[String]) -> BTreeSet<Grant> {
    let lacks = |asked: &Asked| Granter::new(label, &asked.plugin, []).with(granted).lacks(&asked.ask, zones);
    asked.iter().filter_map(lacks).collect()
}

/// The name of a secret that is asked for and that nobody has set.
fn unset<'a>(asked: &'a Asked, secrets: &SecretVersions) -> Option<&'a str> {
    match &asked.ask {
        Ask::Secret(name) if !secrets.contains_key(name) => Some(name),
        _ => None,
    }
}

fn secret_missing(environment: &str, name: &str) -> Failure {
    let message = format!("the pipeline uses the secret `{name}`, which {environment} does not have");
    Failure::new(ErrorKind::InvalidInput, "secret-missing", message)
        .hint(format!("set it: windlass secret set {environment} {name}"))
}
