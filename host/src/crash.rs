//! Places at which a test has the process die, to see what the next one makes of what it left. A release has none:
//! they are only in builds with debug assertions.

/// Names the place, and which time of coming there is the last: `journal.performed` or `journal.performed:3`.
pub const VARIABLE: &str = "WINDLASS_CRASH";

/// Every place.
pub const PLACES: [&str; 17] = [
    "store.append-begun",
    "store.append-written",
    "store.append-committed",
    "store.claim-written",
    "store.claimed",
    "store.take-over-written",
    "store.taken-over",
    "event.stored",
    "journal.intent-recorded",
    "journal.performed",
    "journal.answer-recorded",
    "engine.run-started",
    "engine.run-ended",
    "engine.activated",
    "engine.undo-started",
    "engine.undo-ended",
    "engine.ending",
];

/// Here the process may die, as by `kill -9`.
#[cfg(debug_assertions)]
pub fn at(place: &'static str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Asked {
        place: String,
        left: AtomicU64,
    }

    static ASKED: LazyLock<Option<Asked>> = LazyLock::new(|| {
        let asked = std::env::var(VARIABLE).ok()?;
        let (place, times) = asked.split_once(':').unwrap_or((&asked, "1"));
        Some(Asked { place: place.into(), left: AtomicU64::new(times.parse().unwrap_or(1)) })
    });

    debug_assert!(PLACES.contains(&place), "{place} is not listed");
    let Some(asked) = ASKED.as_ref().filter(|asked| asked.place == place) else { return };
    if asked.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        // It does not return.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub fn at(_: &'static str) {}
