//! The directory of an app on its targets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a path may be made of. Scripts, unit files and links all hold it, so that it must mean the same
/// in each of them, unquoted.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('-')
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@:,=".contains(c))
}

/// A path on a target, absolute or relative to the home directory of the connection's user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[A-Za-z0-9/._+@:,=][A-Za-z0-9/._+@:,=-]*$"))]
pub struct RemotePath(String);

impl TryFrom<String> for RemotePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        if is_plain(&path) {
            return Ok(Self(path));
        }
        Err(format!(
            "`{path}` cannot be a path here: use letters, digits and any of / . _ - + @ : , = \
             (a path that is not absolute is relative to the home directory)"
        ))
    }
}

impl From<RemotePath> for String {
    fn from(path: RemotePath) -> Self {
        path.0
    }
}

impl RemotePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The directory of an app on its targets, absolute or relative to the home directory of the
/// connection's user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("examples" = ["/srv/shop"]))]
pub struct Directory(RemotePath);

impl Directory {
    /// The directory itself.
    pub fn path(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Where a release is unpacked.
    pub fn release(&self, label: &str) -> String {
        format!("{}/releases/{label}", self.path())
    }

    /// The app's own data.
    pub fn data(&self) -> String {
        format!("{}/data", self.path())
    }

    /// One of the files that describe an instance, such as its `log`.
    pub fn instance_file(&self, instance: &str, kind: &str) -> String {
        format!("{}/run/{instance}.{kind}", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(path: &str) -> Result<Directory, String> {
        serde_json::from_value(serde_json::json!(path)).map_err(|error| error.to_string())
    }

    #[test]
    fn paths_are_made_below_it() {
        let directory = directory("/srv/shop/").unwrap();
        assert_eq!(directory.release("20260305-143022"), "/srv/shop/releases/20260305-143022");
        assert_eq!(directory.data(), "/srv/shop/data");
        assert_eq!(directory.instance_file("20260305-143022-d41", "log"), "/srv/shop/run/20260305-143022-d41.log");
    }

    #[test]
    fn what_a_shell_would_interpret_is_refused() {
        for path in ["", "~/shop", "/srv/my shop", "/srv/$(id)", "-rf", "a\nb", "/srv/50%"] {
            let error = directory(path).unwrap_err();
            assert!(error.contains("cannot be a path here"), "{path}: {error}");
        }
        // The schema says the same, so that a pipeline is refused before anything starts.
        let schema = schemars::schema_for!(RemotePath);
        assert!(schema.get("pattern").is_some());
    }
}
