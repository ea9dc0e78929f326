//! Projects.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::project::Project;
use windlass_api_types::{ProjectId, Timestamp};

impl Store {
    /// The number that the next deployment of a project gets, if nobody else makes one before; 1 where
    /// there is no such project.
    pub async fn next_number(&self, project: &str) -> Result<u64, StoreError> {
        let select = query("select last_number from projects where name = $1").text(project);
        let row = self.fetch_optional(select).await?;
        let last = row.map(|row| Row::new(&row, "projects", "last_number").count("last_number")).transpose()?;
        Ok(last.unwrap_or(0) + 1)
    }

    /// All projects with their environments, by name.
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        let rows = self.fetch_all(query("select id, name, config, created_at from projects order by name")).await?;
        let mut environments = self.environments_by_project(None).await?;
        rows.iter()
            .map(|row| {
                let mut project = read(row)?;
                project.environments = environments.remove(&project.id).unwrap_or_default();
                Ok(project)
            })
            .collect()
    }

    /// A project with its environments.
    pub async fn project(&self, name: &str) -> Result<Option<Project>, StoreError> {
        let select = query("select id, name, config, created_at from projects where name = $1").text(name);
        let Some(row) = self.fetch_optional(select).await? else { return Ok(None) };
        let mut project = read(&row)?;
        let mut environments = self.environments_by_project(Some(project.id)).await?;
        project.environments = environments.remove(&project.id).unwrap_or_default();
        Ok(Some(project))
    }

    /// Makes a project, or gives the one of this name another configuration.
    pub async fn upsert_project(&self, name: &str, config: &str, now: Timestamp) -> Result<ProjectId, StoreError> {
        // Most deployments bring the configuration that is there: no row is taken for it.
        let same = query("select id from projects where name = $1 and config = $2").text(name).text(config);
        if let Some(row) = self.fetch_optional(same).await? {
            return Row::new(&row, "projects", "id").parse("id");
        }
        let upsert = query(
            "insert into projects (id, name, config, created_at) values ($1, $2, $3, $4)
             on conflict (name) do update set config = excluded.config
             returning id",
        );
        let upsert = upsert.text(ProjectId::new()).text(name).text(config).bind(now);
        let row = self.execute_returning(upsert).await?;
        let row = row.ok_or_else(|| StoreError::Missing { what: "project", id: name.into() })?;
        Row::new(&row, "projects", "id").parse("id")
    }
}

fn read(row: &AnyRow) -> Result<Project, StoreError> {
    let row = Row::new(row, "projects", "id");
    Ok(Project {
        id: row.parse("id")?,
        name: row.text("name")?,
        config: row.text("config")?,
        created_at: row.int("created_at")?,
        environments: Vec::new(),
    })
}
