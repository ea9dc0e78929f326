use super::*;
use crate::testing::Harness;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How long to wait.
    #[serde(rename = "timeout_seconds")]
    _timeout: u64,
    #[serde(default, rename = "health")]
    _health: Option<Health>,
}

#[derive(Deserialize, JsonSchema)]
struct Health {
    #[serde(rename = "port")]
    _port: u16,
}

#[derive(Serialize, JsonSchema)]
struct Outputs {}

struct Wait;

impl Stage for Wait {
    const NAME: &'static str = "wait";
    const VERSION: &'static str = "1.2.0";
    const SUMMARY: &'static str = "Waits";
    type Config = Config;
    type Outputs = Outputs;

    fn run(_: &Context, _: Config) -> Result<Outputs> {
        Ok(Outputs {})
    }
}

fn config_error(config: Value) -> String {
    let error = Harness::new().config(config).run::<Wait>().unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidInput, "bad-config"));
    error.message
}

#[test]
fn metadata_has_the_schemas_and_says_whether_it_undoes() {
    let metadata: Value = serde_json::from_str(&describe::<Wait>()).unwrap();
    assert_eq!(metadata["metadata"], 1);
    assert_eq!((&metadata["name"], &metadata["version"]), (&json!("wait"), &json!("1.2.0")));
    assert_eq!(metadata["config"]["properties"]["timeout_seconds"]["description"], "How long to wait.");
    assert_eq!(metadata["outputs"]["type"], "object");
    assert_eq!(metadata["undo"], false);
}

#[test]
fn a_wrong_config_names_the_field() {
    assert_eq!(config_error(json!({})), "stage `stage`: with: missing field `timeout_seconds`");
    assert_eq!(
        config_error(json!({ "timeout_seconds": "soon" })),
        "stage `stage`: with.timeout_seconds: invalid type: string \"soon\", expected u64"
    );
    assert_eq!(
        config_error(json!({ "timeout_seconds": 1, "health": { "port": 70000 } })),
        "stage `stage`: with.health.port: invalid value: integer `70000`, expected u16"
    );
}

#[test]
fn a_stage_without_undo_says_so() {
    let error = Harness::new().config(json!({ "timeout_seconds": 1 })).undo::<Wait>().unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unsupported, "`wait` cannot be undone"));
}

#[test]
fn a_context_that_is_none_is_a_fault_of_the_host() {
    assert_eq!(run::<Wait>("[]").unwrap_err().kind, ErrorKind::Internal);
}
