//! `windlass:log`: the stage's log. No effects: lines are counted, and throttled.

use super::{Capabilities, wit::windlass::log::log as wit};

impl wit::Host for Capabilities {
    async fn write(&mut self, level: wit::Level, message: String) -> wasmtime::Result<()> {
        self.log_rate.admit(message.len()).await;
        self.journal.write(level.into(), &message).await.map_err(wasmtime::Error::new)
    }

    async fn step(&mut self, name: String) -> wasmtime::Result<()> {
        self.journal.step(&name).await.map_err(wasmtime::Error::new)
    }

    async fn progress(&mut self, done: u64, total: Option<u64>, unit: String) -> wasmtime::Result<()> {
        let keep = self.log_rate.progress_is_due(total == Some(done));
        self.journal.progress(done, total, unit, keep).await.map_err(wasmtime::Error::new)
    }
}

impl super::wit::windlass::types::types::Host for Capabilities {}
