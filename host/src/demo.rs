//! The demo: everything it needs beside the server itself.

pub mod front_door;
pub mod target;
