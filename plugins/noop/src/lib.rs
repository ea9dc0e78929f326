//! The plugin `noop`: does nothing. What a stage costs when it costs nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::{Context, Result, Stage, UndoFn};

/// `with` of the stage: empty.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// What the stage answers: nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {}

/// The stage.
#[derive(Debug)]
pub struct Noop;

impl Stage for Noop {
    const NAME: &'static str = "noop";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Does nothing";
    type Config = Config;
    type Outputs = Outputs;
    const UNDO: Option<UndoFn<Config>> = Some(|_, _| Ok(()));

    fn run(_: &Context, _: Config) -> Result<Outputs> {
        Ok(Outputs {})
    }
}

windlass_sdk::export!(Noop);

#[cfg(test)]
mod tests {
    use super::Noop;
    use windlass_sdk::testing::Harness;

    #[test]
    fn it_makes_no_call() {
        let mut harness = Harness::new();
        assert_eq!(harness.run::<Noop>().unwrap().to_string(), "{}");
        harness.undo::<Noop>().unwrap();
        assert!(harness.calls().is_empty() && harness.log().is_empty());
    }
}
