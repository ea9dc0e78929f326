//! A set of files in memory that becomes a directory. Only what differs is written, so that
//! whatever watches the directory (cargo, the host's embedding) sees no change where there is none.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

const EXECUTABLE: u32 = 0o755;
const PLAIN: u32 = 0o644;

/// Files by their path relative to the directory they will become.
#[derive(Default)]
pub(crate) struct Tree {
    files: BTreeMap<PathBuf, File>,
}

struct File {
    bytes: Vec<u8>,
    mode: u32,
}

impl Tree {
    pub(crate) fn add(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.insert(path.into(), bytes.into(), PLAIN);
    }

    pub(crate) fn add_program(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.insert(path.into(), bytes.into(), EXECUTABLE);
    }

    fn insert(&mut self, path: PathBuf, bytes: Vec<u8>, mode: u32) {
        self.files.insert(path, File { bytes, mode });
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, file)| (path.as_path(), file.bytes.as_slice()))
    }

    /// Makes `directory` hold exactly these files; answers how many were written or removed.
    pub(crate) fn sync(&self, directory: &Path) -> Result<usize> {
        let mut changed = 0;
        for path in files_below(directory)? {
            if !self.files.contains_key(&path) {
                fs::remove_file(directory.join(&path))?;
                changed += 1;
            }
        }
        for (path, file) in &self.files {
            let path = directory.join(path);
            if file.write(&path).with_context(|| format!("could not write {}", path.display()))? {
                changed += 1;
            }
        }
        Ok(changed)
    }
}

impl File {
    fn write(&self, path: &Path) -> Result<bool> {
        if fs::read(path).is_ok_and(|there| there == self.bytes) {
            return Ok(false);
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        // A running program cannot be written over; a new file in its place can.
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::write(path, &self.bytes)?;
        fs::set_permissions(path, fs::Permissions::from_mode(self.mode))?;
        Ok(true)
    }
}

/// All files below a directory, relative to it, sorted; none where the directory is missing.
pub(crate) fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(current) = open.pop() {
        if !current.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&current)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(directory)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_differs_and_removes_what_is_not_listed() {
        let directory = tempfile::tempdir().unwrap();
        let mut tree = Tree::default();
        tree.add("a.txt", "a");
        tree.add("deep/b.txt", "b");
        assert_eq!(tree.sync(directory.path()).unwrap(), 2);
        let before = fs::metadata(directory.path().join("a.txt")).unwrap();
        assert_eq!(tree.sync(directory.path()).unwrap(), 0);

        let mut tree = Tree::default();
        tree.add("a.txt", "a");
        tree.add("deep/c.txt", "c");
        assert_eq!(tree.sync(directory.path()).unwrap(), 2);
        let after = fs::metadata(directory.path().join("a.txt")).unwrap();
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
        assert_eq!(files_below(directory.path()).unwrap(), [PathBuf::from("a.txt"), PathBuf::from("deep/c.txt")]);
    }

    #[test]
    fn a_program_can_be_run() {
        let directory = tempfile::tempdir().unwrap();
        let mut tree = Tree::default();
        tree.add_program("hello", "#!/bin/sh\n");
        tree.sync(directory.path()).unwrap();
        let mode = fs::metadata(directory.path().join("hello")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, EXECUTABLE);
    }
}
