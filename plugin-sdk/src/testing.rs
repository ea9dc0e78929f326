//! Runs a stage natively against scripted answers: no wasm, no network.
//!
//! ```
//! # use schemars::JsonSchema;
//! # use serde::{Deserialize, Serialize};
//! # use windlass_sdk::{Context, Result, Stage, files};
//! # #[derive(Deserialize, JsonSchema)]
//! # struct Config { line: String }
//! # #[derive(Serialize, JsonSchema)]
//! # struct Outputs { bytes: usize }
//! # struct Motd;
//! # impl Stage for Motd {
//! #     const NAME: &'static str = "motd";
//! #     const VERSION: &'static str = "1.0.0";
//! #     const SUMMARY: &'static str = "Greets";
//! #     type Config = Config;
//! #     type Outputs = Outputs;
//! #     fn run(ctx: &Context, config: Config) -> Result<Outputs> {
//! #         files::write(ctx.target()?, "/etc/motd", &config.line).sudo().send()?;
//! #         Ok(Outputs { bytes: config.line.len() })
//! #     }
//! # }
//! use windlass_sdk::testing::Harness;
//!
//! let mut harness = Harness::new().target("web-1").config(serde_json::json!({ "line": "hello" }));
//! harness.on_write(|file| {
//!     assert_eq!(file.contents.to_string(), "hello");
//!     Ok(())
//! });
//! let outputs = harness.run::<Motd>().unwrap();
//! assert_eq!(outputs, serde_json::json!({ "bytes": 5 }));
//! assert_eq!(harness.calls(), ["files.write web-1: /etc/motd"]);
//! ```
//!
//! A call that no answer was given for fails the test and says which one it was. Log lines,
//! checkpoints, sleeps, state and the list of artifacts need no answers. [`Harness::plan`] answers as a
//! dry run does, so that a test can compare the calls of both. [`LocalTarget`] runs what a stage asks
//! for on this machine, in a directory of its own.

mod call;
pub(crate) mod calls;
mod dns;
mod local;
mod scenario;
mod script;

pub use call::Call;
pub use local::LocalTarget;

use crate::log::Level;
use crate::{Context, Mode, Result, Stage, approval, docker, files, health, http, ssh};
use script::Script;
use serde_json::Value;

/// A stage's context and the answers that its calls get.
#[derive(Debug)]
#[must_use]
pub struct Harness {
    context: Context,
    script: Script,
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Harness {
    /// A first deployment, `shop#41`, of release `20260305-143022` to `production`, without targets.
    pub fn new() -> Self {
        Self { context: scenario::context(), script: Script::default() }
    }

    /// What the stage is told, to change whatever the other methods do not.
    pub fn context(&mut self) -> &mut Context {
        &mut self.context
    }

    /// Answers the commands.
    pub fn on_exec(&mut self, answer: impl FnMut(&ssh::Request) -> Result<ssh::Output> + 'static) -> &mut Self {
        self.script.exec = Some(Box::new(answer));
        self
    }

    /// Answers the next command; several are used in their order, before what [`on_exec`](Self::on_exec)
    /// says. One that is left over fails the test.
    pub fn next_exec(&mut self, answer: Result<ssh::Output>) -> &mut Self {
        self.script.next_exec.push_back(answer);
        self
    }

    /// Answers the files that are written.
    pub fn on_write(&mut self, answer: impl FnMut(&files::WriteRequest) -> Result<()> + 'static) -> &mut Self {
        self.script.write = Some(Box::new(answer));
        self
    }

    /// Answers the files that are read.
    pub fn on_read(&mut self, answer: impl FnMut(&files::ReadRequest) -> Result<Vec<u8>> + 'static) -> &mut Self {
        self.script.read = Some(Box::new(answer));
        self
    }

    /// Answers the directories that are filled from an artifact.
    pub fn on_sync(&mut self, answer: impl FnMut(&files::SyncRequest) -> Result<files::Synced> + 'static) -> &mut Self {
        self.script.sync = Some(Box::new(answer));
        self
    }

    /// Answers the archives that are unpacked.
    pub fn on_unpack(
        &mut self,
        answer: impl FnMut(&files::UnpackRequest) -> Result<files::Unpacked> + 'static,
    ) -> &mut Self {
        self.script.unpack = Some(Box::new(answer));
        self
    }

    /// Answers the calls of a Docker engine, each with the variant of its function; [`docker::Request::assumed`]
    /// has the answer to those that are of no interest.
    pub fn on_docker(&mut self, answer: impl FnMut(&docker::Request) -> Result<docker::Reply> + 'static) -> &mut Self {
        self.script.docker = Some(Box::new(answer));
        self
    }

    /// Answers the health probes.
    pub fn on_health(&mut self, answer: impl FnMut(&health::Request) -> Result<health::Report> + 'static) -> &mut Self {
        self.script.health = Some(Box::new(answer));
        self
    }

    /// Answers the HTTP requests.
    pub fn on_http(&mut self, answer: impl FnMut(&http::Request) -> Result<http::Response> + 'static) -> &mut Self {
        self.script.http = Some(Box::new(answer));
        self
    }

    /// Decides the questions that the stage waits for, by their keys.
    pub fn on_approval(&mut self, answer: impl FnMut(&String) -> Result<approval::Decision> + 'static) -> &mut Self {
        self.script.approval = Some(Box::new(answer));
        self
    }

    /// Runs the stage, through the same JSON as in the host, and answers its outputs. What it stored as
    /// its checkpoint is in the context of the next run or undo.
    ///
    /// # Errors
    /// Those of the stage.
    ///
    /// # Panics
    /// When the stage makes a call that has no answer, or does not use one of [`next_exec`](Self::next_exec).
    pub fn run<S: Stage>(&mut self) -> Result<Value> {
        self.perform::<S>(false)
    }

    /// Runs the stage as a dry run does: what changes the world answers as assumed, what reads is
    /// answered as in [`run`](Self::run).
    ///
    /// # Errors
    /// Those of the stage.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn plan<S: Stage>(&mut self) -> Result<Value> {
        self.perform::<S>(true)
    }

