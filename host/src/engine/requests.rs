//! What a pipeline asks of its environment, and whether that is granted: found out before anything starts.

use super::pipeline::{Pipeline, requests};
use super::{Engine, EngineError};
use crate::capability::Granter;
use std::collections::BTreeSet;
use windlass_api_types::EnvironmentId;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::grant::{Grant, GrantKind, Requests};
use windlass_api_types::project::SecretVersions;
use windlass_api_types::{ErrorKind, Failure};

impl Engine {
    /// What a deployment would ask of its environment. Of one that is not there yet nothing is granted.
    pub async fn requests(&self, request: &CreateDeployment) -> Result<Requests, EngineError> {
        let pipeline = self.resolve(&request.config, &request.environment).await?;
        let asked = requests(&pipeline);
        let found = self.environment(&pipeline.project, &pipeline.environment).await;
        let (missing, protected) = match found {
            Ok((_, environment)) => {
                let protected = self.parts().store.protected(environment.id).await?.is_some();
                (self.not_granted(environment.id, &asked).await?, protected)
            }
            Err(EngineError::NoProject { .. } | EngineError::NoEnvironment { .. }) => {
                (asked.iter().cloned().collect(), false)
            }
            Err(error) => return Err(error),
        };
        let granted = asked.into_iter().filter(|grant| !missing.contains(grant)).collect();
        Ok(Requests { project: pipeline.project, environment: pipeline.environment, granted, missing, protected })
    }

    /// Refuses a pipeline that asks for more than is granted, or for secrets that nobody has set.
    pub(super) async fn check_requests(
        &self,
        pipeline: &Pipeline,
        environment: EnvironmentId,
        secrets: &SecretVersions,
    ) -> Result<(), EngineError> {
        let asked = requests(pipeline);
        let label = format!("{}/{}", pipeline.project, pipeline.environment);
        if let Some(missing) = asked.iter().find(|grant| is_unset(grant, secrets)) {
            return Err(EngineError::Refused(unset(&label, &missing.value)));
        }
        let missing = self.not_granted(environment, &asked).await?;
        match missing.is_empty() {
            true => Ok(()),
            false => Err(EngineError::NotGranted { environment: label, missing }),
        }
    }

    /// What of the asked is not granted.
    pub(super) async fn not_granted(
        &self,
        environment: EnvironmentId,
        asked: &BTreeSet<Grant>,
    ) -> Result<Vec<Grant>, EngineError> {
        let granted = self.parts().store.grants(environment).await?;
        let granted: Vec<Grant> = granted.into_iter().map(|stored| stored.grant).collect();
        let lacks = |asked: &&Grant| {
            let granter = Granter::new("", &asked.plugin, []).with(&granted);
            match asked.kind {
                GrantKind::Secret => granter.secret(&asked.value).is_err(),
                kind => !granter.has(kind, &asked.value),
            }
        };
        Ok(asked.iter().filter(lacks).cloned().collect())
    }
}

fn is_unset(grant: &Grant, secrets: &SecretVersions) -> bool {
    matches!(grant.kind, GrantKind::Secret | GrantKind::Reveal) && !secrets.contains_key(&grant.value)
}

fn unset(environment: &str, name: &str) -> Failure {
    let message = format!("the pipeline uses the secret `{name}`, which {environment} does not have");
    Failure::new(ErrorKind::InvalidInput, "secret-missing", message)
        .hint(format!("set it: windlass secret set {environment} {name}"))
}
