//! Deployments: rows, and reading one of them.

mod claim;
mod create;
mod list;
mod take;

pub use create::{NewApproval, NewDeployment};
pub use list::DeploymentFilter;

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use serde_json::Value;
use sqlx::any::AnyRow;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::{DeploymentId, EnvironmentId, PipelineRevisionId, ProjectId, ReleaseId, ServerId};

/// A deployment's row: its summary, and what only the server needs.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentRecord {
    pub summary: DeploymentSummary,
    pub project_id: ProjectId,
    pub environment_id: EnvironmentId,
    pub release_id: ReleaseId,
    /// What was live when it started.
    pub previous_release_id: Option<ReleaseId>,
    pub pipeline_revision_id: PipelineRevisionId,
    /// What it pins, as whoever created it wrote it down.
    pub inputs: Value,
    /// Grows with each change of the owner; events are written under it.
    pub epoch: u64,
    /// The server that runs it.
    pub owner: Option<ServerId>,
}

/// A `select` of summaries, to be followed by joins or conditions. A macro, since SQL stays static.
macro_rules! select_summaries {
    ($($more:literal),*) => {
        concat!(
            "select d.id, d.number, p.name as project, e.name as environment, d.reason, d.status, d.actor,
                    r.label as release_label, r.\"commit\", d.created_at, d.started_at, d.ended_at,
                    d.failed_stage, d.failed_by, d.failure, d.last_seq,
                    case when d.status in ('running', 'waiting', 'interrupted') then (
                        select s.name from servers s
                        where s.id = d.owner and exists (select 1 from servers x where x.id <> s.id)
                    ) end as server",
            $($more),*
        )
    };
}

/// What summaries are selected from.
macro_rules! from_deployments {
    () => {
        " from deployments d
          join projects p on p.id = d.project_id
          join environments e on e.id = d.environment_id
          join releases r on r.id = d.release_id "
    };
}

/// A `select` of whole records.
macro_rules! select_records {
    ($where:literal) => {
        concat!(
            select_summaries!(
                ", d.project_id, d.environment_id, d.release_id, d.previous_release_id, d.pipeline_revision_id,
                 d.inputs, d.epoch, d.owner"
            ),
            from_deployments!(),
            $where
        )
    };
}

use {from_deployments, select_summaries};

impl Store {
    /// A deployment by its id.
    pub async fn deployment(&self, id: DeploymentId) -> Result<Option<DeploymentRecord>, StoreError> {
        let select = query(select_records!("where d.id = $1")).text(id);
        self.fetch_optional(select).await?.as_ref().map(read_record).transpose()
    }

    /// A deployment by its project's name and its number there: the two halves of `shop#41`.
    pub async fn deployment_by_label(
        &self,
        project: &str,
        number: u64,
    ) -> Result<Option<DeploymentRecord>, StoreError> {
        let select = query(select_records!("where p.name = $1 and d.number = $2"));
        self.fetch_optional(select.text(project).count(number)).await?.as_ref().map(read_record).transpose()
    }

    /// The deployments that wait for a person before their first stage.
    pub async fn waiting_to_begin(&self) -> Result<Vec<DeploymentRecord>, StoreError> {
        let select = query(select_records!("where d.status = 'waiting' and d.started_at is null order by d.id"));
        self.fetch_all(select).await?.iter().map(read_record).collect()
    }

    /// All deployments that have not ended, oldest first: what a server finds when it starts.
    pub async fn unfinished(&self) -> Result<Vec<DeploymentRecord>, StoreError> {
        let select =
            query(select_records!("where d.status in ('queued', 'running', 'waiting', 'interrupted') order by d.id"));
        self.fetch_all(select).await?.iter().map(read_record).collect()
    }
}

fn read_record(row: &AnyRow) -> Result<DeploymentRecord, StoreError> {
    let summary = read_summary(row)?;
    let row = Row::new(row, "deployments", "id");
    Ok(DeploymentRecord {
        summary,
        project_id: row.parse("project_id")?,
        environment_id: row.parse("environment_id")?,
        release_id: row.parse("release_id")?,
        previous_release_id: row.optional_parse("previous_release_id")?,
        pipeline_revision_id: row.parse("pipeline_revision_id")?,
        inputs: row.json("inputs")?,
        epoch: row.count("epoch")?,
        owner: row.optional_parse("owner")?,
    })
}

fn read_summary(row: &AnyRow) -> Result<DeploymentSummary, StoreError> {
    let row = Row::new(row, "deployments", "id");
    let (project, number) = (row.text("project")?, row.count("number")?);
    Ok(DeploymentSummary {
        id: row.parse("id")?,
        number,
        label: format!("{project}#{number}"),
        project,
        environment: row.text("environment")?,
        reason: row.parse("reason")?,
        status: row.parse("status")?,
        actor: row.text("actor")?,
        release: row.text("release_label")?,
        commit: row.optional_json("commit")?,
        created_at: row.int("created_at")?,
        started_at: row.optional_int("started_at")?,
        ended_at: row.optional_int("ended_at")?,
        failed_stage: row.optional_text("failed_stage")?,
        failed_by: row.optional_parse("failed_by")?,
        failure: row.optional_json("failure")?,
        last_seq: row.count("last_seq")?,
        server: row.optional_text("server")?,
    })
}
