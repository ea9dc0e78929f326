//! Releases: what is delivered.

use super::error::Constraint;
use super::query::{Bind, Transaction, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap};
use windlass_api_types::deployment::{Artifact, Commit, Release};
use windlass_api_types::{EnvironmentId, PipelineRevisionId, ProjectId, ReleaseId, Timestamp};

const ARTIFACT_STORED: Constraint =
    Constraint { postgres: "release_artifacts_blob_fkey", sqlite: "FOREIGN KEY constraint failed" };

/// What a new release consists of. Its label is made of `now`.
#[derive(Clone, Debug)]
pub struct NewRelease {
    pub now: Timestamp,
    pub artifacts: Vec<Artifact>,
    pub pipeline_revision: PipelineRevisionId,
    /// Digests of the plugins by `name@version`.
    pub plugins: BTreeMap<String, String>,
    pub commit: Option<Commit>,
}

impl Store {
    /// Makes a release. Its label is the second of `now` in UTC, with `-2`, `-3` … where the project
    /// has one of that second already.
    pub async fn create_release(&self, project: ProjectId, new: NewRelease) -> Result<Release, StoreError> {
        let mut transaction = self.begin().await?;
        let mut release = Release {
            id: ReleaseId::new(),
            label: String::new(),
            artifacts: new.artifacts,
            pipeline_revision: new.pipeline_revision,
            plugins: new.plugins,
            commit: new.commit,
            created_at: new.now,
        };
        let second = release_label(new.now);
        for count in 1 + made_in(&mut transaction, project, &second).await?.. {
            release.label = match count {
                1 => second.clone(),
                count => format!("{second}-{count}"),
            };
            if insert(&mut transaction, project, &release).await? {
                break;
            }
        }
        for artifact in &release.artifacts {
            let insert =
                query("insert into release_artifacts (release_id, name, digest, size) values ($1, $2, $3, $4)");
            let insert = insert.text(release.id).text(&artifact.name).text(&artifact.digest).count(artifact.size);
            transaction.execute(insert).await.map_err(|error| match error.violates(&ARTIFACT_STORED) {
                true => StoreError::UnknownArtifact { digest: artifact.digest.clone() },
                false => error,
            })?;
        }
        transaction.commit().await?;
        Ok(release)
    }

    /// A release of a project by its label.
    pub async fn release(&self, project: ProjectId, label: &str) -> Result<Option<Release>, StoreError> {
        let select = query(
            "select id, label, pipeline_revision_id, plugins, \"commit\", created_at
             from releases where project_id = $1 and label = $2",
        );
        self.one_release(self.fetch_optional(select.text(project).text(label)).await?).await
    }

    /// A release by its id.
    pub async fn release_by_id(&self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        let select = query(
            "select id, label, pipeline_revision_id, plugins, \"commit\", created_at from releases where id = $1",
        );
        self.one_release(self.fetch_optional(select.text(id)).await?).await
    }

    /// The newest releases of a project, newest first.
    pub async fn releases(&self, project: ProjectId, limit: u32) -> Result<Vec<Release>, StoreError> {
        let select = query(
            "select id, label, pipeline_revision_id, plugins, \"commit\", created_at
             from releases where project_id = $1 order by id desc limit $2",
        );
        let rows = self.fetch_all(select.text(project).bind(i64::from(limit))).await?;
        let mut artifacts = self.artifacts_of_newest(project, limit).await?;
        rows.iter()
            .map(|row| {
                let mut release = read(row)?;
                release.artifacts = artifacts.remove(&release.id).unwrap_or_default();
                Ok(release)
            })
            .collect()
    }

    /// The release that was live in an environment before the one that is live now.
    pub async fn previous_release(&self, environment: EnvironmentId) -> Result<Option<Release>, StoreError> {
        let select = query(
            "select r.id, r.label, r.pipeline_revision_id, r.plugins, r.\"commit\", r.created_at
             from deployments d
             join releases r on r.id = d.release_id
             where d.environment_id = $1 and d.activated_at is not null
                 and d.release_id <> (
                     select l.release_id from live l where l.environment_id = $1
                     order by l.since desc, l.deployment_id desc limit 1)
             order by d.activated_at desc, d.id desc
             limit 1",
        );
        self.one_release(self.fetch_optional(select.text(environment)).await?).await
    }

