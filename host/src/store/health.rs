//! What watches find of live releases: each change of it, beside the deployment's events, whose last one is its end.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use std::collections::HashMap;
use windlass_api_types::project::{Health, HealthChange};
use windlass_api_types::{DeploymentId, EnvironmentId, ProjectId, Timestamp};

/// Changes of one watch that are kept: what flaps for days must not fill the database.
const MOST_CHANGES: u64 = 200;
/// Changes that a list shows.
const LISTED: i64 = 100;

/// A stage of a deployment on a target, as the key of a watch. An empty target is the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WatchKey {
    pub deployment: DeploymentId,
    pub target: String,
    pub stage: String,
}

/// Where a release is live that a deployment put there, which has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivePlace {
    pub deployment: DeploymentId,
    /// Empty: the server.
    pub target: String,
}

impl Store {
    /// What is live anywhere, but for what a deployment still works on.
    pub async fn live_places(&self) -> Result<Vec<LivePlace>, StoreError> {
        let select = query(
            "select l.deployment_id, l.target from live l
             join deployments d on d.id = l.deployment_id
             where d.ended_at is not null
             order by l.deployment_id, l.target",
        );
        let place = |row: &AnyRow| {
            let row = Row::new(row, "live", "deployment_id");
            Ok(LivePlace { deployment: row.parse("deployment_id")?, target: row.text("target")? })
        };
        self.fetch_all(select).await?.iter().map(place).collect()
    }

    /// What a watch found last; none: it has not begun.
    pub async fn last_health(&self, key: &WatchKey) -> Result<Option<bool>, StoreError> {
        let select = query(
            "select at, healthy from health_changes
             where deployment_id = $1 and target = $2 and stage = $3 order by at desc limit 1",
        );
        let row = self.fetch_optional(select.text(key.deployment).text(&key.target).text(&key.stage)).await?;
        row.map(|row| Ok(Row::new(&row, "health_changes", "at").count("healthy")? != 0)).transpose()
    }

    /// Adds a change, and forgets the oldest where there are too many.
    pub async fn add_health(
        &self,
        key: &WatchKey,
        at: Timestamp,
        healthy: bool,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_duty().await?;
        let insert = query(
            "insert into health_changes (deployment_id, target, stage, at, healthy, reason)
             values ($1, $2, $3, $4, $5, $6)",
        );
        let insert = insert.text(key.deployment).text(&key.target).text(&key.stage).bind(at);
        transaction.execute(insert.bind(i64::from(healthy)).text(reason)).await?;
        let forget = query(
            "delete from health_changes
             where deployment_id = $1 and target = $2 and stage = $3 and at <= (
                 select at from health_changes
                 where deployment_id = $1 and target = $2 and stage = $3
                 order by at desc limit 1 offset $4
             )",
        );
        let forget = forget.text(key.deployment).text(&key.target).text(&key.stage).count(MOST_CHANGES);
        transaction.execute(forget).await?;
        transaction.commit().await
    }

    /// The newest changes of an environment, newest first.
    pub async fn health_changes(&self, environment: EnvironmentId) -> Result<Vec<HealthChange>, StoreError> {
        let select = query(
            "select h.target, h.stage, h.at, h.healthy, h.reason, p.name as project, d.number
             from health_changes h
             join deployments d on d.id = h.deployment_id
             join projects p on p.id = d.project_id
             where d.environment_id = $1
             order by h.at desc, h.target, h.stage
             limit $2",
        );
        let change = |row: &AnyRow| {
            let health = read(row)?;
            let row = Row::new(row, "health_changes", "at");
            Ok(HealthChange {
                target: Some(row.text("target")?).filter(|target| !target.is_empty()),
                deployment: format!("{}#{}", row.text("project")?, row.count("number")?),
                health,
            })
        };
        self.fetch_all(select.text(environment).bind(LISTED)).await?.iter().map(change).collect()
    }

    /// What is found now of what is live in the environments of a project, or of all: by environment and target,
    /// an empty one is the server.
    pub(super) async fn health_by_place(
        &self,
        project: Option<ProjectId>,
    ) -> Result<HashMap<(EnvironmentId, String), Vec<Health>>, StoreError> {
        let select = query(
            "select l.environment_id, l.target as place, h.stage, h.at, h.healthy, h.reason
             from live l
             join environments e on e.id = l.environment_id
             join health_changes h on h.deployment_id = l.deployment_id and (h.target = l.target or h.target = '')
             where ($1 = '' or e.project_id = $1) and h.at = (
                 select max(n.at) from health_changes n
                 where n.deployment_id = h.deployment_id and n.target = h.target and n.stage = h.stage
             )
             order by h.stage",
        );
        let mut found: HashMap<(EnvironmentId, String), Vec<Health>> = HashMap::new();
        for row in &self.fetch_all(select.text(super::environment::scope(project))).await? {
            let health = read(row)?;
            let row = Row::new(row, "health_changes", "at");
            found.entry((row.parse("environment_id")?, row.text("place")?)).or_default().push(health);
        }
        Ok(found)
    }
}

fn read(row: &AnyRow) -> Result<Health, StoreError> {
    let row = Row::new(row, "health_changes", "at");
    Ok(Health {
        stage: row.text("stage")?,
        healthy: row.count("healthy")? != 0,
        since: row.int("at")?,
        reason: row.text("reason")?,
    })
}
