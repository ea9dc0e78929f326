//! The open connections, one per address, and how many sessions each may have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use russh::client::Handle;
use russh::keys::PrivateKey;
use tokio::sync::Semaphore;

use super::dial::Jump;
use super::error::SshError;
use super::host_key::{Guard, Refusals, ScannedHostKey};
use super::standby::Standby;
use super::{SshConfig, TargetAddress, dial};

/// Sessions for commands on one connection. sshd allows ten (MaxSessions); the eleventh waits here
/// rather than fail there.
const COMMAND_SESSIONS: usize = 8;
/// The rest is kept free for what must not wait behind commands: ending one of them.
const CONTROL_SESSIONS: usize = 2;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Command,
    Control,
}

/// One open connection.
pub(super) struct Live {
    pub(super) handle: Handle<Guard>,
    pub(super) refusals: Refusals,
    most_commands: usize,
    commands: Arc<Semaphore>,
    controls: Arc<Semaphore>,
    used: Mutex<Instant>,
    pub(super) standby: Standby,
}

impl Live {
    fn new(handle: Handle<Guard>, refusals: Refusals, most_commands: usize) -> Self {
        let most_commands = most_commands.max(COMMAND_SESSIONS);
        Self {
            handle,
            refusals,
            most_commands,
            commands: Arc::new(Semaphore::new(most_commands)),
            controls: Arc::new(Semaphore::new(CONTROL_SESSIONS)),
            used: Mutex::new(Instant::now()),
            standby: Standby::default(),
        }
    }

    pub(super) fn sessions(&self, purpose: Purpose) -> Arc<Semaphore> {
        Arc::clone(match purpose {
            Purpose::Command => &self.commands,
            Purpose::Control => &self.controls,
        })
    }

    /// Whether sessions of ours are open besides the caller's own permit.
    pub(super) fn others_open(&self) -> bool {
        let free = self.commands.available_permits() + self.controls.available_permits();
        free + 1 < self.most_commands + CONTROL_SESSIONS
    }

    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn idle(&self) -> Duration {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// The place of one address's connection. Its lock is held while connecting, so that many who want
/// the same target make one connection.
struct Slot {
    place: tokio::sync::Mutex<Option<Arc<Live>>>,
    /// The commands that may run there at once, over whichever connection.
    commands: Arc<Semaphore>,
}

pub(super) struct Pool {
    config: SshConfig,
    stored_key: Arc<PrivateKey>,
    /// As many as there are targets: slots stay, connections come and go.
    slots: Mutex<HashMap<TargetAddress, Arc<Slot>>>,
}

impl Pool {
    pub(super) fn new(config: SshConfig, stored_key: Arc<PrivateKey>) -> Self {
        Self { config, stored_key, slots: Mutex::default() }
    }

    pub(super) fn config(&self) -> &SshConfig {
        &self.config
    }

    pub(super) fn stored_key(&self) -> &PrivateKey {
        &self.stored_key
    }

    /// The open connection to an address, or a new one.
    pub(super) async fn live(&self, address: &TargetAddress) -> Result<Arc<Live>, SshError> {
        let slot = self.slot(address);
        let mut place = slot.place.lock().await;
        if let Some(live) = place.as_ref().filter(|live| !live.handle.is_closed()) {
            live.touch();
            return Ok(Arc::clone(live));
        }
        let live = self.dial(address).await?;
        *place = Some(Arc::clone(&live));
        tokio::spawn(close_when_idle(Arc::downgrade(&slot), Arc::downgrade(&live), self.config.idle_close));
        Ok(live)
    }

    /// A connection of its own, outside the pool.
    pub(super) async fn dial(&self, address: &TargetAddress) -> Result<Arc<Live>, SshError> {
        let jump = self.jump(address.jump.as_deref(), &address.name).await?;
        let (handle, refusals) = dial::dial(&self.config, &self.stored_key, address, jump.as_ref()).await?;
        Ok(Arc::new(Live::new(handle, refusals, self.config.commands_per_target)))
    }

    /// Looks at the host key of a server, through a jump where there is one.
    pub(super) async fn scan(
        &self,
        host: &str,
        port: u16,
        jump: Option<&TargetAddress>,
    ) -> Result<ScannedHostKey, SshError> {
        let jump = self.jump(jump, host).await?;
        dial::scan(&self.config, host, port, jump.as_ref()).await
    }

    /// The pooled connection of the jump through which `target` is reached. An address holds its jumps, so
    /// that there are finitely many.
    async fn jump(&self, jump: Option<&TargetAddress>, target: &str) -> Result<Option<Jump>, SshError> {
        let Some(jump) = jump else { return Ok(None) };
        let name = jump.name.clone();
        match Box::pin(self.live(jump)).await {
            Ok(live) => Ok(Some(Jump { name, live })),
            Err(error) => Err(SshError::Jump { target: target.to_owned(), error: Box::new(error) }),
        }
    }

    fn slot(&self, address: &TargetAddress) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = || Slot {
            place: tokio::sync::Mutex::default(),
            commands: Arc::new(Semaphore::new(self.config.commands_per_target)),
        };
        Arc::clone(slots.entry(address.clone()).or_insert_with(|| Arc::new(slot())))
    }

    /// The places of the commands that may run on a target at once.
    pub(super) fn commands(&self, address: &TargetAddress) -> Arc<Semaphore> {
        Arc::clone(&self.slot(address).commands)
    }
}

/// Empties the slot once nobody has used its connection for `after`. Sessions and tunnels hold the
/// connection too, so a long command is not idle.
async fn close_when_idle(slot: Weak<Slot>, live: Weak<Live>, after: Duration) {
    loop {
        tokio::time::sleep(after / 2).await;
        let (Some(slot), Some(live)) = (slot.upgrade(), live.upgrade()) else {
            return;
        };
        let mut place = slot.place.lock().await;
        let in_place = place.as_ref().is_some_and(|other| Arc::ptr_eq(other, &live));
        // Two are the slot's and this function's.
        let unused = Arc::strong_count(&live) <= 2 && live.idle() >= after;
        if live.handle.is_closed() || unused {
            if in_place {
                *place = None;
            }
            return;
        }
        if !in_place {
            return;
        }
    }
}
