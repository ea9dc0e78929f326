//! Pipeline revisions: resolved pipelines, immutable.

use super::query::{Bind, Query, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use serde_json::Value;
use sqlx::any::AnyRow;
use windlass_api_types::pipeline::PipelineRevision;
use windlass_api_types::{PipelineRevisionId, ProjectId, Timestamp};

impl Store {
    /// Stores a resolved pipeline unless the project has one with this digest, and answers the stored one.
    pub async fn put_pipeline_revision(
        &self,
        project: ProjectId,
        digest: &str,
        template: Option<&str>,
        definition: &Value,
        now: Timestamp,
    ) -> Result<PipelineRevision, StoreError> {
        if let Some(row) = self.fetch_optional(by_digest(project, digest)).await? {
            return read(&row);
        }
        let mut transaction = self.begin().await?;
        let raise =
            query("update projects set last_revision = last_revision + 1 where id = $1 returning last_revision");
        let raised = transaction.fetch_optional(raise.text(project)).await?;
        let raised = raised.ok_or_else(|| StoreError::Missing { what: "project", id: project.to_string() })?;
        let number = Row::new(&raised, "projects", "last_revision").count("last_revision")?;
        let insert = query(
            "insert into pipeline_revisions (id, project_id, number, digest, template, definition, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (project_id, digest) do nothing
             returning id, number, template, definition, created_at",
        );
        let insert = insert
            .text(PipelineRevisionId::new())
            .text(project)
            .count(number)
            .text(digest)
            .optional_text(template)
            .bind(document(definition))
            .bind(now);
        if let Some(row) = transaction.fetch_optional(insert).await? {
            let revision = read(&row)?;
            transaction.commit().await?;
            return Ok(revision);
        }
        // Somebody else stored the same one since we looked: the number goes back.
        transaction.rollback().await?;
        let row = self.fetch_optional(by_digest(project, digest)).await?;
        read(&row.ok_or_else(|| StoreError::Missing { what: "pipeline revision", id: digest.into() })?)
    }

    /// A pipeline revision.
    pub async fn pipeline_revision(&self, id: PipelineRevisionId) -> Result<Option<PipelineRevision>, StoreError> {
        let select = query("select id, number, template, definition, created_at from pipeline_revisions where id = $1");
        self.fetch_optional(select.text(id)).await?.as_ref().map(read).transpose()
    }
}

fn by_digest(project: ProjectId, digest: &str) -> Query {
    let select = query(
        "select id, number, template, definition, created_at from pipeline_revisions
         where project_id = $1 and digest = $2",
    );
    select.text(project).text(digest)
}

fn read(row: &AnyRow) -> Result<PipelineRevision, StoreError> {
    let row = Row::new(row, "pipeline_revisions", "id");
    Ok(PipelineRevision {
        id: row.parse("id")?,
        number: row.count("number")?,
        created_at: row.int("created_at")?,
        template: row.optional_text("template")?,
        definition: row.json("definition")?,
    })
}
