//! One page per shipped template, from the file itself: its keys and its comments.

use crate::markdown::{code, prose, sentence, table};
use crate::{INDEX, Pages, schema};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;
use windlass_api_types::plugin::Plugin;
use windlass_api_types::schema::in_toml;

/// A template as its page needs it.
struct Template {
    document: Value,
    /// The comment at the top of the file.
    introduction: String,
    /// The comments above the stages, in their order.
    comments: Vec<String>,
}

/// Writes the pages of the templates in a directory; `plugins` are those that their stages use.
pub fn templates(directory: &Path, plugins: &[Plugin]) -> Result<Pages> {
    let mut pages = Pages::new("templates");
    let mut rows = Vec::new();
    let mut files: Vec<_> = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for path in files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let template = Template::read(&text).with_context(|| format!("{} is no template", path.display()))?;
        let name = template.text("name");
        rows.push(vec![format!("[{name}]({name}.md)"), sentence(template.text("summary"))]);
        pages.add(format!("{name}.md"), page(&template, plugins));
    }
    pages.add(INDEX, index(&rows));
    Ok(pages)
}

fn index(rows: &[Vec<String>]) -> String {
    format!(
        "# Templates\n\n\
         A template is a pipeline that a project configures with options: `template = \"NAME@1\"` in `windlass.toml`. \
         A `[[stage]]` with a known `id` overrides the template's keys, one with a new `id` goes `before` or `after` \
         another; `windlass pipeline eject` writes all of it into the project's own file.\n\n{}",
        table(&["template", "what it deploys"], rows)
    )
}

impl Template {
    fn read(text: &str) -> Result<Self> {
        let document: toml::Table = text.parse()?;
        let template = Self {
            document: serde_json::to_value(document)?,
            introduction: uncommented(text.lines().take_while(|line| line.starts_with('#'))),
            comments: comments(text),
        };
        if template.text("name").is_empty() || template.stages().len() != template.comments.len() {
            bail!("it needs a `name`, and each stage as a `[[stage]]` of its own");
        }
        Ok(template)
    }

    fn text(&self, key: &str) -> &str {
        self.document[key].as_str().unwrap_or_default()
    }

    fn stages(&self) -> &[Value] {
        self.document["stage"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// The comment directly above each `[[stage]]`; empty where there is none.
fn comments(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let above = |end: usize| {
        let start = lines[..end].iter().rposition(|line| !line.starts_with('#')).map_or(0, |before| before + 1);
        uncommented(lines[start..end].iter().copied())
    };
    let stages = lines.iter().enumerate().filter(|(_, line)| line.trim_end() == "[[stage]]");
    stages.map(|(index, _)| above(index)).collect()
}

fn uncommented<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    let lines: Vec<&str> = lines.map(|line| line.trim_start_matches('#')).collect();
    lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn page(template: &Template, plugins: &[Plugin]) -> String {
    let stages = template.stages().iter().zip(&template.comments);
    let rows: Vec<Vec<String>> = stages.map(|(stage, comment)| row(stage, comment, plugins)).collect();
    format!(
        "# {}\n\n{}\n\n{}\n\n## Options\n\n{}\n## Stages\n\n\
         In this order. Where one fails before the pivot, those that started are undone, the last one first.\n\n{}",
        template.text("name"),
        sentence(template.text("summary")),
        prose(&template.introduction),
        schema::inputs(&template.document["options"]),
        table(&["stage", "plugin", "what it does", ""], &rows),
    )
}

fn row(stage: &Value, comment: &str, plugins: &[Plugin]) -> Vec<String> {
    let uses = stage["uses"].as_str().unwrap_or("run@1");
    let name = uses.split('@').next().unwrap_or(uses);
    let plugin = plugins.iter().find(|plugin| plugin.name == name);
    let summary = plugin.map(|plugin| sentence(&plugin.summary)).unwrap_or_default();
    let link = match plugin {
        Some(_) => format!("[{name}](../plugins/{name}.md)"),
        None => name.to_owned(),
    };
    vec![code(stage["id"].as_str().unwrap_or_default()), link, format!("{summary} {comment}"), notes(stage)]
}

/// What is special about a stage.
fn notes(stage: &Value) -> String {
    let mut notes = Vec::new();
    if stage["pivot"] == true {
        notes.push("the pivot".to_owned());
    }
    for key in ["when", "on_failure", "undo", "always", "one_target", "watch", "approval"] {
        if let Some(value) = stage.get(key) {
            notes.push(code(&format!("{key} = {}", in_toml(value))));
        }
    }
    notes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_page_has_the_options_and_the_stages() {
        let text = "# The template `one`: a thing.\n#\n#     project = \"shop\"\n\nname = \"one\"\nversion = \"1.0.0\"\n\
            summary = \"A thing\"\n[options]\nrequired = [\"a\"]\n[options.properties.a]\ntype = \"string\"\n\
            description = \"What\"\n\n# The stages.\n\n# Does it. Undo undoes it.\n[[stage]]\nid = \"do\"\nuses = \"run@1\"\n\
            when = { \"options.a\" = \"x\" }\n\n[[stage]]\nid = \"finish\"\nuses = \"other@1\"\npivot = true\n";
        let template = Template::read(text).unwrap();
        expect![[r##"
            # one

            A thing.

            The template `one`: a thing.

                project = "shop"

            ## Options

            | key | type | default | meaning |
            |---|---|---|---|
            | `a` | text | **required** | What. |

            ## Stages

            In this order. Where one fails before the pivot, those that started are undone, the last one first.

            | stage | plugin | what it does |  |
            |---|---|---|---|
            | `do` | run | Does it. Undo undoes it. | `when = { "options.a" = "x" }` |
            | `finish` | other |  | the pivot |
        "##]]
        .assert_eq(&page(&template, &[]));
    }

    #[test]
    fn what_is_no_template_is_an_error() {
        assert!(Template::read("name = 1").is_err());
        assert!(Template::read("name = \"x\"\nstage = [{ id = \"a\" }]").is_err());
    }
}
