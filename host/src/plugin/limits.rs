//! What one stage run may use. Each limit has a knob in the server's configuration, and the error of
//! a plugin that meets it names the knob.

use serde::Deserialize;

/// Limits of a plugin's instance; the section `[plugins]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Linear memory, in MiB. Default 128: Python and JavaScript components need 30 to start.
    pub memory_mb: u64,
    /// CPU time of a stage run, in seconds. Default 60: a stage waits, it does not compute.
    pub cpu_seconds: u64,
    /// Bytes that host calls may take from and put into the guest, in MiB a call. Default 32.
    pub call_mb: u64,
    /// The outputs document, in KiB. Default 1024: outputs are for other stages, not for files.
    pub output_kb: u64,
    /// Log bytes a second, in KiB; beyond it the guest waits. Default 4096.
    pub log_kb_per_second: u64,
    /// Capability calls of a stage run. Default 10000.
    pub effects: u64,
    /// Seconds that a component may take to compile when it is loaded. Default 120.
    pub compile_seconds: u64,
    /// The size of a component, in MiB. Default 64.
    pub component_mb: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mb: 128,
            cpu_seconds: 60,
            call_mb: 32,
            output_kb: 1024,
            log_kb_per_second: 4096,
            effects: 10_000,
            compile_seconds: 120,
            component_mb: 64,
        }
    }
}

impl Limits {
    /// The size of a component, in bytes.
    pub fn component_bytes(&self) -> usize {
        usize::try_from(self.component_mb * MIB).unwrap_or(usize::MAX)
    }
}

pub(super) const MIB: u64 = 1024 * 1024;
pub(super) const KIB: u64 = 1024;
