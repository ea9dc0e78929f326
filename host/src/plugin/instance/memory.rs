//! The memory limit of one instance, over all its memories.

use wasmtime::ResourceLimiter;

/// Counts what an instance's memories have grown to.
pub(super) struct MemoryLimit {
    used: u64,
    allowed: u64,
    /// Whether the guest asked for more than it may have.
    pub(super) refused: bool,
}

/// Entries of all tables: function pointers. A real component has some thousands.
const TABLE_ENTRIES: usize = 200_000;

impl MemoryLimit {
    pub(super) fn new(allowed: u64) -> Self {
        Self { used: 0, allowed, refused: false }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used + (desired - current) as u64;
        if used > self.allowed {
            self.refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ENTRIES)
    }
}
