//! The server's time, and a tick a second for what is shown relative to it.

use leptos::prelude::*;
use std::{cell::Cell, time::Duration};
use windlass_api_types::Timestamp;

/// Below this difference the browser's clock is used as it is, in milliseconds: the server tells its
/// time in whole seconds, and answers take a moment.
const TOLERATED: f64 = 3_000.0;

/// How often relative times change.
const TICK: Duration = Duration::from_secs(1);

thread_local! {
    /// The server's clock minus the browser's, in milliseconds.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// Compares clocks, by the `Date` header of an answer.
pub(crate) fn observe(date: Option<&str>) {
    let Some(server) = date.map(js_sys::Date::parse).filter(|at| at.is_finite()) else { return };
    let ahead = server - js_sys::Date::now();
    AHEAD.set(if ahead.abs() > TOLERATED { ahead } else { 0.0 });
}

/// The server's time now.
pub(crate) fn now() -> Timestamp {
    (js_sys::Date::now() + AHEAD.get()) as Timestamp
}

/// The server's time as a signal that changes once a second.
#[derive(Clone, Copy)]
pub(crate) struct Clock(RwSignal<Timestamp>);

impl Clock {
    /// Starts to tick and provides itself.
    pub(crate) fn provide() {
        let clock = Self(RwSignal::new(now()));
        let tick = move || {
            if !crate::browser::is_hidden() {
                clock.0.set(now());
            }
        };
        if let Ok(interval) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || interval.clear());
        }
        provide_context(clock);
    }

    /// The clock of the application.
    pub(crate) fn get() -> Signal<Timestamp> {
        use_context::<Self>().map_or_else(|| Signal::derive(now), |clock| clock.0.into())
    }
}

/// A signal that changes every 100 ms while a condition holds: for what is running.
pub(crate) fn fine(running: impl Fn() -> bool + Send + Sync + 'static) -> Signal<Timestamp> {
    const FINE: Duration = Duration::from_millis(100);
    let signal = RwSignal::new(now());
    Effect::new(move |_| {
        signal.set(now());
        if !running() {
            return;
        }
        if let Ok(interval) = set_interval_with_handle(move || signal.set(now()), FINE) {
            on_cleanup(move || interval.clear());
        }
    });
    signal.into()
}
