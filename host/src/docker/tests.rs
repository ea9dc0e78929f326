//! Engines, reached through real SSH servers.

mod containers;
mod images;
mod networks;
mod reaching;

use super::testing::{Machine, Setup};
use super::{Engine, EngineError, Spec};
use crate::ssh::Capture;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use windlass_api_types::Failure;

async fn engine(machine: &Machine) -> Engine {
    connect(machine).await.unwrap()
}

async fn connect(machine: &Machine) -> Result<Engine, EngineError> {
    Engine::connect(machine.connect().await, &CancellationToken::new()).await
}

/// Why an engine cannot be reached.
async fn unreachable(machine: &Machine) -> Failure {
    failure(connect(machine).await.map(drop))
}

fn failure<T: std::fmt::Debug>(answer: Result<T, EngineError>) -> Failure {
    match answer.unwrap_err() {
        EngineError::Engine(failure) => failure,
        EngineError::Ssh(error) => panic!("{error}"),
    }
}

/// A container `shop` of the image `shop:1`, with these keys.
fn spec(keys: Value) -> Spec<String> {
    let mut document = json!({ "spec": 1, "name": "shop", "image": "shop:1" });
    document.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    serde_json::from_value(document).unwrap()
}

fn capture() -> Capture {
    Capture::new(1024 * 1024)
}
