//! What the plugins of the templates `process` and `compose` share: where things are on a target, what a running
//! copy of a release is called, and the shell functions that start, find and stop one.
//!
//! On a target, an app has one directory:
//!
//! ```text
//! releases/<release>/   what was delivered, one directory each
//! data/                 the app's own; never touched
//! current               a link to the live release
//! run/<instance>.*      one running copy of a release: its script, environment, port, process, log
//! ```

mod address;
mod directory;
mod env_file;
mod environment;
mod instance;

pub use address::{Address, Host, PlainName, ProxyName};
pub use directory::{Directory, RemotePath};
pub use env_file::EnvFile;
pub use environment::{Environment, environment};
pub use instance::{instance, report, script, unit_name};
