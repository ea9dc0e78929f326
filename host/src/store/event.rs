//! Reading events: as values, as log lines, and as the bytes that viewers get.

mod encode;
mod fold;
mod log;

pub use encode::EncodedPage;
pub use log::LogFilter;

use super::query::{Bind, Query, query};
use super::row::Row;
use super::{Store, StoreError};
use serde_json::Value;
use sqlx::any::AnyRow;
use windlass_api_types::{DeploymentId, DeploymentStatus, Event, EventBody, StageRunId};

impl Store {
    /// The events of a deployment after a `seq`, at most `limit`, in order.
    pub async fn events(&self, deployment: DeploymentId, after: u64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let rows = self.fetch_all(select(deployment, after, limit)).await?;
        rows.iter().map(|row| read(row, deployment)).collect()
    }

    /// The arguments of a stage run's calls of one function, as they are recorded, in order.
    pub async fn effect_arguments(
        &self,
        deployment: DeploymentId,
        run: StageRunId,
        function: &str,
    ) -> Result<Vec<Value>, StoreError> {
        let select = query(
            "select seq, at, kind, stage_run, level, message, data from events
             where deployment_id = $1 and stage_run = $2 and kind = 'effect_started' order by seq",
        );
        let mut found = Vec::new();
        for row in &self.fetch_all(select.text(deployment).text(run)).await? {
            match read(row, deployment)?.body {
                EventBody::EffectStarted { function: called, arguments, .. } if called == function => {
                    found.push(arguments);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The events of one stage run after a `seq`, at most `limit`, in order.
    pub async fn run_events(
        &self,
        deployment: DeploymentId,
        run: StageRunId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let select = query(
            "select seq, at, kind, stage_run, level, message, data from events
             where deployment_id = $1 and seq > $2 and stage_run = $4 order by seq limit $3",
        );
        let select = select.text(deployment).count(after).bind(i64::from(limit)).text(run);
        self.fetch_all(select).await?.iter().map(|row| read(row, deployment)).collect()
    }

    /// The starts of all stage runs of a deployment, in order.
    pub async fn run_starts(&self, deployment: DeploymentId) -> Result<Vec<Event>, StoreError> {
        let select = query(
            "select seq, at, kind, stage_run, level, message, data from events
             where deployment_id = $1 and kind = 'stage_run_started' order by seq",
        );
        self.fetch_all(select.text(deployment)).await?.iter().map(|row| read(row, deployment)).collect()
    }

    /// How far a deployment is: its status and the `seq` of its last event.
    pub async fn progress(&self, deployment: DeploymentId) -> Result<Option<(DeploymentStatus, u64)>, StoreError> {
        let select = query("select id, status, last_seq from deployments where id = $1").text(deployment);
        let row = self.fetch_optional(select).await?;
        row.map(|row| {
            let row = Row::new(&row, "deployments", "id");
            Ok((row.parse("status")?, row.count("last_seq")?))
        })
        .transpose()
    }
}

fn select(deployment: DeploymentId, after: u64, limit: u32) -> Query {
    let select = query(
        "select seq, at, kind, stage_run, level, message, data from events
         where deployment_id = $1 and seq > $2 order by seq limit $3",
    );
    select.text(deployment).count(after).bind(i64::from(limit))
}

fn read(row: &AnyRow, deployment: DeploymentId) -> Result<Event, StoreError> {
    let row = Row::new(row, "events", "seq");
    let seq = row.count("seq")?;
    let corrupt = |reason: String| StoreError::Corrupt { table: "events", id: format!("{deployment}/{seq}"), reason };
    // The body's own JSON form; read without an intermediate tree, since the tag comes first.
    let body = format!(r#"{{"kind":"{}","data":{}}}"#, row.text("kind")?, row.text("data")?);
    Ok(Event {
        deployment_id: deployment,
        seq,
        at: row.int("at")?,
        stage_run: row.optional_parse("stage_run")?,
        level: row.optional_parse("level")?,
        message: row.text("message")?,
        body: serde_json::from_str(&body).map_err(|error| corrupt(error.to_string()))?,
    })
}
