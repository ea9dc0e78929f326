//! `windlass plugin`: what the server can run as a stage.

use super::context::Context;
use super::render::plugin::render_plugin;
use super::render::style::{BOLD, DIM, FAILURE, paint};
use super::render::table::{Cell, Table};
use super::render::text::{clean_block, first_line};
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use windlass_api_types::plugin::{Plugin as ApiPlugin, Plugins, RefusedPlugin};

/// A digest is cut here in lists, in characters after `sha256:`.
const DIGEST: usize = 12;

/// List the plugins that stages can use, and show what one takes and does
#[derive(Debug, Args)]
pub(super) struct Plugin {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show plugins, and those that were refused with the reason
    List,
    /// Show what a plugin does, what it takes and answers, and what it may ask for
    #[command(after_help = "Example:\n  windlass plugin show docker-run")]
    Show {
        /// Its name, and a version where there are several, such as run@1.2.0
        plugin: String,
    },
}

impl Plugin {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let plugins = context.client().await?.plugins().await?;
        match self.verb {
            Verb::List => context.output.value(&plugins, render)?,
            Verb::Show { plugin } => context.output.value(find(&plugins, &plugin)?, render_plugin)?,
        }
        Ok(Exit::Done)
    }
}

/// The plugin of this name: of several versions the one that is named, else the newest.
fn find<'p>(plugins: &'p Plugins, wanted: &str) -> Result<&'p ApiPlugin, CliError> {
    let (name, version) = wanted.split_once('@').map_or((wanted, None), |(name, version)| (name, Some(version)));
    let begins = |plugin: &ApiPlugin, version: &str| {
        plugin.version.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let versions = plugins.plugins.iter().filter(|plugin| plugin.name == name);
    let fits = versions.filter(|plugin| version.is_none_or(|version| begins(plugin, version)));
    let numbers = |plugin: &&ApiPlugin| -> Vec<u64> {
        plugin.version.split('.').map(|number| number.parse().unwrap_or_default()).collect()
    };
    fits.max_by_key(numbers).ok_or_else(|| {
        CliError::usage(format!("there is no plugin `{wanted}` here"), "see what there is: windlass plugin list")
    })
}

fn render(plugins: &Plugins) -> String {
    let mut table = Table::new(&["PLUGIN", "FROM", "DIGEST", "UNDOES", "SUMMARY"]);
    for plugin in &plugins.plugins {
        table.row([
            Cell::new(format!("{}@{}", plugin.name, plugin.version), BOLD),
            plugin.source.as_str().into(),
            Cell::new(short(&plugin.digest), DIM),
            if plugin.undo { "yes" } else { "" }.into(),
            first_line(&plugin.summary).into(),
        ]);
    }
    let refused: String = plugins.refused.iter().map(refusal).collect();
    format!("{}{refused}", table.render())
}

fn refusal(refused: &RefusedPlugin) -> String {
    let mut text =
        format!("{} {}  {}\n", paint(FAILURE, "✗"), refused.file, clean_block(&refused.failure.message, "  "));
    if let Some(hint) = &refused.failure.hint {
        text.push_str(&format!("  {} {}\n", paint(DIM, "hint:"), clean_block(hint, "  ")));
    }
    if let Some(serving) = &refused.serving {
        text.push_str(&format!("  {serving} serves on in its place\n"));
    }
    text
}

fn short(digest: &str) -> String {
    digest.trim_start_matches("sha256:").chars().take(DIGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::render::sample::plain;
    use super::*;
    use expect_test::expect;
    use serde_json::Value;
    use windlass_api_types::{ErrorKind, Failure};

    #[test]
    fn refused_plugins_are_shown_with_their_reason() {
        let run = windlass_api_types::plugin::Plugin {
            name: "run".into(),
            version: "1.0.0".into(),
            summary: "Runs a shell line".into(),
            digest: format!("sha256:{}", "0123456789abcdef".repeat(4)),
            source: "shipped".into(),
            config: Value::Null,
            outputs: Value::Null,
            undo: false,
            imports: vec![],
            loaded_at: 0,
        };
        let refused = RefusedPlugin {
            file: "drain.wasm".into(),
            digest: None,
            failure: Failure::new(ErrorKind::Denied, "not-approved", "it imports windlass:http").hint("approve it"),
            at: 0,
            serving: Some("drain@1.0.0".into()),
        };
        expect![[r#"
            PLUGIN     FROM     DIGEST        UNDOES  SUMMARY
            run@1.0.0  shipped  0123456789ab          Runs a shell line
            ✗ drain.wasm  it imports windlass:http
              hint: approve it
              drain@1.0.0 serves on in its place
        "#]]
        .assert_eq(&plain(&render(&Plugins { plugins: vec![run], refused: vec![refused] })));
    }
}
