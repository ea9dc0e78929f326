//! What a plugin implements, and what turns it into the three functions of the contract.

use crate::{Context, Error, ErrorKind, Result};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Compensates a run: the context is that of the run, with its last checkpoint.
pub type UndoFn<C> = fn(&Context, C) -> Result<()>;

/// A stage: one thing that a pipeline can do.
pub trait Stage {
    /// What pipelines call it: `uses = "name@1"`.
    const NAME: &'static str;
    /// Its version, `major.minor.patch`; usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// What it does, in one line.
    const SUMMARY: &'static str;
    /// The stage's `with` in a pipeline. The doc comments of its fields are what users read about them. A text
    /// with `#[schemars(extend("format" = "artifact"))]` names an artifact: a deployment whose release does not
    /// carry it is refused before it starts. In the same way `"grant" = …` says that a value asks for a grant, so
    /// that it can be asked for before anything starts: `http` (a URL), `http host` (a host; `port` and `tls` are
    /// keys beside it), `zone` (a name), `docker mount` (a path of the target), `docker network` (a network's name),
    /// and, where the value is true, `docker privileged` and `docker host-network`.
    type Config: DeserializeOwned + JsonSchema;
    /// What later stages can use as `${stages.<id>.outputs.<field>}`. A struct: its JSON is an object.
    type Outputs: Serialize + JsonSchema;

    /// What compensates a run that started, whether or not it finished; it must be safe to call twice.
    /// `None`: the stage cannot be undone, and says so in its metadata.
    const UNDO: Option<UndoFn<Self::Config>> = None;

    /// Does it.
    ///
    /// # Errors
    /// Those of the capabilities it uses and its own. A [`retryable`](Error::retryable) one is tried
    /// again as often as the pipeline's `retries` allows.
    fn run(ctx: &Context, config: Self::Config) -> Result<Self::Outputs>;
}

/// The document `metadata`, version 1.
pub fn describe<S: Stage>() -> String {
    json!({
        "metadata": 1,
        "name": S::NAME,
        "version": S::VERSION,
        "summary": S::SUMMARY,
        "config": SchemaGenerator::default().into_root_schema_for::<S::Config>(),
        "outputs": SchemaGenerator::default().into_root_schema_for::<S::Outputs>(),
        "undo": S::UNDO.is_some(),
    })
    .to_string()
}

/// Runs a stage on the JSON of its context and answers the JSON of its outputs.
pub fn run<S: Stage>(context: &str) -> Result<String> {
    let (context, config) = read::<S>(context)?;
    let outputs = S::run(&context, config)?;
    serde_json::to_string(&outputs)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("the outputs of `{}` are not JSON: {error}", S::NAME)))
}

/// Undoes a stage.
pub fn undo<S: Stage>(context: &str) -> Result<()> {
    let Some(undo) = S::UNDO else {
        return Err(Error::unsupported(format!("`{}` cannot be undone", S::NAME)));
    };
    let (context, config) = read::<S>(context)?;
    undo(&context, config)
}

fn read<S: Stage>(context: &str) -> Result<(Context, S::Config)> {
    let context: Context = serde_json::from_str(context)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("the host's context is not version 1: {error}")))?;
    let config = serde_path_to_error::deserialize(&context.config).map_err(|error| config_error(&context, &error))?;
    Ok((context, config))
}

/// Says which field of `with` is wrong: the path is `.` where the object itself is (a field is missing).
fn config_error(context: &Context, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let field = match error.path().to_string().as_str() {
        "." => "with".to_owned(),
        path => format!("with.{path}"),
    };
    Error::invalid_input(format!("stage `{}`: {field}: {}", context.stage.id, error.inner()))
        .code("bad-config")
        .hint(format!("correct `{field}` of the stage in windlass.toml"))
}

#[cfg(test)]
mod tests;
