//! The generated pages: none is stale, and what they show works.

use crate::harness::{Site, exit};
use serde_json::json;
use std::fs;
use std::path::Path;
use windlass_api_types::plugin::{Plugin, Plugins};
use windlass_pages::{COMMAND, Pages, capabilities, plugins, templates};

mod sqlite {
    crate::harness::test_on!(every_page_is_current, Sqlite);
    crate::harness::test_on!(every_example_is_accepted, Sqlite);
    crate::harness::test_on!(a_plugin_is_shown_in_the_terminal, Sqlite);
}

fn root(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the repository").join(path)
}

async fn shipped(site: &Site) -> Vec<Plugin> {
    site.windlass("plugin list --json").await.succeeds().json::<Plugins>().plugins
}

async fn every_page_is_current(site: &Site) {
    let shipped = shipped(site).await;
    let all: [Pages; 3] = [
        capabilities(&root("wit")).expect("the contract can be read"),
        plugins(&shipped, &root("plugins")).expect("every plugin has a source"),
        templates(&root("templates"), &shipped).expect("the templates can be read"),
    ];
    let stale = |pages: &Pages| pages.stale(&root("docs")).expect("the pages can be read");
    let stale: Vec<String> = all.iter().flat_map(stale).collect();
    assert!(stale.is_empty(), "stale in docs/: {}: run `{COMMAND}`", stale.join(", "));
}

/// A person copies the example of a page into windlass.toml.
async fn every_example_is_accepted(site: &Site) {
    site.add_target().await.succeeds();
    let server = site.serve().await;
    let api = site.api(&server).await;
    let shipped = shipped(site).await;
    assert!(shipped.len() > 10, "{shipped:#?}");
    for Plugin { name, .. } in shipped {
        let page = fs::read_to_string(root("docs/plugins").join(format!("{name}.md")));
        let page = page.unwrap_or_else(|error| panic!("no page about `{name}`: {error}: run `{COMMAND}`"));
        let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let example = example.expect("a page has an example");
        let config =
            format!("project = \"x\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n{example}");
        let answer = api.post("/requests", &json!({ "config": config, "environment": "production" })).await;
        let advice = "give the required keys of the plugin's config `examples`";
        assert!(answer.status.is_success(), "{example}\n{}\n{advice}", answer.body);
    }
    server.stop().await;
}

async fn a_plugin_is_shown_in_the_terminal(site: &Site) {
    let shown = site.windlass("plugin show dns-record@1").await.succeeds().stdout;
    for line in
        ["dns-record@", "undoes        yes", "  name  text (required)", "  ttl  number (default 300)", "may ask for"]
    {
        assert!(shown.contains(line), "no `{line}` in:\n{shown}");
    }
    let unknown = site.windlass("plugin show dns-recrod").await.exits(exit::USAGE);
    let said = "error: there is no plugin `dns-recrod` here\n  next: see what there is: windlass plugin list\n";
    assert_eq!(unknown.stderr, said);
}
