//! `windlass:files`: files on a target.

use super::segment::{self, Segment};
use super::ssh_exec::ssh_failure;
use super::wit::windlass::{files::files as wit, types::types::Error};
use super::{Capabilities, World, bytes::Bytes};
use crate::journal::{Answered, Effect, Performance, Performed, Preview};
use crate::ssh::files::WriteFile;
use serde::Serialize;
use std::sync::Arc;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

mod sync;
mod unpack;

pub(super) use unpack::no_artifact;

/// The most a read answers: it stands in the journal.
const LARGEST_READ: u32 = 16 * 1024 * 1024;

#[derive(Serialize)]
struct Write {
    target: String,
    path: String,
    contents: Vec<Segment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sudo: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    parents: bool,
}

impl Effect for Write {
    const FUNCTION: &'static str = "files.write";
    type World = World;
    type Answer = ();

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Idempotent
    }

    fn summary(&self) -> String {
        format!("{}: write {}", self.target, self.path)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        check_owner(self.owner.as_ref(), self.sudo)?;
        segment::check(&self.contents, world)
    }

    fn preview(&self, _: bool) -> Preview<()> {
        Preview::Invent(())
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<()>> {
        let connection = world.ssh.connect(world.target(&self.target)?).await.map_err(ssh_failure)?;
        let file = WriteFile {
            path: self.path,
            contents: segment::resolve(&self.contents, &world)?.into_bytes(),
            mode: self.mode,
            owner: self.owner,
            sudo: self.sudo,
            parents: self.parents,
        };
        connection.write_file(&file, &performance.cancel).await.map_err(ssh_failure)?;
        Ok(().into())
    }
}

/// Only root gives files away.
fn check_owner(owner: Option<&String>, sudo: bool) -> Result<(), Failure> {
    match owner.is_some() && !sudo {
        true => Err(Failure::new(ErrorKind::InvalidInput, "owner-needs-sudo", "an owner can only be set with sudo")),
        false => Ok(()),
    }
}

#[derive(Serialize)]
struct Read {
    target: String,
    path: String,
    max_bytes: u32,
}

impl Effect for Read {
    const FUNCTION: &'static str = "files.read";
    type World = World;
    type Answer = Bytes;

    fn policy(&self) -> RepeatPolicy {
        RepeatPolicy::Read
    }

    fn summary(&self) -> String {
        format!("{}: read {}", self.target, self.path)
    }

    fn check(&self, world: &World) -> Result<(), Failure> {
        world.target(&self.target)?;
        match self.max_bytes <= LARGEST_READ {
            true => Ok(()),
            false => Err(Failure::new(ErrorKind::InvalidInput, "read-too-large", "max_bytes is more than 16 MiB")),
        }
    }

    fn preview(&self, _: bool) -> Preview<Bytes> {
        Preview::Perform
    }

    async fn perform(self, world: Arc<World>, performance: Performance) -> Answered<Performed<Bytes>> {
        let connection = world.ssh.connect(world.target(&self.target)?).await.map_err(ssh_failure)?;
        let bytes = connection.read_file(&self.path, self.max_bytes as usize, &performance.cancel).await;
        Ok(Bytes(world.masker.bytes(bytes.map_err(ssh_failure)?)).into())
    }
}

impl wit::Host for Capabilities {
    async fn write(&mut self, request: wit::WriteRequest) -> wasmtime::Result<Result<(), Error>> {
        self.answer(Write {
            target: request.target,
            path: request.path,
            contents: segment::list(request.contents, &self.journal),
            mode: request.mode,
            owner: request.owner,
            sudo: request.sudo,
            parents: request.parents,
        })
        .await
    }

    async fn read(&mut self, target: String, path: String, max_bytes: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        Ok(self.answer(Read { target, path, max_bytes }).await?.map(|bytes| bytes.0))
    }

    async fn unpack(&mut self, request: wit::UnpackRequest) -> wasmtime::Result<Result<wit::Unpacked, Error>> {
        let answer = self.answer(unpack::Unpack::from(request)).await?;
        Ok(answer.map(|unpacked| wit::Unpacked { sent_bytes: unpacked.sent_bytes }))
    }

    async fn sync(&mut self, request: wit::SyncRequest) -> wasmtime::Result<Result<wit::Synced, Error>> {
        let answer = self.answer(sync::Sync::from(request)).await?;
        Ok(answer.map(|synced| wit::Synced { sent_bytes: synced.sent_bytes, removed: synced.removed }))
    }
}
