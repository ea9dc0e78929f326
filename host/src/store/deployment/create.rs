//! Creating a deployment: its number, its row and its first event in one transaction.

use super::DeploymentRecord;
use crate::store::append::insert_events;
use crate::store::query::{Bind, query};
use crate::store::row::{Row, document};
use crate::store::{Store, StoreError};
use serde_json::Value;
use windlass_api_types::approval::OF_DEPLOYMENT;
use windlass_api_types::event::PlannedStage;
use windlass_api_types::{
    DeploymentId, DeploymentKind, DeploymentStatus, EnvironmentId, Event, EventBody, PipelineRevisionId, ProjectId,
    ReleaseId, Timestamp,
};

/// A deployment to be created. It is queued; [`Store::claim_next`] starts it.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    pub id: DeploymentId,
    pub project_id: ProjectId,
    pub environment_id: EnvironmentId,
    pub reason: DeploymentKind,
    pub actor: String,
    pub release_id: ReleaseId,
    pub pipeline_revision_id: PipelineRevisionId,
    /// What it pins: variables, the targets it is restricted to, digests of plugins.
    pub inputs: Value,
    /// Every stage it will run, for its first event.
    pub stages: Vec<PlannedStage>,
    /// What a person is asked before its first stage.
    pub approval: Option<NewApproval>,
    pub now: Timestamp,
}

/// A question about a whole deployment.
#[derive(Clone, Debug)]
pub struct NewApproval {
    /// With `{}` where the deployment's number goes.
    pub prompt: String,
    pub expires: Timestamp,
}

impl Store {
    /// Creates a deployment with the next number of its project.
    pub async fn create_deployment(&self, new: &NewDeployment) -> Result<DeploymentRecord, StoreError> {
        let mut transaction = self.begin().await?;
        let raise = query("update projects set last_number = last_number + 1 where id = $1 returning last_number");
        let raised = transaction.fetch_optional(raise.text(new.project_id)).await?;
        let missing = || StoreError::Missing { what: "project", id: new.project_id.to_string() };
        let number = Row::new(&raised.ok_or_else(missing)?, "projects", "last_number").count("last_number")?;
        let label = query("select label from releases where id = $1 and project_id = $2");
        let label = transaction.fetch_optional(label.text(new.release_id).text(new.project_id)).await?;
        let missing = || StoreError::Missing { what: "release", id: new.release_id.to_string() };
        let release = Row::new(&label.ok_or_else(missing)?, "releases", "label").text("label")?;
        let mut events = vec![new.event(1, new.queued(number, release))];
        events.extend(new.question(number).map(|asked| new.event(2, asked)));
        let status = if events.len() > 1 { DeploymentStatus::Waiting } else { DeploymentStatus::Queued };
        let insert = query(
            "insert into deployments (id, project_id, environment_id, number, reason, actor, release_id,
                                      pipeline_revision_id, inputs, status, created_at, last_seq)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        );
        let insert = insert
            .text(new.id)
            .text(new.project_id)
            .text(new.environment_id)
            .count(number)
            .text(new.reason)
            .text(&new.actor)
            .text(new.release_id)
            .text(new.pipeline_revision_id)
            .bind(document(&new.inputs))
            .text(status)
            .bind(new.now)
            .count(events.len() as u64);
        transaction.execute(insert).await?;
        insert_events(&mut transaction, self.inner.backend, new.id, &events).await?;
        transaction.commit().await?;
        let created = self.deployment(new.id).await?;
        created.ok_or_else(|| StoreError::Missing { what: "deployment", id: new.id.to_string() })
    }
}

impl NewDeployment {
    fn queued(&self, number: u64, release: String) -> EventBody {
        EventBody::DeploymentQueued {
            number,
            reason: self.reason,
            actor: self.actor.clone(),
            release,
            stages: self.stages.clone(),
        }
    }

    fn question(&self, number: u64) -> Option<EventBody> {
        let NewApproval { prompt, expires } = self.approval.as_ref()?;
        let (prompt, expires) = (prompt.replace("{}", &number.to_string()), *expires);
        Some(EventBody::ApprovalRequested { key: OF_DEPLOYMENT.into(), prompt, expires, stage: None })
    }

    fn event(&self, seq: u64, body: EventBody) -> Event {
        let (deployment_id, at) = (self.id, self.now);
        Event { deployment_id, seq, at, stage_run: None, level: None, message: String::new(), body }
    }
}
