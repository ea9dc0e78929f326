//! Looking at directories.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What can be seen of a file: two equal ones were not touched in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    mode: u32,
    /// Seconds and nanoseconds of the last change of the contents.
    modified: (i64, i64),
    /// Of a file its bytes, of a link where it points.
    contents: Vec<u8>,
}

impl Seen {
    /// What is the same where something was taken away again: the mode and the contents.
    pub(crate) fn lasting(&self) -> (u32, &[u8]) {
        (self.mode, &self.contents)
    }
}

/// Everything below a directory, by path.
pub(crate) fn tree(directory: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut seen = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).expect("the directory can be read") {
            let path = entry.expect("the directory can be read").path();
            let metadata = fs::symlink_metadata(&path).expect("what is listed is there");
            let contents = if metadata.is_symlink() {
                fs::read_link(&path).expect("links can be read").into_os_string().into_encoded_bytes()
            } else if metadata.is_file() {
                fs::read(&path).expect("files can be read")
            } else {
                Vec::new()
            };
            if metadata.is_dir() {
                left.push(path.clone());
            }
            let modified = (metadata.mtime(), metadata.mtime_nsec());
            seen.insert(path, Seen { mode: metadata.mode(), modified, contents });
        }
    }
    seen
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory can be read").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All files in a directory and in those below it; links are not followed.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("it can be listed").flatten() {
        match entry.file_type().expect("it has a type") {
            kind if kind.is_dir() => files.extend(files_below(&entry.path())),
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    files
}
