//! A shell in waiting: the session of the next command, opened while this one runs.
//!
//! What a login shell reads before it runs anything takes longer than most commands, hundreds of
//! milliseconds on some machines, and opening a session takes two round trips. So beside the first command
//! another session is opened whose shell waits for its program on standard input. Unused it is closed soon.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::command::Token;
use super::pool::{Live, Purpose};
use super::session::Session;

/// How long a shell waits for a command. Short, so that it is not older than what is known of the
/// connection, and so that a target that has nothing to do runs nothing.
const UNUSED: Duration = Duration::from_secs(20);
/// How long a login shell may take to come to the program.
const PREPARING: Duration = Duration::from_secs(10);
/// Longer programs are not fed to a shell line by line.
const LONGEST_PROGRAM: usize = 16 * 1024;

/// Waits for a program, which ends with the line $1, and becomes it.
const LAUNCHER: &str = include_str!("standby.sh");

/// The place of one connection's shell in waiting.
#[derive(Default)]
pub(super) struct Standby {
    place: Mutex<Option<Waiting>>,
    preparing: AtomicBool,
    /// Told when a shell has come into the place.
    pub(super) ready: Notify,
}

struct Waiting {
    session: Session,
    until: Instant,
}

impl Standby {
    /// Takes the shell for a command line out of its place.
    pub(super) fn take(live: &Arc<Live>, line: &str) -> Option<Session> {
        if line.len() > LONGEST_PROGRAM {
            return None;
        }
        let mut waiting = live.standby.place().take()?;
        let usable = waiting.until > Instant::now() && waiting.session.still_waits();
        usable.then(|| waiting.session.held_by(live))
    }

    /// Opens a session in the background, where there is none and room for one. On a connection that has
    /// refused one it is not tried again.
    pub(super) fn prepare(live: &Arc<Live>) {
        let standby = &live.standby;
        let Ok(permit) = live.sessions(Purpose::Command).try_acquire_owned() else { return };
        if standby.place().is_some() || standby.preparing.swap(true, Ordering::AcqRel) {
            return;
        }
        let live = Arc::clone(live);
        tokio::spawn(async move {
            let end = Token::new();
            let launching = Session::launch(&live, permit, LAUNCHER, &end);
            let Some(session) = tokio::time::timeout(PREPARING, launching).await.ok().flatten() else { return };
            *live.standby.place() = Some(Waiting { session, until: Instant::now() + UNUSED });
            live.standby.preparing.store(false, Ordering::Release);
            live.standby.ready.notify_one();
            let weak = Arc::downgrade(&live);
            drop(live);
            tokio::time::sleep(UNUSED).await;
            if let Some(live) = weak.upgrade() {
                live.standby.place().take_if(|waiting| waiting.until <= Instant::now());
            }
        });
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<Waiting>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
