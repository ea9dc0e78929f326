//! Targets.

use super::error::Constraint;
use super::query::{Bind, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::target::Target;

const BOUND: Constraint =
    Constraint { postgres: "environment_targets_target_fkey", sqlite: "FOREIGN KEY constraint failed" };
const JUMP: Constraint = Constraint { postgres: "targets_jump_fkey", sqlite: "FOREIGN KEY constraint failed" };

impl Store {
    /// All targets, by name.
    pub async fn targets(&self) -> Result<Vec<Target>, StoreError> {
        let select = query(
            "select id, name, host, port, \"user\", host_key, fingerprint, identity, jump, created_at
             from targets order by name",
        );
        self.fetch_all(select).await?.iter().map(read).collect()
    }

    /// A target by its name.
    pub async fn target(&self, name: &str) -> Result<Option<Target>, StoreError> {
        let select = query(
            "select id, name, host, port, \"user\", host_key, fingerprint, identity, jump, created_at
             from targets where name = $1",
        );
        self.fetch_optional(select.text(name)).await?.as_ref().map(read).transpose()
    }

    /// Registers a target, or changes how the one of this name is reached. What is answered is what is
    /// stored: a known target keeps its id and its age.
    pub async fn put_target(&self, target: &Target) -> Result<Target, StoreError> {
        let upsert = query(
            "insert into targets (id, name, host, port, \"user\", host_key, fingerprint, identity, jump, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (name) do update set
                 host = excluded.host, port = excluded.port, \"user\" = excluded.\"user\",
                 host_key = excluded.host_key, fingerprint = excluded.fingerprint, identity = excluded.identity,
                 jump = excluded.jump
             returning id, name, host, port, \"user\", host_key, fingerprint, identity, jump, created_at",
        );
        let upsert = upsert
            .text(target.id)
            .text(&target.name)
            .text(&target.host)
            .bind(i64::from(target.port))
            .text(&target.user)
            .text(&target.host_key)
            .text(&target.fingerprint)
            .bind(document(&target.identity))
            .bind(target.jump.clone())
            .bind(target.created_at);
        let row = self.execute_returning(upsert).await.map_err(|error| match error.violates(&JUMP) {
            true => StoreError::Missing { what: "target", id: target.jump.clone().unwrap_or_default() },
            false => error,
        })?;
        read(&row.ok_or_else(|| StoreError::Missing { what: "target", id: target.name.clone() })?)
    }

    /// Forgets a target; answers whether there was one. Refused while an environment binds it or another
    /// target is reached through it.
    pub async fn delete_target(&self, name: &str) -> Result<bool, StoreError> {
        match self.execute(query("delete from targets where name = $1").text(name)).await {
            Ok(deleted) => Ok(deleted > 0),
            // SQLite does not say which reference it is.
            Err(error) if error.violates(&BOUND) || error.violates(&JUMP) => {
                let (target, targets) = (name.into(), self.reached_through(name).await?);
                Err(match targets.is_empty() {
                    false => StoreError::TargetIsJump { target, targets },
                    true => StoreError::TargetBound { target, environments: self.bound_by(name).await? },
                })
            }
            Err(error) => Err(error),
        }
    }

    /// The targets whose jump is this one, by name.
    async fn reached_through(&self, target: &str) -> Result<Vec<String>, StoreError> {
        let select = query("select name from targets where jump = $1 order by name");
        let rows = self.fetch_all(select.text(target)).await?;
        rows.iter().map(|row| Row::new(row, "targets", "name").text("name")).collect()
    }

    /// The environments that bind a target, as `shop/production`.
    async fn bound_by(&self, target: &str) -> Result<Vec<String>, StoreError> {
        let select = query(
            "select distinct p.name as project, e.name as environment
             from environment_targets b
             join targets t on t.id = b.target_id
             join environments e on e.id = b.environment_id
             join projects p on p.id = e.project_id
             where t.name = $1
             order by p.name, e.name",
        );
        let rows = self.fetch_all(select.text(target)).await?;
        rows.iter()
            .map(|row| {
                let row = Row::new(row, "environments", "environment");
                Ok(format!("{}/{}", row.text("project")?, row.text("environment")?))
            })
            .collect()
    }
}

fn read(row: &AnyRow) -> Result<Target, StoreError> {
    let row = Row::new(row, "targets", "id");
    let port = row.count("port")?;
    Ok(Target {
        id: row.parse("id")?,
        name: row.text("name")?,
        host: row.text("host")?,
        port: u16::try_from(port).map_err(|_| StoreError::Corrupt {
            table: "targets",
            id: row.text("id").unwrap_or_default(),
            reason: format!("port {port}"),
        })?,
        user: row.text("user")?,
        host_key: row.text("host_key")?,
        fingerprint: row.text("fingerprint")?,
        identity: row.json("identity")?,
        jump: row.optional_text("jump")?,
        created_at: row.int("created_at")?,
    })
}
