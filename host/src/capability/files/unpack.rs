//! Sending an artifact to a target: from the store to the connection, never through the guest.

use super::{ssh_failure, wit};
use crate::capability::World;
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use crate::ssh::files;
use crate::store::BlobReader;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

#[derive(Serialize)]
pub(super) struct Unpack {
    target: String,
    artifact: String,
    directory: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sudo: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Unpacked {
    pub(super) sent_bytes: u64,
}

impl From<wit::UnpackRequest> for Unpack {
    fn from(request: wit::UnpackRequest) -> Self {
        Self { target: request.target, artifact: request.artifact, directory: request.directory, sudo: request.sudo }
    }
}

impl Effect for Unpack {
    const FUNCTION: &'static str = "files.unpack";
    type World = World;
    type Answer = Unpacked;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("{}: unpack {} into {}", self.target, short(&self.artifact), self.directory)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        has_artifact(world, &self.artifact)
    }

    fn preview(&self, _: bool) -> Preview<Unpacked> {
        Preview::Invent(Unpacked { sent_bytes: 0 })
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Unpacked>> {
        let connection = world.ssh.connect(world.target(&self.target)?).await.map_err(ssh_failure)?;
        let (length, archive) = open(&world, &self.artifact).await?;
        let request = files::Unpack {
            digest: self.artifact,
            directory: self.directory,
            placement: files::Placement::Replace,
            owner: None,
            length,
            sudo: self.sudo,
        };
        let unpacked = connection.unpack(&request, archive, &performance.cancel).await.map_err(ssh_failure)?;
        Ok(Unpacked { sent_bytes: unpacked.sent }.into())
    }
}

/// Refuses a digest that the release does not carry.
pub(super) fn has_artifact(world: &World, digest: &str) -> Result<(), Failure> {
    match world.artifacts.iter().any(|artifact| artifact.digest == digest) {
        true => Ok(()),
        false => Err(no_artifact(digest)),
    }
}

/// An artifact's length in bytes, and the artifact.
pub(super) async fn open(world: &World, digest: &str) -> Result<(u64, BlobReader), Failure> {
    let blob = world.store.blob(digest).await.map_err(|error| error.failure())?;
    let archive = world.store.open_blob(digest).await.map_err(|error| error.failure())?;
    match (blob, archive) {
        (Some(blob), Some(archive)) => Ok((blob.size, archive)),
        _ => Err(no_artifact(digest)),
    }
}

/// The failure where the release does not carry a digest.
pub(in crate::capability) fn no_artifact(digest: &str) -> Failure {
    let message = format!("the release has no artifact {}", short(digest));
    Failure::new(ErrorKind::NotFound, "no-such-artifact", message)
        .hint("name one of `artifacts.list`; deploy with a path: windlass deploy ./app --to ENVIRONMENT")
}

/// A digest as people write it.
pub(super) fn short(digest: &str) -> &str {
    let hex = digest.trim_start_matches("sha256:");
    hex.get(..12).unwrap_or(hex)
}
