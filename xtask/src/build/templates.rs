//! The shipped pipeline templates, copied to `dist/templates`.

use std::fs;

use anyhow::Result;

use crate::{
    tree::{Tree, files_below},
    workspace::Workspace,
};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let source = workspace.path("templates");
    let mut tree = Tree::default();
    for path in files_below(&source)? {
        if path.extension().is_some_and(|extension| extension == "toml") {
            let bytes = fs::read(source.join(&path))?;
            tree.add(path, bytes);
        }
    }
    tree.sync(&workspace.dist("templates"))?;
    Ok(())
}
