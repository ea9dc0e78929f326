//! Commands: what somebody wishes of a deployment. Whoever is asked writes a row; only the server that
//! runs the deployment makes an event of it, and in that event's transaction the row goes.

use super::query::{Bind, Dialects, Transaction, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use windlass_api_types::{CommandId, DeploymentId, ServerId, Timestamp};

/// What is wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    Cancel,
    /// How a stage run that was interrupted goes on.
    Resolve,
    Approve,
    Reject,
}

/// A wish to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCommand {
    pub deployment: DeploymentId,
    pub kind: CommandKind,
    /// What there is to say beyond its kind.
    pub data: Value,
    /// Who wishes it.
    pub by: String,
    pub now: Timestamp,
}

/// A wish that is no event yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Later ones are greater.
    pub id: CommandId,
    pub deployment: DeploymentId,
    pub kind: CommandKind,
    pub data: Value,
    pub by: String,
    pub created_at: Timestamp,
}

/// The deployment's row is locked, so that no command outlives the last event.
const SEND: Dialects = Dialects { sqlite: send!(""), postgres: send!(" for share") };

macro_rules! send {
    ($lock:literal) => {
        concat!(
            "insert into commands (id, deployment_id, kind, data, actor, created_at)
             select $1, id, $3, $4, $5, $6 from deployments
             where id = $2 and status in ('queued', 'running', 'waiting', 'interrupted')",
            $lock
        )
    };
}
use send;

impl Store {
    /// Stores a command. None: there is no such deployment, or it has ended.
    pub async fn send_command(&self, new: &NewCommand) -> Result<Option<CommandId>, StoreError> {
        let id = CommandId::new();
        let insert = query(self.dialect(SEND)).text(id).text(new.deployment).text(new.kind);
        let insert = insert.bind(document(&new.data)).text(&new.by).bind(new.now);
        Ok((self.execute(insert).await? > 0).then_some(id))
    }

    /// The commands of unfinished deployments that a server owns, in the order in which they were sent.
    pub async fn commands_for(&self, owner: ServerId) -> Result<Vec<Command>, StoreError> {
        let select = query(
            "select c.id, c.deployment_id, c.kind, c.data, c.actor, c.created_at
             from deployments d join commands c on c.deployment_id = d.id
             where d.status in ('queued', 'running', 'waiting', 'interrupted') and d.owner = $1
             order by c.id",
        );
        let rows = self.fetch_all(select.text(owner)).await?;
        rows.iter().map(|row| read(&Row::new(row, "commands", "id"))).collect()
    }

    /// The commands of one deployment, whoever owns it.
    pub async fn commands_of(&self, deployment: DeploymentId) -> Result<Vec<Command>, StoreError> {
        let select = query(
            "select id, deployment_id, kind, data, actor, created_at from commands where deployment_id = $1 order by id",
        );
        let rows = self.fetch_all(select.text(deployment)).await?;
        rows.iter().map(|row| read(&Row::new(row, "commands", "id"))).collect()
    }

    /// Drops a command that can become no event any more, such as the answer to a question that is no longer
    /// asked. False: it was gone.
    pub async fn discard_command(&self, command: CommandId) -> Result<bool, StoreError> {
        Ok(self.execute(query("delete from commands where id = $1").text(command)).await? > 0)
    }
}

/// Takes a command in the transaction of the event that it becomes.
pub(super) async fn take(
    transaction: &mut Transaction,
    deployment: DeploymentId,
    command: CommandId,
) -> Result<(), StoreError> {
    let delete = query("delete from commands where id = $1 and deployment_id = $2").text(command).text(deployment);
    match transaction.execute(delete).await? {
        0 => Err(StoreError::CommandTaken { command }),
        _ => Ok(()),
    }
}

/// Forgets the commands of a deployment with its last event.
pub(super) async fn forget(transaction: &mut Transaction, deployment: DeploymentId) -> Result<(), StoreError> {
    transaction.execute(query("delete from commands where deployment_id = $1").text(deployment)).await.map(drop)
}

fn read(row: &Row<'_>) -> Result<Command, StoreError> {
    Ok(Command {
        id: row.parse("id")?,
        deployment: row.parse("deployment_id")?,
        kind: row.parse("kind")?,
        data: row.json("data")?,
        by: row.text("actor")?,
        created_at: row.int("created_at")?,
    })
}

impl CommandKind {
    const ALL: [Self; 4] = [Self::Cancel, Self::Resolve, Self::Approve, Self::Reject];

    /// The word that the table holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Resolve => "resolve",
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CommandKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| format!("`{text}` is no command"))
    }
}
