//! What runs where: the release of the last deployment that passed its pivot there.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::EnvironmentId;
use windlass_api_types::project::Live;

impl Store {
    /// What runs in an environment, by target.
    pub async fn live(&self, environment: EnvironmentId) -> Result<Vec<Live>, StoreError> {
        let select = query(
            "select l.target, r.label as release_label, p.name as project, d.number, l.since
             from live l
             join releases r on r.id = l.release_id
             join deployments d on d.id = l.deployment_id
             join projects p on p.id = d.project_id
             where l.environment_id = $1
             order by l.target",
        );
        self.fetch_all(select.text(environment)).await?.iter().map(read).collect()
    }
}

pub(super) fn read(row: &AnyRow) -> Result<Live, StoreError> {
    let row = Row::new(row, "live", "target");
    let target = row.text("target")?;
    Ok(Live {
        target: Some(target).filter(|target| !target.is_empty()),
        release: row.text("release_label")?,
        deployment: format!("{}#{}", row.text("project")?, row.count("number")?),
        since: row.int("since")?,
        health: Vec::new(),
    })
}
