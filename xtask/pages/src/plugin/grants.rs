//! What an operator may have to grant before a stage of a plugin may do what it says.

use crate::markdown::{code, table};
use windlass_api_types::plugin::Plugin;
use windlass_api_types::schema::keys;

/// The section's text.
pub(super) fn section(plugin: &Plugin) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let keys = keys(&plugin.config);
    for key in &keys {
        if let Some(grant) = &key.grant {
            let (value, when) = meaning(grant);
            rows.push(row(plugin, &value, &format!("{} {when}", code(&key.path))));
        }
    }
    if keys.iter().any(|key| key.kind.contains("secret")) {
        rows.push(row(plugin, "secret NAME", "a value is `{ secret = \"NAME\" }`"));
    }
    if rows.is_empty() {
        return "None beyond the environment's own targets.\n".to_owned();
    }
    format!(
        "What is asked for is listed before a deployment starts; who deploys at a terminal is asked, and \
         `windlass plan` says what is missing.\n\n{}",
        table(&["where", "what an operator grants"], &rows)
    )
}

fn row(plugin: &Plugin, value: &str, when: &str) -> Vec<String> {
    let line = format!("windlass grant add PROJECT/ENVIRONMENT {value} --plugin {}", plugin.name);
    vec![when.to_owned(), code(&line)]
}

/// The annotation's grant, and when it is needed.
fn meaning(grant: &str) -> (String, String) {
    let (value, when) = match grant {
        "http" => ("http HOST", "names a host"),
        "zone" => ("zone ZONE", "is a name in a zone"),
        "docker mount" => ("docker mount:/path", "is a path outside of the project's own directories"),
        "docker network" => ("docker host-network", "is `host`"),
        other => return (other.to_owned(), "is set".to_owned()),
    };
    (value.to_owned(), when.to_owned())
}
