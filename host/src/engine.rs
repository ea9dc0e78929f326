//! The engine: it makes deployments from configurations, lets one at a time run in each environment,
//! and drives their stages.

pub mod pipeline;

mod address;
mod cancel;
mod app_log;
mod catalog;
mod closing;
mod commands;
mod context;
mod create;
mod decide;
mod drive;
mod error;
mod execution;
mod gate;
mod guard;
mod inputs;
mod past;
mod plan;
mod plugin_run;
mod prepare;
mod queue;
mod record;
pub mod replay;
mod requests;
mod resolve;
mod resumption;
mod retry;
mod rollback;
mod rollout;
mod runner;
mod stage_runner;
mod standing;
mod stop;
mod supersede;
mod undo;
mod watch;

pub use address::{address, chain};
pub use app_log::AppLogQuery;
pub use catalog::{Catalog, ShippedTemplates};
pub use error::EngineError;
pub use replay::ReplayRequest;

use crate::dns::Dns;
use crate::event::{Appender, Events};
use crate::lease::Lease;
use crate::outbound::Outbound;
use crate::plugin::Registry;
use crate::ssh::Ssh;
use crate::store::Store;
use crate::vault::Vault;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use stop::Stop;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use windlass_api_types::DeploymentId;

/// What the engine is built from.
pub struct EngineParts {
    pub store: Store,
    pub events: Events,
    pub registry: Registry,
    pub ssh: Ssh,
    pub dns: Dns,
    pub outbound: Outbound,
    pub vault: Vault,
    /// Where people reach this server, such as `http://127.0.0.1:4680`; absent where none listens.
    pub url: Option<String>,
    /// Under which deployments run here; absent for a command that only looks.
    pub lease: Option<Lease>,
    /// Whether what is live is watched here: by a server that stays, and not by a command that deploys by itself.
    pub watches: bool,
    /// Deployments that may run at once. Default 32: each waits far more than it computes.
    pub most_running: usize,
}

/// A deployment that runs here.
struct Running {
    /// Such as `shop#41`.
    label: String,
    /// Under which it runs.
    epoch: u64,
    stop: Stop,
    /// Set as soon as its record can be written.
    appender: Arc<OnceLock<Appender>>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    parts: EngineParts,
    running: Mutex<HashMap<DeploymentId, Running>>,
    /// Told when something may have become ready to run.
    wake: Notify,
    closing: CancellationToken,
    /// Told when what runs here is let go of.
    handing_over: CancellationToken,
    tasks: TaskTracker,
}

impl Engine {
    /// Goes on with what an earlier process left, and starts to run what is queued.
    pub async fn start(parts: EngineParts) -> Result<Self, EngineError> {
        let inner = Inner {
            parts,
            running: Mutex::default(),
            wake: Notify::new(),
            closing: CancellationToken::new(),
            handing_over: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let engine = Self { inner: Arc::new(inner) };
        if let Some(lease) = engine.parts().lease.clone() {
            engine.inner.tasks.spawn(engine.clone().run_commands(lease.id()));
            engine.inner.tasks.spawn(engine.clone().run_queue(lease));
        }
        if engine.parts().watches {
            engine.inner.tasks.spawn(engine.clone().run_watches());
        }
        Ok(engine)
    }

    /// How many deployments run here.
    pub fn running_count(&self) -> usize {
        self.running().len()
    }

    /// The labels of the deployments that run here, such as `shop#41`.
    pub fn running_labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = self.running().values().map(|running| running.label.clone()).collect();
        labels.sort_unstable();
        labels
    }

    fn running(&self) -> MutexGuard<'_, HashMap<DeploymentId, Running>> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&self) -> &EngineParts {
        &self.inner.parts
    }

    fn catalog(&self) -> Catalog {
        Catalog::new(self.parts().registry.clone())
    }

    /// A deployment's page in the UI; absent where no server listens.
    fn deployment_url(&self, project: &str, number: u64) -> Option<String> {
        let url = self.parts().url.as_ref()?;
        Some(format!("{}/deployments/{project}/{number}", url.trim_end_matches('/')))
    }
}
