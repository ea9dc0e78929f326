//! The example app in the versions the demo deploys: `dist/hello/{v1,v2,broken}`, each a directory
//! with the program and the `version.txt` that it shows (and, for `broken`, fails by).

use std::fs;

use anyhow::{Context, Result};

use crate::{
    process::{self, cargo},
    step::step,
    tree::Tree,
    workspace::Workspace,
};

const VARIANTS: [&str; 3] = ["v1", "v2", "broken"];

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    step("example app", "what the demo deploys, in three versions", || {
        let mut command = cargo(workspace);
        command.args(["build", "--release", "--package", "hello"]);
        process::run(&mut command, "the example app does not compile; the compiler says why above")?;

        let built = workspace.target().join("release").join("hello");
        let program = fs::read(&built).with_context(|| format!("cargo left no program at {}", built.display()))?;
        let mut tree = Tree::default();
        for variant in VARIANTS {
            tree.add_program(format!("{variant}/hello"), program.clone());
            tree.add(format!("{variant}/version.txt"), format!("{variant}\n"));
        }
        // The pipeline is the project's, not a version's.
        let pipeline = workspace.path("examples/hello/windlass.toml");
        if pipeline.is_file() {
            tree.add("windlass.toml", fs::read(&pipeline)?);
        }
        tree.sync(&workspace.dist("hello"))?;
        Ok(())
    })
}
