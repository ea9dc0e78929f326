//! The generated documentation: pages about capabilities, plugins and templates, written from what the
//! contract, the plugins' metadata and the templates' comments say, so that nothing is written twice.

mod markdown;
mod plugin;
mod schema;
mod template;
mod wit;

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use plugin::plugins;
pub use template::templates;
pub use wit::capabilities;

/// What to type where a page is stale.
pub const COMMAND: &str = "cargo xtask docs";
/// The page that a directory is shown with.
const INDEX: &str = "README.md";

/// The pages of one directory, by file name.
#[derive(Debug, Default)]
pub struct Pages {
    /// Below `docs/`.
    directory: &'static str,
    files: BTreeMap<String, String>,
}

impl Pages {
    fn new(directory: &'static str) -> Self {
        Self { directory, files: BTreeMap::new() }
    }

    fn add(&mut self, file: impl Into<String>, text: String) {
        let text = format!("{}\n", text.trim_end());
        self.files.insert(file.into(), text);
    }

    /// How many pages there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Makes the directory below `docs` hold exactly these pages. Answers those that were written or removed.
    pub fn write(&self, docs: &Path) -> Result<Vec<String>> {
        let directory = docs.join(self.directory);
        fs::create_dir_all(&directory).with_context(|| format!("could not make {}", directory.display()))?;
        let stale = self.stale(docs)?;
        for path in &stale {
            let (file, place) = (path.rsplit('/').next().unwrap_or(path), docs.join(path));
            let done = match self.files.get(file) {
                Some(text) => fs::write(&place, text),
                None => fs::remove_file(&place),
            };
            done.with_context(|| format!("could not write {}", place.display()))?;
        }
        Ok(stale)
    }

    /// The pages below `docs` that are not as they should be: changed, missing, or of something that is gone.
    pub fn stale(&self, docs: &Path) -> Result<Vec<String>> {
        let directory = docs.join(self.directory);
        let mut stale: Vec<String> = Vec::new();
        for (file, text) in &self.files {
            if fs::read_to_string(directory.join(file)).ok().as_deref() != Some(text) {
                stale.push(format!("{}/{file}", self.directory));
            }
        }
        if directory.is_dir() {
            for entry in fs::read_dir(&directory)? {
                let file = entry?.file_name().to_string_lossy().into_owned();
                if !self.files.contains_key(&file) {
                    stale.push(format!("{}/{file}", self.directory));
                }
            }
        }
        Ok(stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written_and_what_is_gone_is_removed() {
        let docs = tempfile::tempdir().unwrap();
        let mut pages = Pages::new("plugins");
        pages.add("run.md", "# run".into());
        pages.add("hook.md", "# hook\n\n".into());
        assert_eq!(pages.write(docs.path()).unwrap(), ["plugins/hook.md", "plugins/run.md"]);
        assert_eq!(fs::read_to_string(docs.path().join("plugins/hook.md")).unwrap(), "# hook\n");
        fs::write(docs.path().join("plugins/run.md"), "# by hand").unwrap();
        fs::write(docs.path().join("plugins/gone.md"), "# gone").unwrap();
        assert_eq!(pages.stale(docs.path()).unwrap(), ["plugins/run.md", "plugins/gone.md"]);
        pages.write(docs.path()).unwrap();
        assert!(pages.stale(docs.path()).unwrap().is_empty());
    }
}
