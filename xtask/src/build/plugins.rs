//! The default plugins: every crate in `plugins/`, compiled to a component in `dist/plugins`. And those
//! that only tests run: every crate in `tests/fixtures/`, to `dist/fixtures`, which nothing embeds.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    process::{self, cargo},
    setup::PLUGIN_TARGET,
    step::step,
    tree::Tree,
    workspace::{FIXTURES, Package, Workspace},
};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let plugins = workspace.packages_in("plugins")?;
    let why = format!("{} crates to wasm components (about a minute the first time)", plugins.len());
    step("plugins", &why, || {
        compile(workspace, &plugins)?;
        collect(workspace, &plugins, "plugins")
    })
}

pub(super) fn run_fixtures(workspace: &Workspace) -> Result<()> {
    let fixtures = workspace.packages_in(FIXTURES)?;
    step("fixtures", "plugins for the tests", || {
        compile(workspace, &fixtures)?;
        collect(workspace, &fixtures, "fixtures")
    })
}

fn compile(workspace: &Workspace, plugins: &[Package]) -> Result<()> {
    // Without a package cargo would build its default members instead.
    if plugins.is_empty() {
        return Ok(());
    }
    let mut command = cargo(workspace);
    command.args(["build", "--profile", "plugin", "--target", PLUGIN_TARGET, "--lib"]);
    for plugin in plugins {
        command.args(["--package", &plugin.name]);
    }
    process::run(&mut command, "a plugin does not compile; the compiler says why above")
}

fn collect(workspace: &Workspace, plugins: &[Package], part: &str) -> Result<()> {
    let mut tree = Tree::default();
    for plugin in plugins {
        let built = component(workspace, plugin);
        let bytes = fs::read(&built).with_context(|| {
            format!(
                "the plugin `{}` left no component at {}; its crate type must include `cdylib`",
                plugin.directory,
                built.display()
            )
        })?;
        tree.add(format!("{}.wasm", plugin.directory), bytes);
    }
    tree.sync(&workspace.dist(part))?;
    Ok(())
}

fn component(workspace: &Workspace, plugin: &Package) -> PathBuf {
    let file = format!("{}.wasm", plugin.name.replace('-', "_"));
    workspace.target().join(PLUGIN_TARGET).join("plugin").join(file)
}
