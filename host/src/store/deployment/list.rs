//! Lists of deployments, newest first.

use super::{from_deployments, read_summary, select_summaries};
use crate::store::environment::scope;
use crate::store::query::{Bind, query};
use crate::store::{Store, StoreError};
use std::collections::HashMap;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::{DeploymentId, DeploymentStatus, EnvironmentId, ProjectId};

/// Which deployments a list shows.
#[derive(Clone, Debug, Default)]
pub struct DeploymentFilter {
    /// The project's name.
    pub project: Option<String>,
    /// The environment's name; of every project where none is named.
    pub environment: Option<String>,
    pub status: Option<DeploymentStatus>,
    /// Only older ones than this.
    pub before: Option<DeploymentId>,
    pub limit: u32,
}

/// One statement per sort of filter, so that each has its index: `$1` is the id before which the page
/// begins, `$2` its length.
macro_rules! page {
    ($where:literal) => {
        concat!(select_summaries!(), from_deployments!(), "where d.id < $1", $where, " order by d.id desc limit $2")
    };
}

impl Store {
    /// A page of deployments, newest first.
    pub async fn deployments(&self, filter: &DeploymentFilter) -> Result<Vec<DeploymentSummary>, StoreError> {
        let status = filter.status.map(DeploymentStatus::as_str);
        let (sql, arguments) = match (filter.project.as_deref(), filter.environment.as_deref(), status) {
            (None, None, None) => (page!(""), vec![]),
            (None, None, Some(status)) => (page!(" and d.status = $3"), vec![status]),
            (Some(project), None, None) => {
                (page!(" and d.project_id = (select id from projects where name = $3)"), vec![project])
            }
            (Some(project), None, Some(status)) => (
                page!(" and d.project_id = (select id from projects where name = $3) and d.status = $4"),
                vec![project, status],
            ),
            (Some(project), Some(environment), None) => (
                page!(
                    " and d.environment_id = (
                          select x.id from environments x join projects y on y.id = x.project_id
                          where y.name = $3 and x.name = $4)"
                ),
                vec![project, environment],
            ),
            (Some(project), Some(environment), Some(status)) => (
                page!(
                    " and d.environment_id = (
                          select x.id from environments x join projects y on y.id = x.project_id
                          where y.name = $3 and x.name = $4) and d.status = $5"
                ),
                vec![project, environment, status],
            ),
            (None, Some(environment), None) => (page!(" and e.name = $3"), vec![environment]),
            (None, Some(environment), Some(status)) => {
                (page!(" and e.name = $3 and d.status = $4"), vec![environment, status])
            }
        };
        let before = filter.before.unwrap_or(DeploymentId(uuid::Uuid::max()));
        let mut select = query(sql).text(before).bind(i64::from(filter.limit));
        for argument in arguments {
            select = select.text(argument);
        }
        self.fetch_all(select).await?.iter().map(read_summary).collect()
    }

    /// The newest deployment of each environment of a project, or of all.
    pub(in crate::store) async fn latest_deployments(
        &self,
        project: Option<ProjectId>,
    ) -> Result<HashMap<EnvironmentId, DeploymentSummary>, StoreError> {
        let select = query(concat!(
            select_summaries!(", e.id as environment_id"),
            from_deployments!(),
            "where ($1 = '' or e.project_id = $1)
                 and d.id = (select max(x.id) from deployments x where x.environment_id = e.id)"
        ));
        let rows = self.fetch_all(select.text(scope(project))).await?;
        rows.iter()
            .map(|row| {
                let environment = crate::store::row::Row::new(row, "deployments", "id").parse("environment_id")?;
                Ok((environment, read_summary(row)?))
            })
            .collect()
    }
}
