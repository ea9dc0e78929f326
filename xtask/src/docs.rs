//! `cargo xtask docs`: the generated pages in `docs/`, written from the contract, from what the built
//! plugins say about themselves, and from the templates.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use windlass_api_types::plugin::Plugin;
use windlass_pages::{COMMAND, Pages, capabilities, plugins, templates};

use crate::{
    build::{self, Profile},
    process,
    step::step,
    workspace::Workspace,
};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build::without_web(workspace)?;
    step("pages", "capabilities, plugins and templates", || {
        let shipped = shipped(workspace)?;
        let all = [
            capabilities(&workspace.path("wit"))?,
            plugins(&shipped, &workspace.path("plugins"))?,
            templates(&workspace.path("templates"), &shipped)?,
        ];
        for page in write(workspace, &all)? {
            println!("    docs/{page}");
        }
        println!("    {} pages", all.iter().map(Pages::len).sum::<usize>());
        Ok(())
    })
}

fn write(workspace: &Workspace, all: &[Pages]) -> Result<Vec<String>> {
    let mut written = Vec::new();
    for pages in all {
        written.extend(pages.write(&workspace.path("docs"))?);
    }
    Ok(written)
}

/// Whether the pages about the contract are as the contract is: what can be told without building anything. The
/// others are checked by a test, `docs::every_page_is_current`.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let stale = capabilities(&workspace.path("wit"))?.stale(&workspace.path("docs"))?;
    if !stale.is_empty() {
        bail!("the contract has changed and these pages in docs/ have not: {}\n  run `{COMMAND}`", stale.join(", "));
    }
    Ok(())
}

/// What the built program ships, as it says itself.
fn shipped(workspace: &Workspace) -> Result<Vec<Plugin>> {
    #[derive(Deserialize)]
    struct Registry {
        plugins: Vec<Plugin>,
    }
    let data = tempfile::tempdir().context("could not make a data directory to ask the program with")?;
    let mut command = Command::new(build::host_program(workspace, Profile::Dev));
    command.args(["plugin", "list", "--json"]).env("WINDLASS_DATA_DIR", data.path());
    // A login of the person's would lead to another server.
    command.env("HOME", data.path()).env("XDG_CONFIG_HOME", data.path());
    let registry: Registry =
        serde_json::from_str(&process::read(&mut command)?).context("`windlass plugin list` answered no registry")?;
    let ships = |plugin: &Plugin| plugin.source == "shipped";
    Ok(registry.plugins.into_iter().filter(ships).collect())
}
