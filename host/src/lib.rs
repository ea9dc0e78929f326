//! Windlass as a library: the modules in the order in which data flows through them.

pub mod engine;
