//! The demo: everything it needs beside the server itself.

pub mod target;
