//! A real OpenSSH server on loopback, as the current user, for as long as the benchmark runs.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Sshd {
    process: Child,
    pub(crate) directory: PathBuf,
    pub(crate) port: u16,
}

impl Sshd {
    /// Lets these public keys in, one a line.
    pub(crate) fn start(directory: &Path, authorized: &str) -> Result<Self> {
        fs::create_dir_all(directory)?;
        if Path::new("/run").exists() {
            // Where it cannot be made (no root) sshd does not need it.
            drop(fs::create_dir_all("/run/sshd"));
        }
        make_key(&directory.join("host_key"))?;
        fs::write(directory.join("authorized_keys"), authorized)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let show = directory.display();
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {show}/host_key\nPidFile none\n\
             AuthorizedKeysFile {show}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
             PermitRootLogin prohibit-password\nMaxSessions 100\n"
        );
        fs::write(directory.join("sshd_config"), config)?;
        let process = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(directory.join("sshd_config"))
            .stderr(Stdio::null())
            .spawn()
            .context("this benchmark needs OpenSSH's server: apt-get install openssh-server")?;
        let sshd = Self { process, directory: directory.into(), port };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(Instant::now() < deadline, "sshd does not answer on port {port}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(sshd)
    }

    pub(crate) fn host_key(&self) -> Result<String> {
        Ok(fs::read_to_string(self.directory.join("host_key.pub"))?)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A key pair without a passphrase.
pub(crate) fn make_key(path: &Path) -> Result<()> {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status()?;
    ensure!(made.success(), "ssh-keygen failed");
    Ok(())
}
