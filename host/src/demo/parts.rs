//! The demo's own processes beside the server, as hidden commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Subcommand;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use windlass_api_types::Failure;

use super::error::DemoError;
use super::processes::{FRONT_DOOR, TARGET};
use super::{front_door, target};

/// A part of the demo that is a process of its own, so that killing the server kills none of it.
#[derive(Debug, Subcommand)]
pub enum Part {
    /// The demo's front door: sends each request to where the upstream file says
    #[command(hide = true)]
    DemoFrontDoor {
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// Holds `127.0.0.1:PORT`; read anew for each request
        #[arg(long, value_name = "FILE")]
        upstream_file: PathBuf,
    },
    /// The demo's target: an SSH server that runs commands as the current user
    #[command(hide = true)]
    DemoTarget {
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// The private host key; made on first use
        #[arg(long, value_name = "FILE")]
        host_key: PathBuf,
        /// The one key that may sign in, as a line of `authorized_keys`
        #[arg(long, value_name = "LINE")]
        authorized_key: String,
        /// The home directory that commands see
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
}

impl Part {
    /// Serves until SIGTERM.
    pub async fn run(self) -> Result<(), Failure> {
        Ok(self.serve().await?)
    }

    async fn serve(self) -> Result<(), DemoError> {
        let shutdown = shutdown_signal().map_err(|source| DemoError::File {
            action: "wait for signals in",
            path: std::env::current_exe().unwrap_or_default(),
            source,
        })?;
        match self {
            Self::DemoFrontDoor { listen: address, upstream_file } => {
                let listener = listen(FRONT_DOOR, address).await?;
                front_door::serve(listener, &upstream_file, shutdown).await;
            }
            Self::DemoTarget { listen: address, host_key, authorized_key, home } => {
                let listener = listen(TARGET, address).await?;
                target::serve(listener, &host_key, &authorized_key, &home, shutdown).await?;
            }
        }
        Ok(())
    }
}

async fn listen(process: &'static str, address: SocketAddr) -> Result<TcpListener, DemoError> {
    TcpListener::bind(address).await.map_err(|source| DemoError::Listen {
        process,
        address: address.to_string(),
        source,
    })
}

fn shutdown_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = CancellationToken::new();
    let cancel = shutdown.clone();
    tokio::spawn(async move {
        terminate.recv().await;
        cancel.cancel();
    });
    Ok(shutdown)
}
