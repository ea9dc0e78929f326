//! What a deployment is and how it runs.

pub mod pipeline;
