//! The plugin `docker-network`: makes sure of a network for containers on the stage's target. It stays when the
//! deployment is undone: containers of other deployments may be in it, and an empty one does no harm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use windlass_sdk::{Context, Result, Stage, docker, log};

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The network's name.
    #[schemars(length(min = 1), extend("examples" = ["shop"]))]
    name: String,
    /// Without a way out: its containers reach each other only.
    #[serde(default)]
    internal: bool,
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The network's name.
    name: String,
    /// Its id; empty in a plan.
    id: String,
}

/// The stage.
#[derive(Debug)]
pub struct DockerNetwork;

impl Stage for DockerNetwork {
    const NAME: &'static str = "docker-network";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Makes sure of a network for containers";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let labels = vec![("windlass.project".to_owned(), ctx.project.clone())];
        let id = docker::ensure_network(ctx.target()?, &config.name, config.internal, labels)?;
        log::info!("the network {} is there", config.name);
        Ok(Outputs { name: config.name, id })
    }
}

windlass_sdk::export!(DockerNetwork);

#[cfg(test)]
mod tests {
    use super::DockerNetwork;
    use serde_json::json;
    use windlass_sdk::docker::{Reply, Request};
    use windlass_sdk::testing::Harness;

    #[test]
    fn the_network_is_made_sure_of() {
        let mut harness = Harness::new().target("web-1").config(json!({ "name": "shop", "internal": true }));
        harness.on_docker(|request| {
            let Request::NetworkEnsure { name, internal: true, labels, .. } = request else { panic!("{request}") };
            assert_eq!((name.as_str(), labels[0].1.as_str()), ("shop", "shop"));
            Ok(Reply::Text("0123".to_owned()))
        });
        assert_eq!(harness.run::<DockerNetwork>().unwrap(), json!({ "name": "shop", "id": "0123" }));
        assert_eq!(harness.calls(), ["docker.network-ensure web-1: shop"]);
    }
}
