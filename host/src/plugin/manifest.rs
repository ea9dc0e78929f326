//! What a plugin says of itself: the metadata document of `describe`.

use serde::Deserialize;
use serde_json::Value;

/// The metadata document, version 1.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Manifest {
    /// Words of lowercase letters and digits, joined by hyphens.
    pub name: String,
    /// `major.minor.patch`.
    pub version: String,
    #[serde(default)]
    pub summary: String,
    /// JSON schema of the stage's `with`.
    pub config: Value,
    /// JSON schema of the stage's outputs.
    pub outputs: Value,
    /// Whether it compensates.
    #[serde(default)]
    pub undo: bool,
}

#[derive(Deserialize)]
struct Versioned {
    metadata: u64,
}

/// The version of the metadata document that this server reads.
const METADATA: u64 = 1;
/// A name stands in files, URLs and tables.
const LONGEST_NAME: usize = 64;

impl Manifest {
    /// Reads and checks a metadata document; an error is a sentence for the plugin's author.
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let versioned: Versioned =
            serde_json::from_str(json).map_err(|error| format!("`describe` gave no metadata document: {error}"))?;
        if versioned.metadata != METADATA {
            return Err(format!(
                "its metadata document has version {}, and this server reads version {METADATA}",
                versioned.metadata
            ));
        }
        let manifest: Self =
            serde_json::from_str(json).map_err(|error| format!("its metadata document is wrong: {error}"))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if self.name.len() > LONGEST_NAME || !self.name.split('-').all(word) {
            return Err(format!("its name `{}` is not made of lowercase words joined by hyphens", self.name));
        }
        if self.version_numbers().is_none() {
            return Err(format!("its version `{}` is not of the form 1.2.3", self.version));
        }
        for (which, schema) in [("config", &self.config), ("outputs", &self.outputs)] {
            jsonschema::validator_for(schema).map_err(|error| format!("its {which} schema is wrong: {error}"))?;
        }
        Ok(())
    }

    /// Major, minor, patch.
    pub fn version_numbers(&self) -> Option<[u64; 3]> {
        let mut numbers = self.version.split('.').map(|number| number.parse().ok());
        let version = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    fn refuses(json: &str, reason: &str) {
        let error = Manifest::read(json).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn reads_a_document() {
        let manifest = Manifest::read(
            r#"{"metadata":1,"name":"http-health","version":"1.2.3","config":{},"outputs":{},"undo":true}"#,
        )
        .unwrap();
        assert_eq!(manifest.version_numbers(), Some([1, 2, 3]));
        assert!(manifest.undo);
    }

    #[test]
    fn refuses_what_it_cannot_serve() {
        refuses("nonsense", "gave no metadata document");
        refuses(r#"{"metadata":2}"#, "has version 2, and this server reads version 1");
        refuses(r#"{"metadata":1,"name":"A b","version":"1.0.0","config":{},"outputs":{}}"#, "name `A b`");
        refuses(r#"{"metadata":1,"name":"a","version":"1.0","config":{},"outputs":{}}"#, "version `1.0`");
        refuses(
            r#"{"metadata":1,"name":"a","version":"1.0.0","config":{"type":"what"},"outputs":{}}"#,
            "config schema is wrong",
        );
    }
}
