//! The web UI: compiled, bound to JavaScript, put together with `web/site` under content-hashed
//! names, compressed, in `dist/web`.

mod assets;
mod compress;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use self::{assets::Assets, compress::compress};
use crate::{
    process::{self, cargo},
    setup::WEB_TARGET,
    step::step,
    tree::{Tree, files_below},
    workspace::{WEB, Workspace},
};

/// What wasm-bindgen calls its two files: `app.js` and `app_bg.wasm`.
const OUT_NAME: &str = "app";

/// How the web UI is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Small: minutes to compile.
    Release,
    /// Quick to compile, three times the size.
    Dev,
}

impl Profile {
    fn cargo_name(self) -> &'static str {
        match self {
            Self::Release => "web-release",
            Self::Dev => "web-dev",
        }
    }
}

pub(super) fn run(workspace: &Workspace, profile: Profile) -> Result<()> {
    let why = match (profile, compiled(workspace, profile).exists()) {
        (Profile::Release, false) => "optimized for size, which takes 3 to 7 minutes the first time",
        (Profile::Release, true) => "what changed; optimized for size, 2 to 3 minutes if anything did",
        (Profile::Dev, _) => "quick and large, for development",
    };
    step("web UI", why, || {
        compile(workspace, profile)?;
        let site = workspace.path("web/site");
        if !site.join("index.html").is_file() {
            println!("    no web/site/index.html: nothing to put the compiled UI into");
            return Ok(());
        }
        assemble(workspace, &compiled(workspace, profile), &site)
    })
}

fn compile(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["build", "--package", WEB, "--bin", WEB]);
    command.args(["--target", WEB_TARGET, "--profile", profile.cargo_name()]);
    // Leptos' own switch against deeply nested view types: quicker to compile, and smaller.
    let flags = format!("target.{WEB_TARGET}.rustflags=[\"--cfg\",\"erase_components\"]");
    command.args(["--config", &flags]);
    process::run(&mut command, "the web UI does not compile; the compiler says why above")
}

fn compiled(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.target().join(WEB_TARGET).join(profile.cargo_name()).join(format!("{WEB}.wasm"))
}

fn assemble(workspace: &Workspace, wasm: &Path, site: &Path) -> Result<()> {
    let dist = workspace.dist("web");
    let note = workspace.notes()?.join("web");
    let inputs = digest_of_inputs(wasm, site)?;
    let built = dist.join("index.html").is_file();
    if built && fs::read_to_string(&note).is_ok_and(|before| before == inputs) {
        return Ok(());
    }
    println!("    binding, hashing, compressing");
    let tree = compress(&put_together(wasm, site)?)?;
    tree.sync(&dist)?;
    report_sizes(&tree);
    fs::write(&note, inputs).context("could not write a note into the target directory")
}

/// The digest of everything `dist/web` is made from, xtask itself included.
fn digest_of_inputs(wasm: &Path, site: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |path: &Path| -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(bytes.len().to_le_bytes());
        hash.update(&bytes);
        Ok(())
    };
    add(wasm)?;
    for path in files_below(site)? {
        add(&site.join(path))?;
    }
    for source in [include_str!("web.rs"), include_str!("web/assets.rs"), include_str!("web/compress.rs")] {
        hash.update(source);
    }
    Ok(hex::encode(hash.finalize()))
}

fn put_together(wasm: &Path, site: &Path) -> Result<Tree> {
    let bound = tempfile::tempdir()?;
    bind(wasm, bound.path())?;
    let mut assets = Assets::default();
    for directory in [bound.path(), site] {
        for path in files_below(directory)? {
            let bytes = fs::read(directory.join(&path))?;
            assets.source(&path.to_string_lossy(), bytes)?;
        }
    }
    assets.into_tree()
}

fn bind(wasm: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(OUT_NAME)
        .web(true)?
        .typescript(false)
        // boot.js passes the wasm's hashed URL; a default would name a file that is not there.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .context("wasm-bindgen could not make the JavaScript for the web UI")
}

fn report_sizes(tree: &Tree) {
    for (path, bytes) in tree.files() {
        if path.to_string_lossy().ends_with(".wasm.br") {
            println!("    wasm: {} KB as brotli", bytes.len() / 1024);
        }
    }
}
