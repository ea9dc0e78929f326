//! `cargo xtask build`: plugins, templates, web UI and the example app into `dist/`, then the
//! `windlass` binary that embeds `dist/`.

mod hello;
mod host;
mod plugins;
mod templates;
mod web;

use anyhow::Result;
use clap::Args;

pub(crate) use self::host::program as host_program;
use crate::{setup, step::step, workspace::Workspace};

#[derive(Args, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Optimize the `windlass` binary
    #[arg(long)]
    release: bool,
    /// Build the web UI quickly instead of small (seconds instead of minutes)
    #[arg(long)]
    dev_web: bool,
}

impl Options {
    pub(crate) fn new(profile: Profile, dev_web: bool) -> Self {
        Self { release: profile == Profile::Release, dev_web }
    }

    pub(crate) fn release() -> Self {
        Self::new(Profile::Release, false)
    }
}

/// How the host is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    setup::run(workspace)?;
    plugins::run(workspace)?;
    if !options.release {
        plugins::run_fixtures(workspace)?;
    }
    step("templates", "copied to dist/", || templates::run(workspace))?;
    hello::run(workspace)?;
    let web = if options.dev_web { web::Profile::Dev } else { web::Profile::Release };
    web::run(workspace, web)?;
    let host = if options.release { Profile::Release } else { Profile::Dev };
    host::run(workspace, host)
}

/// What the program ships, without the web UI, and the program itself.
pub(crate) fn without_web(workspace: &Workspace) -> Result<()> {
    setup::run(workspace)?;
    plugins::run(workspace)?;
    step("templates", "copied to dist/", || templates::run(workspace))?;
    host::run(workspace, Profile::Dev)
}