    async fn one_release(&self, row: Option<AnyRow>) -> Result<Option<Release>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let mut release = read(&row)?;
        let select = query("select name, digest, size from release_artifacts where release_id = $1 order by name");
        let rows = self.fetch_all(select.text(release.id)).await?;
        release.artifacts = rows.iter().map(read_artifact).collect::<Result<_, _>>()?;
        Ok(Some(release))
    }

    /// The artifacts of as many of the newest releases.
    async fn artifacts_of_newest(
        &self,
        project: ProjectId,
        limit: u32,
    ) -> Result<HashMap<ReleaseId, Vec<Artifact>>, StoreError> {
        let select = query(
            "select a.release_id, a.name, a.digest, a.size
             from release_artifacts a
             join (select id from releases where project_id = $1 order by id desc limit $2) r on r.id = a.release_id
             order by a.name",
        );
        let mut artifacts: HashMap<ReleaseId, Vec<Artifact>> = HashMap::new();
        for row in &self.fetch_all(select.text(project).bind(i64::from(limit))).await? {
            let release = Row::new(row, "release_artifacts", "name").parse("release_id")?;
            artifacts.entry(release).or_default().push(read_artifact(row)?);
        }
        Ok(artifacts)
    }
}

/// A release without its artifacts.
fn read(row: &AnyRow) -> Result<Release, StoreError> {
    let row = Row::new(row, "releases", "id");
    Ok(Release {
        id: row.parse("id")?,
        label: row.text("label")?,
        artifacts: Vec::new(),
        pipeline_revision: row.parse("pipeline_revision_id")?,
        plugins: row.json("plugins")?,
        commit: row.optional_json("commit")?,
        created_at: row.int("created_at")?,
    })
}

fn read_artifact(row: &AnyRow) -> Result<Artifact, StoreError> {
    let row = Row::new(row, "release_artifacts", "name");
    Ok(Artifact { name: row.text("name")?, digest: row.text("digest")?, size: row.count("size")? })
}

/// How many releases a project has of one second, so that a label is found at once however many that is. Others
/// who make one wait until this transaction ends.
async fn made_in(transaction: &mut Transaction, project: ProjectId, second: &str) -> Result<u64, StoreError> {
    // It changes nothing but takes the row.
    let lock = query("update projects set last_number = last_number where id = $1").text(project);
    transaction.execute(lock).await?;
    // `-` is before `.`.
    let select = query(
        "select 'releases' as id, count(*) as made from releases
         where project_id = $1 and label >= $2 and label < $2 || '.'",
    );
    let row = transaction.fetch_optional(select.text(project).text(second)).await?;
    row.map_or(Ok(0), |row| Row::new(&row, "releases", "id").count("made"))
}

/// Answers false where the project has a release of that label.
async fn insert(transaction: &mut Transaction, project: ProjectId, release: &Release) -> Result<bool, StoreError> {
    let insert = query(
        "insert into releases (id, project_id, label, pipeline_revision_id, plugins, \"commit\", created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (project_id, label) do nothing",
    );
    let insert = insert
        .text(release.id)
        .text(project)
        .text(&release.label)
        .text(release.pipeline_revision)
        .bind(document(&release.plugins))
        .bind(release.commit.as_ref().map(document))
        .bind(release.created_at);
    Ok(transaction.execute(insert).await? > 0)
}

/// The label of a release made now, unless another was made in the same second: `20260305-143022`.
pub fn release_label(now: Timestamp) -> String {
    // A clock that is out of jiff's range is read as its limit: labels need to be unique, not right.
    let now = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::MAX);
    now.strftime("%Y%m%d-%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_are_seconds_in_utc() {
        assert_eq!(super::release_label(1_772_721_022_999), "20260305-143022");
    }
}
