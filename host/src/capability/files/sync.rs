//! Filling a directory of a target from an artifact: from the store to the connection, never through the guest.

use super::unpack::{has_artifact, open, short};
use super::{check_owner, ssh_failure, wit};
use crate::capability::World;
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use crate::ssh::files;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use windlass_api_types::{Failure, RepeatPolicy};

#[derive(Serialize)]
pub(super) struct Sync {
    target: String,
    artifact: String,
    directory: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    delete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sudo: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Synced {
    pub(super) sent_bytes: u64,
    pub(super) removed: u64,
}

impl From<wit::SyncRequest> for Sync {
    fn from(request: wit::SyncRequest) -> Self {
        let wit::SyncRequest { target, artifact, directory, delete, owner, sudo } = request;
        Self { target, artifact, directory, delete, owner, sudo }
    }
}

impl Effect for Sync {
    const FUNCTION: &'static str = "files.sync";
    type World = World;
    type Answer = Synced;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        let what = if self.delete { "make" } else { "fill" };
        format!("{}: {what} {} from {}", self.target, self.directory, short(&self.artifact))
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        check_owner(self.owner.as_ref(), self.sudo)?;
        has_artifact(world, &self.artifact)
    }

    fn preview(&self, _: bool) -> Preview<Synced> {
        Preview::Invent(Synced { sent_bytes: 0, removed: 0 })
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Synced>> {
        let connection = world.ssh.connect(world.target(&self.target)?).await.map_err(ssh_failure)?;
        let (length, archive) = open(&world, &self.artifact).await?;
        let request = files::Unpack {
            digest: self.artifact,
            directory: self.directory,
            placement: files::Placement::Merge { delete: self.delete },
            owner: self.owner,
            length,
            sudo: self.sudo,
        };
        let unpacked = connection.unpack(&request, archive, &performance.cancel).await.map_err(ssh_failure)?;
        Ok(Synced { sent_bytes: unpacked.sent, removed: unpacked.removed }.into())
    }
}
