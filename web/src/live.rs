//! What changes by itself: the clock, the server's event streams, and whether they are connected.

pub(crate) mod clock;
pub(crate) mod connection;
mod follow;
mod server;
pub(crate) mod sse;
mod stream;

pub(crate) use follow::Follow;
pub(crate) use server::Live;
