use super::*;
use expect_test::expect;
use serde_json::json;

fn plugin() -> Plugin {
    Plugin {
        name: "notify".into(),
        version: "1.2.0".into(),
        summary: "Tells a webhook".into(),
        digest: String::new(),
        source: "shipped".into(),
        config: json!({ "required": ["url"], "properties": {
            "url": { "type": "string", "description": "Where to", "grant": "http", "examples": ["https://a.example"] } } }),
        outputs: json!({ "properties": { "status": { "type": "integer", "description": "The answer's" } } }),
        undo: false,
        imports: vec![
            "windlass:types/types@0.1.0".into(),
            "windlass:http/http@0.1.0".into(),
            "wasi:io/poll@0.2.6".into(),
        ],
        loaded_at: 0,
    }
}

#[test]
fn a_page_has_all_that_a_stage_needs() {
    expect![[r##"
        # notify

        Tells a webhook.

        It is sent once.

        |  |  |
        |---|---|
        | Version | 1.2.0 |
        | Undoes | no: what it did stays where a later stage fails |
        | Runs | once, on the server |
        | Capabilities | [http](../capabilities/http.md) |

        ## Example

        ```toml
        [[stage]]
        id = "notify"
        uses = "notify@1"
        [stage.with]
        url = "https://a.example"
        ```

        ## Configuration: `with`

        | key | type | default | meaning |
        |---|---|---|---|
        | `url` | text | **required** | Where to. Such as `"https://a.example"`. |

        ## Outputs

        | key | type | meaning |
        |---|---|---|
        | `status` | number | The answer's. |

        A later stage reads them as `${stages.ID.outputs.KEY}`, with the id of this stage.

        ## Grants

        What is asked for is listed before a deployment starts; who deploys at a terminal is asked, and `windlass plan` says what is missing.

        | where | what an operator grants |
        |---|---|
        | `url` names a host | `windlass grant add PROJECT/ENVIRONMENT http HOST --plugin notify` |
    "##]].assert_eq(&page(&plugin(), "It is sent once."));
}

#[test]
fn the_introduction_is_what_the_summary_does_not_say() {
    let source = "//! The plugin `notify`: tells. It is sent\n//! once.\n//!\n//! More.\n\nuse x;";
    assert_eq!(introduction("notify", source), "It is sent\nonce.\n\nMore.");
    assert_eq!(introduction("notify", "//! The plugin `notify`: tells.\n"), "");
}

#[test]
fn a_shipped_plugin_without_a_source_is_an_error() {
    let error = plugins(&[plugin()], Path::new("nowhere")).unwrap_err();
    assert_eq!(error.to_string(), "the shipped plugin `notify` has no source nowhere/notify/src/lib.rs");
}
