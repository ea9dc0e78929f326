//! A batch in the making: events get their place, and are folded to see whether they may be there.

use super::{AppendError, Durability, Queued, Waiter};
use crate::event::NewEvent;
use crate::store::StateWrite;
use std::collections::BTreeSet;
use tokio::sync::oneshot;
use windlass_api_types::{CommandId, DeploymentId, DeploymentState, Event, IllegalEvent, Timestamp};

/// Events that will be committed together, and who waits for that.
#[derive(Default)]
pub(in crate::event) struct Pending {
    pub(in crate::event) events: Vec<Event>,
    pub(in crate::event) state_writes: Vec<StateWrite>,
    pub(in crate::event) commands: Vec<CommandId>,
    /// Those of earlier batches too: a command is an event once.
    taken: BTreeSet<CommandId>,
    waiters: Vec<(u64, oneshot::Sender<Result<u64, AppendError>>)>,
    pub(in crate::event) durable: bool,
    /// When the last event happened, those of earlier batches included.
    last_at: Timestamp,
}

impl Pending {
    /// Takes a queued event in. One that cannot follow is told to who waits, else logged; the others
    /// go on without it.
    pub(super) fn take(&mut self, queued: Queued, deployment: DeploymentId, state: &mut DeploymentState) {
        if let Some(command) = queued.event.command.filter(|command| self.taken.contains(command)) {
            if let Some(waiter) = queued.waiter {
                // Who has gone does not want to know.
                let _ = waiter.done.send(Err(AppendError::CommandTaken { command }));
            }
            return;
        }
        let added = self.add(queued.event, queued.at, deployment, state);
        match (added, queued.waiter) {
            (Ok(seq), Some(Waiter { done, durability })) => {
                self.durable |= durability == Durability::Full;
                self.waiters.push((seq, done));
            }
            (Ok(_), None) => {}
            (Err(error), waiter) => {
                tracing::error!(%deployment, %error, "an event was not appended; this is a bug");
                if let Some(waiter) = waiter {
                    // Who has gone does not want to know.
                    let _ = waiter.done.send(Err(error.into()));
                }
            }
        }
    }

    /// Gives an event its place after those of the state, and answers its `seq`.
    pub(in crate::event) fn add(
        &mut self,
        new: NewEvent,
        at: Timestamp,
        deployment: DeploymentId,
        state: &mut DeploymentState,
    ) -> Result<u64, IllegalEvent> {
        // The clock may step back, and producers race for the queue: the record's time only goes on. An
        // event that brings its time keeps it: the guest has seen it.
        let at = new.at.unwrap_or_else(|| self.last_at.max(at));
        let event = Event {
            deployment_id: deployment,
            seq: state.last_seq + 1,
            at,
            stage_run: new.stage_run,
            level: new.level,
            message: storable(new.message),
            body: new.body,
        };
        state.apply(&event)?;
        let seq = event.seq;
        self.last_at = self.last_at.max(event.at);
        self.events.push(event);
        self.state_writes.extend(new.state_write);
        self.commands.extend(new.command);
        self.taken.extend(new.command);
        Ok(seq)
    }

    /// Answers all who wait.
    pub(super) fn answer(&mut self, result: Result<(), &AppendError>) {
        for (seq, done) in self.waiters.drain(..) {
            // Who has gone does not want to know.
            let _ = done.send(result.map(|()| seq).map_err(AppendError::clone));
        }
    }

    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.state_writes.clear();
        self.commands.clear();
        self.durable = false;
    }
}

/// PostgreSQL takes no NUL in a text; programs print them all the same.
fn storable(message: String) -> String {
    match message.contains('\0') {
        true => message.replace('\0', "\u{2400}"),
        false => message,
    }
}
