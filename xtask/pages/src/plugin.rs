//! One page per shipped plugin, from the metadata that its component gives.

mod grants;

use crate::markdown::{code, prose, sentence, table};
use crate::{INDEX, Pages, schema};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::Path;
use windlass_api_types::plugin::Plugin;
use windlass_api_types::schema::{in_toml, sample};

/// Capabilities that act on the target of a stage.
const ON_TARGET: [&str; 4] = ["ssh", "files", "docker", "health"];

/// Writes the pages of these plugins. What the crate of one says about itself (the comment at the top of its
/// `src/lib.rs`, below `sources`) is its introduction.
pub fn plugins(plugins: &[Plugin], sources: &Path) -> Result<Pages> {
    let mut pages = Pages::new("plugins");
    for plugin in plugins {
        let source = sources.join(&plugin.name).join("src/lib.rs");
        let text = fs::read_to_string(&source)
            .with_context(|| format!("the shipped plugin `{}` has no source {}", plugin.name, source.display()))?;
        pages.add(format!("{}.md", plugin.name), page(plugin, &introduction(&plugin.name, &text)));
    }
    pages.add(INDEX, index(plugins));
    Ok(pages)
}

fn index(plugins: &[Plugin]) -> String {
    let row = |plugin: &Plugin| {
        let name = &plugin.name;
        vec![format!("[{name}]({name}.md)"), sentence(&plugin.summary), yes(plugin.undo), capabilities(plugin)]
    };
    format!(
        "# Plugins\n\n\
         What Windlass ships; a stage of `windlass.toml` names one with `uses`. The same facts in a terminal, for the \
         plugins of your own server too: `windlass plugin list`, `windlass plugin show NAME`.\n\n{}",
        table(
            &["plugin", "what a stage of it does", "undoes", "capabilities"],
            &plugins.iter().map(row).collect::<Vec<_>>()
        )
    )
}

fn page(plugin: &Plugin, introduction: &str) -> String {
    let mut text = format!("# {}\n\n{}\n\n", plugin.name, sentence(&plugin.summary));
    if !introduction.is_empty() {
        text.push_str(&format!("{}\n\n", prose(introduction)));
    }
    text.push_str(&table(&["", ""], &facts(plugin)));
    text.push_str(&format!("\n## Example\n\n```toml\n{}```\n", example(plugin)));
    section(&mut text, "Configuration: `with`", &schema::inputs(&plugin.config), "It takes none.");
    section(&mut text, "Outputs", &schema::outputs(&plugin.outputs), "It has none.");
    if plugin.outputs["properties"].as_object().is_some_and(|outputs| !outputs.is_empty()) {
        text.push_str("\nA later stage reads them as `${stages.ID.outputs.KEY}`, with the id of this stage.\n");
    }
    text.push_str(&format!("\n## Grants\n\n{}", grants::section(plugin)));
    text
}

fn section(text: &mut String, heading: &str, contents: &str, none: &str) {
    let contents = if contents.is_empty() { none } else { contents.trim_end() };
    text.push_str(&format!("\n## {heading}\n\n{contents}\n"));
}

fn facts(plugin: &Plugin) -> Vec<Vec<String>> {
    let undo = match plugin.undo {
        true => "yes",
        false => "no: what it did stays where a later stage fails",
    };
    let runs = match on_target(plugin) {
        true => "for a target: the stage has `targets` or `rollout`",
        false => "once, on the server",
    };
    [("Version", plugin.version.as_str()), ("Undoes", undo), ("Runs", runs), ("Capabilities", &capabilities(plugin))]
        .map(|(name, fact)| vec![name.to_owned(), fact.to_owned()])
        .to_vec()
}

/// The least that a stage of the plugin must say.
fn example(plugin: &Plugin) -> String {
    let name = &plugin.name;
    let major = plugin.version.split('.').next().unwrap_or_default();
    let mut text = format!("[[stage]]\nid = \"{name}\"\nuses = \"{name}@{major}\"\n");
    if on_target(plugin) {
        text.push_str("targets = \"app\"\n");
    }
    let required: Vec<&str> =
        plugin.config["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !required.is_empty() {
        text.push_str("[stage.with]\n");
    }
    for key in required {
        let value = sample(&plugin.config, &plugin.config["properties"][key]);
        text.push_str(&format!("{key} = {}\n", in_toml(&value)));
    }
    text
}

fn on_target(plugin: &Plugin) -> bool {
    packages(plugin).iter().any(|package| ON_TARGET.contains(&package.as_str()))
}

/// The packages of the contract that it imports, without their version.
fn packages(plugin: &Plugin) -> Vec<String> {
    let package = |import: &String| Some(import.strip_prefix("windlass:")?.split('/').next()?.to_owned());
    plugin.imports.iter().filter_map(package).filter(|package| package != "types").collect()
}

fn capabilities(plugin: &Plugin) -> String {
    let link = |package: &String| format!("[{package}](../capabilities/{package}.md)");
    packages(plugin).iter().map(link).collect::<Vec<_>>().join(", ")
}

fn yes(whether: bool) -> String {
    if whether { "yes" } else { "" }.to_owned()
}

/// What the comment at the top of a source says beyond its first sentence, which the summary repeats.
fn introduction(name: &str, source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let text = lines.join("\n");
    let said = format!("The plugin {}: ", code(name));
    match text.strip_prefix(&said) {
        Some(rest) => rest.find([':', '.']).map_or("", |_| after_first_sentence(rest)).trim().to_owned(),
        None => text.trim().to_owned(),
    }
}

fn after_first_sentence(text: &str) -> &str {
    let ends = [". ", ".\n"].into_iter().filter_map(|end| text.find(end)).min();
    ends.map_or("", |end| &text[end + 1..])
}

#[cfg(test)]
mod tests;