    /// Undoes the stage.
    ///
    /// # Errors
    /// Those of the stage; `unsupported` where it has no undo.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn undo<S: Stage>(&mut self) -> Result<()> {
        self.context.mode = Mode::Undo;
        let document = scenario::to_json(&self.context);
        self.script.plan = false;
        self.enter(|| crate::glue::undo::<S>(&document))
    }

    fn perform<S: Stage>(&mut self, plan: bool) -> Result<Value> {
        self.context.mode = Mode::Run;
        let document = scenario::to_json(&self.context);
        self.script.plan = plan;
        self.script.simulated = false;
        let outputs = self.enter(|| crate::glue::run::<S>(&document))?;
        let outputs: Value = serde_json::from_str(&outputs)?;
        assert!(outputs.is_object(), "the outputs of `{}` are not a JSON object: {outputs}", S::NAME);
        Ok(outputs)
    }

    fn enter<T>(&mut self, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        self.script.artifacts = self.context.release.artifacts.clone();
        let (answer, script) = calls::with_script(std::mem::take(&mut self.script), stage);
        self.script = script;
        if let Some(checkpoint) = self.script.last_checkpoint() {
            self.context.checkpoint = Some(checkpoint);
        }
        let unused = self.script.next_exec.len();
        assert!(unused == 0 || answer.is_err(), "{unused} answers of `next_exec` were not asked for");
        answer
    }

    /// The calls so far, one line each, such as `ssh-exec.exec web-1: systemctl restart shop`.
    pub fn calls(&self) -> Vec<String> {
        self.script.calls.iter().map(ToString::to_string).collect()
    }

    /// The calls so far, with all that was said in them.
    pub fn effects(&self) -> &[Call] {
        &self.script.calls
    }

    /// Forgets the calls and the log so far.
    pub fn forget(&mut self) {
        self.script.calls.clear();
        self.script.log.clear();
    }

    /// The log so far; steps are lines at the level info that begin with `▸ `.
    pub fn log(&self) -> &[(Level, String)] {
        &self.script.log
    }
}

/// What the stage says about itself: name, version, schemas.
pub fn metadata<S: Stage>() -> Value {
    serde_json::from_str(&crate::glue::describe::<S>()).expect("the SDK writes JSON")
}

#[cfg(test)]
mod tests;
