//! A target that is this machine: scripts run in a real `sh`, files are written for real.

use super::Harness;
use super::scenario::plain;
use crate::ssh::{Exit, Output, Program, Request};
use crate::{Error, Result, files};
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

/// This machine as a target, in a home directory of its own that is removed at the end.
///
/// It answers commands and files for every target name; health probes are the test's to answer. There
/// is no `sudo`: what asks for it runs as the user of the test. Timeouts are not enforced. A secret's
/// value is `<secret NAME>`.
#[derive(Debug, Clone)]
pub struct LocalTarget(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    home: tempfile::TempDir,
    path: OsString,
}

impl LocalTarget {
    /// An empty home directory.
    ///
    /// # Panics
    /// When the temporary directory cannot be made.
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Self {
        Self::with_path(std::env::var_os("PATH").unwrap_or_default())
    }

    /// The same, whose commands find programs in these directories only, `:` between them: to put
    /// others in the place of those of this machine.
    ///
    /// # Panics
    /// When the temporary directory cannot be made.
    pub fn with_path(path: impl Into<OsString>) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory for the local target");
        Self(Rc::new(Inner { home, path: path.into() }))
    }

    /// The home directory, to which paths are relative.
    pub fn home(&self) -> &Path {
        self.0.home.path()
    }

    /// Answers a harness's commands and files. `artifact` is the directory that any artifact unpacks to.
    pub fn serve(&self, harness: &mut Harness, artifact: impl Into<PathBuf>) {
        let artifact = artifact.into();
        let target = self.clone();
        harness.on_exec(move |request| target.exec(request));
        let target = self.clone();
        harness.on_write(move |request| target.write(request));
        let target = self.clone();
        harness.on_read(move |request| target.read(request));
        let target = self.clone();
        harness.on_unpack(move |request| target.unpack(request, &artifact));
    }

    fn exec(&self, request: &Request) -> Result<Output> {
        let mut command = match &request.program {
            Program::Argv(argv) => {
                let mut command = Command::new(argv.first().map(String::as_str).unwrap_or_default());
                command.args(argv.iter().skip(1));
                command
            }
            Program::Script(script) => {
                let mut command = Command::new("sh");
                command.arg("-c").arg(script);
                command
            }
        };
        // As after a login: nothing of the test's own environment.
        command.current_dir(self.home().join(request.cwd.as_deref().unwrap_or(".")));
        command.env_clear().env("HOME", self.home()).env("PATH", &self.0.path);
        command.envs(request.env.iter().map(|(name, value)| (name, plain(value))));
        run(&mut command, &plain(&request.stdin)).map_err(|error| failed("exec", &request.summary(), &error))
    }

    fn write(&self, request: &files::WriteRequest) -> Result<()> {
        let path = self.home().join(&request.path);
        let write = || -> std::io::Result<()> {
            let directory = path.parent().unwrap_or(Path::new("."));
            if request.parents {
                std::fs::create_dir_all(directory)?;
            }
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(plain(&request.contents).as_bytes())?;
            let mode = std::fs::Permissions::from_mode(request.mode.unwrap_or(0o644));
            file.as_file().set_permissions(mode)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| failed("write", &request.path, &error))
    }

    fn read(&self, request: &files::ReadRequest) -> Result<Vec<u8>> {
        std::fs::read(self.home().join(&request.path)).map_err(|error| failed("read", &request.path, &error))
    }

    fn unpack(&self, request: &files::UnpackRequest, artifact: &Path) -> Result<files::Unpacked> {
        let directory = self.home().join(&request.directory);
        let copied = Command::new("cp").arg("-aT").arg(artifact).arg(&directory).status();
        match copied {
            Ok(status) if status.success() => Ok(files::Unpacked { sent_bytes: 1024 }),
            _ => Err(Error::failed(format!("cannot unpack to {}", directory.display()))),
        }
    }
}

fn run(command: &mut Command, stdin: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        match pipe.write_all(stdin.as_bytes()) {
            // A command need not read its input.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    let done = child.wait_with_output()?;
    let exit = match (done.status.code(), done.status.signal()) {
        (Some(code), _) => Exit::Status(u32::try_from(code).unwrap_or(u32::MAX)),
        (None, signal) => Exit::Signal(signal.unwrap_or_default().to_string()),
    };
    let mut output = Output::exited(exit, done.stderr);
    output.stdout = done.stdout;
    Ok(output)
}

fn failed(doing: &str, what: &str, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::not_found(format!("{doing} {what}: {error}")),
        _ => Error::failed(format!("{doing} {what}: {error}")),
    }
}
