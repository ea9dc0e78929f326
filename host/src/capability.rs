//! The capabilities: one file per WIT interface. Only they perform effects, and only through the
//! journal. A host function turns its arguments into a typed effect, and the effect's answer into
//! what the guest gets; nothing else.

use crate::dns::Zones;
use crate::mask::Masker;
use crate::outbound::Outbound;
use crate::ssh::{Ssh, TargetAddress};
use crate::store::Store;
use crate::vault::{Secrets, Vault};
use std::sync::Arc;
use windlass_api_types::EnvironmentId;
use windlass_api_types::deployment::Artifact;

mod approval;
mod artifacts;
mod ask;
mod bytes;
mod control;
mod convert;
mod dns;
mod docker;
mod files;
mod granter;
mod health;
mod http;
mod log;
mod log_rate;
mod segment;
mod ssh_exec;
mod state;
mod summary;
#[cfg(test)]
mod testing;
pub mod wit;

pub use ask::Ask;
pub use granter::Granter;
pub use health::Watched;
pub use log_rate::LogRate;
pub use ssh_exec::ssh_failure;
pub use state::StateView;
pub use summary::summary;

/// What the effects of one stage run work with.
pub struct World {
    pub ssh: Ssh,
    /// The DNS zones that the operator configured.
    pub zones: Zones,
    pub store: Store,
    /// What this stage run may touch.
    pub granter: Granter,
    /// What the release carries.
    pub artifacts: Vec<Artifact>,
    pub state: StateView,
    /// What the deployment pinned.
    pub secrets: Arc<Secrets>,
    /// What masks their values.
    pub masker: Masker,
    pub outbound: Outbound,
    /// Where a captured secret goes …
    pub vault: Vault,
    /// … of this environment …
    pub environment: EnvironmentId,
    /// … by this deployment, such as `shop#41`.
    pub deployment: String,
    /// The deployment's page; absent where no server listens.
    pub deployment_url: Option<String>,
}

/// The host's side of one instance: what its imports work with.
pub struct Capabilities {
    pub journal: Journal,
    pub log_rate: LogRate,
}

/// The journal of a stage run whose effects are those of this module.
pub type Journal = crate::journal::Journal<World>;

impl World {
    /// The address of a target that is granted.
    fn target(&self, name: &str) -> Result<&TargetAddress, windlass_api_types::Failure> {
        self.granter.target(name)
    }
}
