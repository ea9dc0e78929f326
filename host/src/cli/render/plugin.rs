//! A plugin: what it does, what it takes and answers, what it may ask for.

use super::style::{BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::text::{clean_block, first_line};
use windlass_api_types::plugin::Plugin;
use windlass_api_types::schema::{Key, in_toml, keys};

/// All that a stage of it must know.
pub fn render_plugin(plugin: &Plugin) -> String {
    let title = format!("{}@{}", plugin.name, plugin.version);
    let mut text = format!("{}  {}\n\n", paint(BOLD, &title), clean_block(&plugin.summary, ""));
    let capabilities = plugin.imports.iter().filter_map(|import| import.strip_prefix("windlass:")?.split('/').next());
    let capabilities: Vec<&str> = capabilities.filter(|package| *package != "types").collect();
    let undoes = if plugin.undo { "yes" } else { "no" };
    let mut facts = Table::bare("");
    for (name, fact) in [
        ("from", plugin.source.as_str()),
        ("digest", &plugin.digest),
        ("undoes", undoes),
        ("capabilities", &capabilities.join(", ")),
    ] {
        facts.row([Cell::new(name, DIM), first_line(fact).into()]);
    }
    text.push_str(&facts.render());
    let (inputs, outputs) = (keys(&plugin.config), keys(&plugin.outputs));
    text.push_str(&section("with", &inputs));
    text.push_str(&section("outputs", &outputs));
    let mut asked = Table::bare("  ");
    for key in &inputs {
        if let Some(grant) = &key.grant {
            asked.row([Cell::new(&key.path, BOLD), first_line(grant).into()]);
        }
    }
    if inputs.iter().any(|key| key.grant.is_some()) {
        text.push_str(&format!("\n{}\n{}", paint(DIM, "may ask for"), asked.render()));
    }
    text
}

fn section(heading: &str, keys: &[Key]) -> String {
    let mut text = String::new();
    for key in keys {
        let default = match &key.default {
            _ if key.required => " (required)".to_owned(),
            Some(default) => format!(" (default {})", in_toml(default)),
            None => String::new(),
        };
        let kind = first_line(&format!("{}{default}", key.kind.replace('`', "")));
        text.push_str(&format!("  {}  {}\n", paint(BOLD, &first_line(&key.path)), paint(DIM, &kind)));
        if !key.meaning.is_empty() {
            text.push_str(&format!("      {}\n", plain(&key.meaning)));
        }
    }
    if text.is_empty() { text } else { format!("\n{}\n{text}", paint(DIM, heading)) }
}

/// In one line, without the marks of Markdown.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    first_line(&words.join(" ").replace('`', ""))
}

#[cfg(test)]
mod tests {
    use super::super::sample::plain;
    use super::*;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn all_that_a_stage_needs_is_shown() {
        let plugin = Plugin {
            name: "notify".into(),
            version: "1.2.0".into(),
            summary: "Tells a webhook".into(),
            digest: "sha256:0123".into(),
            source: "shipped".into(),
            config: json!({ "required": ["url"], "properties": {
                "url": { "type": "string", "description": "Where `it` goes", "grant": "http" },
                "method": { "enum": ["POST", "PUT"], "default": "POST" } } }),
            outputs: json!({ "properties": { "status": { "type": "integer", "description": "The answer's" } } }),
            undo: false,
            imports: vec!["windlass:types/types@0.1.0".into(), "windlass:http/http@0.1.0".into()],
            loaded_at: 0,
        };
        expect![[r#"
            notify@1.2.0  Tells a webhook

            from          shipped
            digest        sha256:0123
            undoes        no
            capabilities  http

            with
              url  text (required)
                  Where it goes.
              method  "POST", "PUT" (default "POST")

            outputs
              status  number
                  The answer's.

            may ask for
              url  http
        "#]]
        .assert_eq(&plain(&render_plugin(&plugin)));
    }
}
