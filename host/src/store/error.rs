//! What can go wrong with the store, told apart by what the caller can do about it.

use sqlx::migrate::MigrateError;
use std::{io, path::PathBuf, sync::Arc};
use windlass_api_types::{CommandId, DeploymentId, ErrorKind, Failure};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, or cannot write. The same call may succeed later.
    #[error("{database} cannot be used: {source}")]
    Unavailable { database: Arc<str>, source: sqlx::Error },
    /// Another server owns the deployment now; nothing was written.
    #[error("deployment {deployment} is owned by another server now")]
    Fenced { deployment: DeploymentId },
    /// The record is not as long as its only writer believes; nothing was written.
    #[error("deployment {deployment} has {found} events where its writer knows of {expected}")]
    OutOfStep { deployment: DeploymentId, expected: u64, found: u64 },
    /// The command became an event before; nothing was written.
    #[error("command {command} was taken already")]
    CommandTaken { command: CommandId },
    #[error("{database} has schema {found}, this windlass knows schemas up to {known}")]
    NewerSchema { database: Arc<str>, found: i64, known: i64 },
    #[error("{database} could not be migrated: {source}")]
    Migration { database: Arc<str>, source: Box<MigrateError> },
    #[error("`{url}` is no database URL: {source}")]
    DatabaseUrl { url: String, source: sqlx::Error },
    #[error("there is no {what} {id}")]
    Missing { what: &'static str, id: String },
    #[error("a target that the environment names is not registered")]
    UnknownTarget,
    #[error("target `{target}` is bound to {}", .environments.join(", "))]
    TargetBound { target: String, environments: Vec<String> },
    #[error("target `{target}` is the jump through which {} {} reached", .targets.join(", "), if .targets.len() == 1 { "is" } else { "are" })]
    TargetIsJump { target: String, targets: Vec<String> },
    #[error("there is a {what} `{name}` already")]
    NameTaken { what: &'static str, name: String },
    #[error("an artifact of the release is not stored: {digest}")]
    UnknownArtifact { digest: String },
    #[error("a text holds a NUL character, which cannot be stored")]
    NulCharacter,
    /// A constraint refused the row, and no caller expected it to.
    #[error("the database refused a row: {source}")]
    Constraint { source: sqlx::Error },
    #[error("{table} `{id}` is damaged: {reason}")]
    Corrupt { table: &'static str, id: String, reason: String },
    #[error("cannot {action} {}: {source}", .path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// What was to be stored could not be read to its end.
    #[error("the data broke off: {source}")]
    BrokenOff { source: io::Error },
    /// A statement failed for a reason that no caller can mend.
    #[error("a statement failed on {database}: {source}")]
    Statement { database: Arc<str>, source: sqlx::Error },
}

/// PostgreSQL's `character_not_in_repertoire`; the driver sends UTF-8, so that only NUL is left.
const NUL_CHARACTER: &str = "22021";

/// A constraint by its two names: PostgreSQL says the constraint, SQLite the columns.
pub(super) struct Constraint {
    pub(super) postgres: &'static str,
    pub(super) sqlite: &'static str,
}

impl StoreError {
    /// Sorts an error of the driver in.
    pub(super) fn from_sqlx(database: &Arc<str>, source: sqlx::Error) -> Self {
        let database = database.clone();
        let Some(error) = source.as_database_error() else {
            return match source {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed => Self::Unavailable { database, source },
                source => Self::Statement { database, source },
            };
        };
        if error.is_unique_violation() || error.is_foreign_key_violation() {
            return Self::Constraint { source };
        }
        match error.code().as_deref() {
            Some(NUL_CHARACTER) => Self::NulCharacter,
            Some(code) if may_pass(code) => Self::Unavailable { database, source },
            _ => Self::Statement { database, source },
        }
    }

    /// Whether it is that constraint which refused the row.
    pub(super) fn violates(&self, constraint: &Constraint) -> bool {
        let Self::Constraint { source } = self else { return false };
        let Some(error) = source.as_database_error() else { return false };
        match error.constraint() {
            Some(name) => name == constraint.postgres,
            None => error.message().contains(constraint.sqlite),
        }
    }

    /// Whether the same call may succeed later without anyone changing the call.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// The form in which events and the API carry it.
    pub fn failure(&self) -> Failure {
        use ErrorKind::*;
        let (kind, code) = match self {
            Self::Unavailable { .. } => (Unreachable, "database-unavailable"),
            Self::Fenced { .. } => (Conflict, "fenced"),
            Self::OutOfStep { .. } => (Conflict, "out-of-step"),
            Self::CommandTaken { .. } => (Conflict, "command-taken"),
            Self::NewerSchema { .. } => (Unsupported, "newer-schema"),
            Self::Migration { .. } => (Internal, "migration-failed"),
            Self::DatabaseUrl { .. } => (InvalidInput, "invalid-database-url"),
            Self::Missing { .. } => (NotFound, "not-found"),
            Self::UnknownTarget => (NotFound, "unknown-target"),
            Self::TargetBound { .. } => (Conflict, "target-bound"),
            Self::TargetIsJump { .. } => (Conflict, "target-is-jump"),
            Self::NameTaken { .. } => (Conflict, "name-taken"),
            Self::UnknownArtifact { .. } => (NotFound, "unknown-artifact"),
            Self::NulCharacter => (InvalidInput, "nul-character"),
            Self::Constraint { .. } => (Internal, "constraint"),
            Self::Corrupt { .. } => (Internal, "damaged-row"),
            Self::File { .. } => (Failed, "data-directory"),
            Self::BrokenOff { .. } => (Failed, "broken-off"),
            Self::Statement { .. } => (Internal, "statement-failed"),
        };
        let failure = Failure::new(kind, code, self.to_string());
        let failure = match self.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        };
        match self.is_unavailable() {
            true => failure.retryable(),
            false => failure,
        }
    }

    /// What to do next.
    fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unavailable { database, .. } if database.starts_with("SQLite") => {
                "see that its disk has space left and that windlass may write there; it goes on by itself then"
            }
            Self::Unavailable { .. } => {
                "see that the database server runs and accepts this connection; windlass goes on by itself then"
            }
            Self::Fenced { .. } => "look at the deployment again; the other server goes on with it",
            Self::NewerSchema { .. } => "start the newer windlass again, or restore a backup made before it",
            Self::Migration { .. } => "report this; nothing was changed by the migration that failed",
            Self::DatabaseUrl { .. } => "write it as postgres://user:password@host:5432/database",
            Self::UnknownTarget => "register it: windlass target add NAME USER@HOST",
            Self::TargetBound { .. } => "take it out of those environments and push their configuration first",
            Self::TargetIsJump { .. } => {
                "give those another jump, or none, with `windlass target add`, or remove them first"
            }
            Self::NulCharacter => "take the NUL character out",
            Self::UnknownArtifact { .. } => "upload the artifact again",
            Self::Corrupt { .. } => "restore a backup, and report this",
            Self::File { .. } => "see that the directory exists, has space left and belongs to windlass' user",
            Self::BrokenOff { .. } => "send it again",
            _ => return None,
        })
    }
}

/// Whether a database's error code tells of a state that passes, or that an administrator mends:
/// five characters are an SQLSTATE, fewer are SQLite's extended result code.
fn may_pass(code: &str) -> bool {
    if code.len() == 5 {
        // Connection, resources, operator intervention, system, rolled back, authorization, no database.
        return ["08", "53", "57", "58", "40", "28", "3D"].iter().any(|class| code.starts_with(class));
    }
    // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN are in the low byte.
    code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_passing_states_from_wrong_statements() {
        for code in ["57P01", "53300", "08006", "40P01", "5", "13", "522", "778", "14"] {
            assert!(may_pass(code), "{code}");
        }
        for code in ["42601", "22021", "1", "11", "2067", "26"] {
            assert!(!may_pass(code), "{code}");
        }
    }
}
