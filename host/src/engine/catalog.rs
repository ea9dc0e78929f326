//! What a configuration may name: the shipped templates and the registry's plugins.

use super::pipeline::{PluginInfo, Plugins, Templates, Version, Wanted};
use crate::plugin::Registry;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../templates"]
#[allow_missing = true]
struct Embedded;

/// The shipped templates: name → version → text. A constant of the binary.
static SHIPPED: LazyLock<BTreeMap<String, BTreeMap<Version, String>>> = LazyLock::new(|| {
    let mut templates: BTreeMap<String, BTreeMap<Version, String>> = BTreeMap::new();
    for file in Embedded::iter().filter(|file| file.ends_with(".toml")) {
        let Some(text) = Embedded::get(&file).and_then(|file| String::from_utf8(file.data.into_owned()).ok()) else {
            continue;
        };
        if let Some((name, version)) = name_and_version(&text) {
            templates.entry(name).or_default().insert(version, text);
        }
    }
    templates
});

fn name_and_version(text: &str) -> Option<(String, Version)> {
    let table: toml::Table = text.parse().ok()?;
    Some((table.get("name")?.as_str()?.into(), table.get("version")?.as_str()?.parse().ok()?))
}

/// The templates of this binary.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShippedTemplates;

impl Templates for ShippedTemplates {
    fn get(&self, name: &str, wanted: Wanted) -> Option<&str> {
        let versions = SHIPPED.get(name)?;
        wanted.pick(versions.iter().map(|(version, text)| (*version, text.as_str())))
    }

    fn names(&self) -> Vec<String> {
        SHIPPED.keys().cloned().collect()
    }
}

/// The plugins of a registry.
#[derive(Clone)]
pub struct Catalog {
    registry: Registry,
}

impl Catalog {
    pub fn new(registry: Registry) -> Self {
        Self { registry }
    }
}

impl Plugins for Catalog {
    fn find(&self, name: &str, wanted: Wanted) -> Option<PluginInfo> {
        let versions = self.registry.versions(name);
        let versions =
            versions.iter().filter_map(|component| Some((component.manifest.version.parse().ok()?, component)));
        wanted.pick(versions.map(|(version, component): (Version, _)| {
            let info = PluginInfo {
                name: component.manifest.name.clone(),
                version,
                digest: component.digest.clone(),
                config_schema: component.manifest.config.clone(),
                outputs_schema: component.manifest.outputs.clone(),
                undo: component.manifest.undo,
                health: component.imports.iter().any(|import| import.starts_with("windlass:health/")),
            };
            (version, info)
        }))
    }

    fn names(&self) -> Vec<String> {
        self.registry.names()
    }
}
