//! The WebAssembly engine all plugins share, its linker, and the ticker that measures CPU time.

use super::Limits;
use super::instance::Guest;
use crate::capability::wit;
use std::sync::{Arc, Weak};
use std::time::Duration;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Engine};

/// The resolution of CPU limits: a guest that computes is looked at this often.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The engine and the linker. Built once; cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    linker: Linker<Guest>,
    limits: Limits,
}

impl Runtime {
    /// Builds the engine and starts its ticker, which ends with the last clone.
    pub fn new(limits: Limits) -> wasmtime::Result<Self> {
        let engine = Engine::new(&config())?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wit::Plugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest: &mut Guest| &mut guest.capabilities)?;
        let inner = Arc::new(Inner { engine, linker, limits });
        tick(Arc::downgrade(&inner))?;
        Ok(Self { inner })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(super) fn linker(&self) -> &Linker<Guest> {
        &self.inner.linker
    }

    /// What a stage run may use.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }
}

/// Deterministic guests: NaN bits and relaxed SIMD do not depend on the machine. Epochs only yield or
/// kill.
fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true);
    config
}

/// Advances the epoch from a thread of its own: the async threads may be busy with guests.
fn tick(inner: Weak<Inner>) -> std::io::Result<()> {
    std::thread::Builder::new().name("epoch-ticker".into()).spawn(move || {
        loop {
            std::thread::sleep(TICK);
            match inner.upgrade() {
                Some(inner) => inner.engine.increment_epoch(),
                None => return,
            }
        }
    })?;
    Ok(())
}
