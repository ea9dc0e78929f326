//! The plugin `notify`: tells a webhook about the deployment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use windlass_sdk::http::{self, Method};
use windlass_sdk::{Context, Error, Result, Stage, Text, log};

mod message;

/// `with` of the stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the message goes: a text, `{ secret = "NAME" }`, or a list of both. Its host must be granted.
    #[schemars(extend("grant" = "http", "examples" = ["https://hooks.example.com/deployed"]))]
    url: Text,
    /// The method of the request.
    #[serde(default)]
    method: Verb,
    /// What the message looks like.
    #[serde(default)]
    format: Format,
    /// What happened, in a sentence; absent: what is deployed where, by whom.
    #[serde(default)]
    text: Option<String>,
    /// The message itself, any JSON, where no format fits. `{{name}}` in its texts stands for `project`,
    /// `environment`, `label`, `number`, `url`, `actor`, `kind`, `release`, `commit`, `branch`, `commit_message`,
    /// `author`, `target` and `text`; what there is none of is empty.
    #[serde(default)]
    body: Option<Value>,
    /// Additional headers.
    #[serde(default)]
    headers: BTreeMap<String, Text>,
    /// Seconds that an attempt may take.
    #[serde(default = "default_timeout_seconds")]
    #[schemars(range(min = 1))]
    timeout_seconds: u32,
    /// The receiver knows the header `Idempotency-Key`: the message may be sent again where no answer comes.
    #[serde(default)]
    idempotency_key: bool,
    /// Further attempts where the receiver is not reached or overloaded. A POST without `idempotency_key` has none.
    #[serde(default)]
    #[schemars(range(max = 10))]
    retries: u32,
}

/// The method of the request.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    #[default]
    Post,
    Put,
    Patch,
}

/// What the message looks like.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// All that is known about the deployment, as one JSON object.
    #[default]
    Json,
    /// `{"text": …}`, as Slack and those that speak like it (Mattermost, Rocket.Chat) take it.
    Slack,
}

fn default_timeout_seconds() -> u32 {
    30
}

/// What the stage answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outputs {
    /// The status of the receiver's answer.
    status: u16,
}

/// The stage.
#[derive(Debug)]
pub struct Notify;

impl Stage for Notify {
    const NAME: &'static str = "notify";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Tells a webhook about the deployment";
    type Config = Config;
    type Outputs = Outputs;

    fn run(ctx: &Context, config: Config) -> Result<Outputs> {
        let body = message::body(ctx, &config);
        let method = match config.method {
            Verb::Post => Method::Post,
            Verb::Put => Method::Put,
            Verb::Patch => Method::Patch,
        };
        let mut request = http::request(method, config.url)
            .timeout(Duration::from_secs(config.timeout_seconds.into()))
            .retries(config.retries);
        if config.idempotency_key {
            request = request.idempotency_key();
        }
        // A receiver may want another one.
        let typed = config.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        request = match typed {
            true => request.body(body.to_string()),
            false => request.json(&body),
        };
        request = config.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send()?.success().map_err(with_hint)?;
        log::info!("the receiver answered {}", answer.status);
        Ok(Outputs { status: answer.status })
    }
}

/// Says where to look where the answer does not.
fn with_hint(error: Error) -> Error {
    match error.hint {
        None => error.hint("check the stage's `url` and what its receiver wants as `body` and `headers`"),
        Some(_) => error,
    }
}

windlass_sdk::export!(Notify);

#[cfg(test)]
mod tests;
