//! Environments and the targets bound to them.

use super::error::Constraint;
use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use std::collections::{BTreeMap, HashMap};
use windlass_api_types::project::{Environment, Live};
use windlass_api_types::{EnvironmentId, ProjectId, TargetId};

const TARGET_EXISTS: Constraint =
    Constraint { postgres: "environment_targets_target_fkey", sqlite: "FOREIGN KEY constraint failed" };

impl Store {
    /// An environment of a project, with what runs there.
    pub async fn environment(&self, project: ProjectId, name: &str) -> Result<Option<Environment>, StoreError> {
        let mut environments = self.environments_by_project(Some(project)).await?;
        let environments = environments.remove(&project).unwrap_or_default();
        Ok(environments.into_iter().find(|environment| environment.name == name))
    }

    /// Makes an environment, or binds other targets to the one of this name. `targets` replaces all
    /// bindings; the order within a group is kept.
    pub async fn upsert_environment(
        &self,
        project: ProjectId,
        name: &str,
        targets: &BTreeMap<String, Vec<TargetId>>,
    ) -> Result<EnvironmentId, StoreError> {
        let mut transaction = self.begin().await?;
        // The update changes nothing; it makes the statement answer the id in either case.
        let upsert = query(
            "insert into environments (id, project_id, name) values ($1, $2, $3)
             on conflict (project_id, name) do update set name = excluded.name
             returning id",
        );
        let upsert = upsert.text(EnvironmentId::new()).text(project).text(name);
        let row = transaction.fetch_optional(upsert).await?;
        let row = row.ok_or_else(|| StoreError::Missing { what: "environment", id: name.into() })?;
        let id: EnvironmentId = Row::new(&row, "environments", "id").parse("id")?;
        transaction.execute(query("delete from environment_targets where environment_id = $1").text(id)).await?;
        for (group, targets) in targets {
            for (position, target) in targets.iter().enumerate() {
                let bind = query(
                    "insert into environment_targets (environment_id, target_group, position, target_id)
                     values ($1, $2, $3, $4)",
                );
                let bind = bind.text(id).text(group).count(position as u64).text(target);
                transaction.execute(bind).await.map_err(|error| match error.violates(&TARGET_EXISTS) {
                    true => StoreError::UnknownTarget,
                    false => error,
                })?;
            }
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// The environments of one project, or of all, by project and in the order of their names. A fixed
    /// number of statements however many there are.
    pub(super) async fn environments_by_project(
        &self,
        project: Option<ProjectId>,
    ) -> Result<HashMap<ProjectId, Vec<Environment>>, StoreError> {
        let mut targets = self.bindings(project).await?;
        let mut live = self.live_by_environment(project).await?;
        let mut latest = self.latest_deployments(project).await?;
        let select =
            query("select id, project_id, name from environments where ($1 = '' or project_id = $1) order by name");
        let mut environments: HashMap<ProjectId, Vec<Environment>> = HashMap::new();
        for row in &self.fetch_all(select.text(scope(project))).await? {
            let row = Row::new(row, "environments", "id");
            let id: EnvironmentId = row.parse("id")?;
            let environment = Environment {
                id,
                name: row.text("name")?,
                targets: targets.remove(&id).unwrap_or_default(),
                live: live.remove(&id).unwrap_or_default(),
                latest: latest.remove(&id),
            };
            environments.entry(row.parse("project_id")?).or_default().push(environment);
        }
        Ok(environments)
    }

    /// Names of the bound targets by environment and group.
    async fn bindings(
        &self,
        project: Option<ProjectId>,
    ) -> Result<HashMap<EnvironmentId, BTreeMap<String, Vec<String>>>, StoreError> {
        let select = query(
            "select b.environment_id, b.target_group, t.name
             from environment_targets b
             join environments e on e.id = b.environment_id
             join targets t on t.id = b.target_id
             where ($1 = '' or e.project_id = $1)
             order by b.environment_id, b.target_group, b.position",
        );
        let mut bindings: HashMap<EnvironmentId, BTreeMap<String, Vec<String>>> = HashMap::new();
        for row in &self.fetch_all(select.text(scope(project))).await? {
            let row = Row::new(row, "environment_targets", "environment_id");
            let groups = bindings.entry(row.parse("environment_id")?).or_default();
            groups.entry(row.text("target_group")?).or_default().push(row.text("name")?);
        }
        Ok(bindings)
    }

    /// What runs where, by environment.
    async fn live_by_environment(
        &self,
        project: Option<ProjectId>,
    ) -> Result<HashMap<EnvironmentId, Vec<Live>>, StoreError> {
        let select = query(
            "select l.environment_id, l.target, r.label as release_label, p.name as project, d.number, l.since
             from live l
             join environments e on e.id = l.environment_id
             join projects p on p.id = e.project_id
             join releases r on r.id = l.release_id
             join deployments d on d.id = l.deployment_id
             where ($1 = '' or e.project_id = $1)
             order by l.target",
        );
        let mut live: HashMap<EnvironmentId, Vec<Live>> = HashMap::new();
        let mut health = self.health_by_place(project).await?;
        for row in &self.fetch_all(select.text(scope(project))).await? {
            let mut entry = super::live::read(row)?;
            let row = Row::new(row, "live", "environment_id");
            let environment = row.parse("environment_id")?;
            entry.health = health.remove(&(environment, row.text("target")?)).unwrap_or_default();
            live.entry(environment).or_default().push(entry);
        }
        Ok(live)
    }
}

/// A project's id as the statements above take it; empty: all.
pub(super) fn scope(project: Option<ProjectId>) -> String {
    project.map(|id| id.to_string()).unwrap_or_default()
}
