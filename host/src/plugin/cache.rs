//! The compile cache: compiled code by the hash of the component and of the compiler's settings, in a
//! private directory that only this server writes.

use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use wasmtime::{Engine, component::Component};

/// A directory of compiled components.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the cache, and makes its directory private: what is in it is run as native code.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
        Ok(Self { directory: directory.into() })
    }

    /// The compiled component: from the cache, else compiled and kept.
    pub(super) fn compile(&self, engine: &Engine, digest: &str, bytes: &[u8]) -> wasmtime::Result<Component> {
        let path = self.path(engine, digest);
        if let Some(component) = load(engine, &path) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, bytes)?;
        if let Err(error) = self.keep(&path, &component.serialize()?) {
            tracing::warn!(path = %path.display(), %error, "the compiled plugin could not be kept; the next start compiles it again");
        }
        Ok(component)
    }

    fn path(&self, engine: &Engine, digest: &str) -> PathBuf {
        let mut settings = HashSha256(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut settings);
        let settings = hex::encode(&settings.0.finalize()[..8]);
        let digest = digest.trim_start_matches("sha256:");
        self.directory.join(format!("{digest}-{settings}.cwasm"))
    }

    /// Writes beside the place and renames: a reader sees a whole file or none.
    fn keep(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        io::Write::write_all(&mut file, code)?;
        file.persist(path)?;
        Ok(())
    }
}

fn load(engine: &Engine, path: &Path) -> Option<Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: the file is in a directory that only this user may write, and was written by
    // `Cache::keep` from code that this compiler made; its name holds the compiler's settings.
    let loaded = unsafe { Component::deserialize_file(engine, path) };
    loaded.inspect_err(|error| tracing::warn!(path = %path.display(), %error, "a cached plugin is compiled again")).ok()
}

/// A hasher that is the same in every process, which the standard one does not promise.
struct HashSha256(Sha256);

impl Hasher for HashSha256 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 has 32 bytes"))
    }
}
