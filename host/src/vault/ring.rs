//! The keys: the first one encrypts, all of them decrypt.

use super::VaultError;
use super::key::{Key, KeyId};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Keys in base64, separated by commas; the first is the current one.
pub(super) const VARIABLE: &str = "WINDLASS_SECRETS_KEY";
const FILE: &str = "secrets.keys";
const HEADER: &str =
    "# The keys of Windlass' secrets, the current one first. Without them no secret can be read: back them up.\n";

pub(super) struct KeyRing {
    /// Absent: the keys come from the variable.
    file: Option<PathBuf>,
    keys: Vec<Key>,
}

impl KeyRing {
    pub(super) fn open(directory: &Path, variable: Option<String>) -> Result<Self, VaultError> {
        if let Some(text) = variable {
            let keys = read(text.split(',')).ok_or_else(|| failed(VARIABLE, "it is not 32 bytes in base64"))?;
            return Ok(Self { file: None, keys });
        }
        let path = directory.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let ring = Self { file: Some(path), keys: vec![Key::generate()] };
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(directory)
                    .map_err(|e| failed(directory.display(), e))?;
                ring.write()?;
                return Ok(ring);
            }
            Err(error) => return Err(failed(path.display(), error)),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let keys = read(lines).ok_or_else(|| failed(path.display(), "a line is not 32 bytes in base64"))?;
        Ok(Self { file: Some(path), keys })
    }

    /// Where the keys come from.
    pub(super) fn place(&self) -> String {
        self.file.as_ref().map_or_else(|| VARIABLE.into(), |path| path.display().to_string())
    }

    pub(super) fn current(&self) -> &Key {
        self.keys.first().expect("a ring is opened with a key and never loses its first")
    }

    pub(super) fn get(&self, id: &KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == *id)
    }

    /// Makes a new key the current one. Keys from the variable are the operator's to change.
    pub(super) fn add(&mut self) -> Result<(), VaultError> {
        if self.file.is_some() {
            self.keys.insert(0, Key::generate());
            self.write()?;
        }
        Ok(())
    }

    /// Keeps only the current key.
    pub(super) fn forget_old(&mut self) -> Result<(), VaultError> {
        self.keys.truncate(1);
        self.write()
    }

    /// Written aside and renamed: a crash leaves the old keys or the new ones.
    fn write(&self) -> Result<(), VaultError> {
        let Some(path) = &self.file else { return Ok(()) };
        let text = self.keys.iter().fold(HEADER.to_owned(), |text, key| text + &key.written() + "\n");
        let aside = path.with_extension(format!("keys.{}", std::process::id()));
        let written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside);
        written
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&aside, path))
            .map_err(|error| failed(path.display(), error))
    }
}

fn read<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Vec<Key>> {
    let keys = texts.map(Key::read).collect::<Option<Vec<_>>>()?;
    (!keys.is_empty()).then_some(keys)
}

fn failed(place: impl ToString, reason: impl ToString) -> VaultError {
    VaultError::Keys { place: place.to_string(), reason: reason.to_string() }
}
