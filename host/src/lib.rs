//! skeleton

pub mod ssh;

pub mod demo;
