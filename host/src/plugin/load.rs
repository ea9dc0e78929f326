//! Loading a component: hash → compile → imports → `describe`. Nothing is served that did not pass.

use super::cache::Cache;
use super::limits::MIB;
use super::{Component, Manifest, Runtime, embedded, imports, instance::Guest};
use crate::capability::wit;
use crate::event::now;
use sha2::{Digest, Sha256};
use std::time::Duration;
use wasmtime::component;
use windlass_api_types::{ErrorKind, Failure};

/// `describe` is a constant; one that takes longer hangs.
const DESCRIBE: Duration = Duration::from_secs(10);

/// The digest of a component's bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// Loads a component, off the async threads.
pub(super) async fn load(runtime: &Runtime, cache: &Cache, source: &str, bytes: Vec<u8>) -> Result<Component, Failure> {
    check_size(runtime, &bytes)?;
    let digest = digest(&bytes);
    let (engine, cache, digest_) = (runtime.engine().clone(), cache.clone(), digest.clone());
    let compiled = compile(runtime, move || cache.compile(&engine, &digest_, &bytes)).await?;
    imports::check(&imports_of(runtime, &compiled), source == embedded::SOURCE).map_err(|reason| {
        refused("import-denied", reason).hint("the version that serves now goes on; ask the plugin's author for less")
    })?;
    describe(runtime, source, digest, compiled).await
}

/// Loads a component whose code is not kept, and whose imports nobody has approved.
pub(super) async fn trial(runtime: &Runtime, bytes: Vec<u8>) -> Result<Component, Failure> {
    check_size(runtime, &bytes)?;
    let (engine, digest) = (runtime.engine().clone(), digest(&bytes));
    let compiled = compile(runtime, move || component::Component::from_binary(&engine, &bytes)).await?;
    describe(runtime, "trial", digest, compiled).await
}

async fn compile(
    runtime: &Runtime,
    compiling: impl FnOnce() -> wasmtime::Result<component::Component> + Send + 'static,
) -> Result<component::Component, Failure> {
    let limit = Duration::from_secs(runtime.limits().compile_seconds);
    let compiled = tokio::time::timeout(limit, tokio::task::spawn_blocking(compiling)).await.map_err(|_| {
        refused("compile-time", format!("it took more than {} s to compile", limit.as_secs()))
            .hint("raise plugins.compile_seconds if it should")
    })?;
    compiled
        .map_err(|error| refused("compile", format!("it could not be compiled: {error}")))?
        .map_err(|error| refused("not-a-component", format!("it is not a component this server can run: {error:#}")).hint(
            "a plugin is a WebAssembly component for the world `windlass:stage/plugin`; in Rust: --target wasm32-wasip2",
        ))
}

fn imports_of(runtime: &Runtime, compiled: &component::Component) -> Vec<String> {
    compiled.component_type().imports(runtime.engine()).map(|(name, _)| name.to_string()).collect()
}

fn check_size(runtime: &Runtime, bytes: &[u8]) -> Result<(), Failure> {
    let allowed = runtime.limits().component_mb;
    match bytes.len() as u64 <= allowed * MIB {
        true => Ok(()),
        false => {
            Err(refused("too-large", format!("it is larger than {allowed} MiB")).hint("raise plugins.component_mb"))
        }
    }
}

async fn describe(
    runtime: &Runtime,
    source: &str,
    digest: String,
    compiled: component::Component,
) -> Result<Component, Failure> {
    let pre = runtime
        .linker()
        .instantiate_pre(&compiled)
        .and_then(wit::PluginPre::<Guest>::new)
        .map_err(|error| refused("other-contract", format!("it does not fit this server's contract: {error:#}")))?;
    let json = tokio::time::timeout(DESCRIBE, Component::describe(runtime, &pre))
        .await
        .map_err(|_| refused("describe", format!("its `describe` did not end within {} s", DESCRIBE.as_secs())))?
        .map_err(|error| refused("describe", format!("its `describe` failed: {}", error.root_cause())))?;
    let manifest = Manifest::read(&json).map_err(|reason| refused("metadata", reason))?;
    let validator = |schema| {
        jsonschema::validator_for(schema).map_err(|error| refused("metadata", format!("its schema is wrong: {error}")))
    };
    Ok(Component {
        config: validator(&manifest.config)?,
        outputs: validator(&manifest.outputs)?,
        manifest,
        digest,
        source: source.into(),
        imports: imports_of(runtime, &compiled),
        loaded_at: now(),
        pre,
    })
}

fn refused(code: &str, reason: String) -> Failure {
    Failure::new(ErrorKind::InvalidInput, format!("plugin-{code}"), reason)
}
