//! The example app, as it is embedded in this program: its `windlass.toml` and three versions of it.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use serde::Deserialize;
use tar::{Builder, Header};

use super::error::DemoError;

/// What `cargo xtask build` left; empty in a program that was built without it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/hello"]
#[allow_missing = true]
struct Files;

/// The version that is deployed first.
pub(super) const FIRST: &str = "v1";
/// A changed one.
pub(super) const CHANGED: &str = "v2";
/// One that never becomes healthy.
pub(super) const BROKEN: &str = "broken";

/// The app's name for its program, the only file that must be executable.
const PROGRAM: &str = "hello";

/// The project.
pub(super) struct Hello {
    /// The text of its `windlass.toml`.
    pub(super) config: String,
    pub(super) project: String,
    /// The app's directory, relative to the home directory on the target.
    pub(super) directory: String,
}

#[derive(Deserialize)]
struct Config {
    project: String,
    options: Options,
}

#[derive(Deserialize)]
struct Options {
    directory: String,
}

impl Hello {
    /// Reads the embedded project.
    pub(super) fn load() -> Result<Self, DemoError> {
        let file = Files::get("windlass.toml").ok_or(DemoError::NoApp)?;
        let wrong = |error: String| DemoError::AppConfig(error);
        let config = String::from_utf8(file.data.into_owned()).map_err(|error| wrong(error.to_string()))?;
        let Config { project, options } = toml::from_str(&config).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { config, project, directory: options.directory })
    }

    /// A version as the gzipped tar archive that is uploaded: the same bytes each time.
    pub(super) fn archive(&self, version: &str) -> Result<Bytes, DemoError> {
        let prefix = format!("{version}/");
        let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        let mut names: Vec<_> = Files::iter().filter(|name| name.starts_with(&prefix)).collect();
        if names.is_empty() {
            return Err(DemoError::NoApp);
        }
        names.sort_unstable();
        for path in names {
            let file = Files::get(&path).ok_or(DemoError::NoApp)?;
            let name = &path[prefix.len()..];
            let mut header = Header::new_gnu();
            header.set_mtime(0);
            header.set_mode(if name == PROGRAM { 0o755 } else { 0o644 });
            header.set_size(file.data.len() as u64);
            let appended = archive.append_data(&mut header, name, file.data.as_ref());
            appended.expect("nothing fails in memory, and names are short");
        }
        let packed = archive.into_inner().and_then(GzEncoder::finish);
        Ok(packed.expect("nothing fails in memory").into())
    }
}

/// The version that is not this one.
pub(super) fn other(version: &str) -> &'static str {
    if version == FIRST { CHANGED } else { FIRST }
}
