//! The shipped plugins, embedded by `cargo xtask build`. A plain `cargo build` may have none.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/plugins"]
#[allow_missing = true]
struct Plugins;

/// What stands in the place of a file's name for a shipped plugin. A file of the plugin directory ends in `.wasm`.
pub(super) const SOURCE: &str = "shipped";

/// File names and bytes.
pub(super) fn plugins() -> impl Iterator<Item = (String, Vec<u8>)> {
    Plugins::iter().filter(|file| file.ends_with(".wasm")).filter_map(|file| {
        let embedded = Plugins::get(&file)?;
        Some((file.into_owned(), embedded.data.into_owned()))
    })
}
