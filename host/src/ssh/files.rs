//! Files on a target, over plain commands: `sh` and `tar` are enough there.

mod error;
mod unpack;

use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Connection;
use super::command::{Command, program};
use super::error::SshError;
use super::exec::{ExecRequest, Exit, Limits, Repeat};
use super::reception::{Capture, OutputSink};
use super::session::Input;
use super::sudo::Sudo;

pub use error::FileError;
pub use unpack::{Placement, Unpack, Unpacked};

/// Bytes of a program's messages that are kept, to recognize what went wrong.
const MESSAGES: usize = 8 * 1024;

/// The statuses of the programs in `files/`.
const IS_A_DIRECTORY: u32 = 81;
const CUT: u32 = 82;
const BAD_ARCHIVE: u32 = 83;
const MIXED: u32 = 84;

/// A file to write.
#[derive(Clone)]
pub struct WriteFile {
    /// Absolute, or relative to the home directory of the connection's user.
    pub path: String,
    /// May be secret.
    pub contents: Vec<u8>,
    /// Permission bits; absent: 0o644.
    pub mode: Option<u32>,
    /// `user` or `user:group`; absent: the connection's user. Needs `sudo`.
    pub owner: Option<String>,
    /// As root, through `sudo -n`.
    pub sudo: bool,
    /// Make the missing parent directories.
    pub parents: bool,
}

impl Connection {
    /// Writes a file atomically: a reader sees the old contents or the new, never a part.
    pub async fn write_file(&self, file: &WriteFile, cancel: &CancellationToken) -> Result<(), SshError> {
        let arguments = [
            local(&file.path),
            file.contents.len().to_string(),
            format!("{:o}", file.mode.unwrap_or(0o644)),
            file.owner.clone().unwrap_or_default(),
            u8::from(file.parents).to_string(),
            Uuid::now_v7().simple().to_string(),
        ];
        let job = FileJob {
            path: &file.path,
            source: include_str!("files/write.sh"),
            arguments: &arguments,
            sudo: file.sudo,
        };
        let contents = Box::new(std::io::Cursor::new(file.contents.clone()));
        self.file_job(job, contents, &mut Capture::new(MESSAGES), cancel).await
    }

    /// Reads a file of at most `max_bytes` bytes.
    pub async fn read_file(
        &self,
        path: &str,
        max_bytes: usize,
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, SshError> {
        let arguments = [local(path), (max_bytes + 1).to_string()];
        let job = FileJob { path, source: include_str!("files/read.sh"), arguments: &arguments, sudo: false };
        let mut read = Capture::new((max_bytes + 1).max(MESSAGES));
        self.file_job(job, Box::new(tokio::io::empty()), &mut read, cancel).await?;
        if read.stdout.len() > max_bytes {
            return Err(self.file_error(path, FileError::TooLarge { limit: max_bytes }));
        }
        Ok(read.stdout)
    }

    async fn file_job(
        &self,
        job: FileJob<'_>,
        input: Input,
        output: &mut Capture,
        cancel: &CancellationToken,
    ) -> Result<(), SshError> {
        let exit = self.file_exec(&job, input, output, &Limits::new(cancel, None)).await?;
        self.file_done(&job, &exit, &output.stderr)
    }

    async fn file_exec(
        &self,
        job: &FileJob<'_>,
        input: Input,
        output: &mut dyn OutputSink,
        limits: &Limits,
    ) -> Result<Exit, SshError> {
        if job.arguments.iter().any(|argument| argument.contains('\0')) || job.path.is_empty() {
            let reason = "a path cannot be empty or contain NUL".to_owned();
            return Err(SshError::InvalidRequest { target: self.target(), reason });
        }
        let mut argv = vec!["sh".to_owned(), "-c".to_owned(), program(job.source), "windlass".to_owned()];
        argv.extend_from_slice(job.arguments);
        let request = ExecRequest {
            sudo: Sudo::without_password(job.sudo),
            ..ExecRequest::new(Command::Argv(argv), Repeat::Idempotent)
        };
        // An environment of nothing.
        let input = Box::new(std::io::Cursor::new(*b"\n").chain(input));
        self.exec_plain(&request, input, output, limits).await
    }

    /// What a program's end means.
    fn file_done(&self, job: &FileJob<'_>, exit: &Exit, messages: &[u8]) -> Result<(), SshError> {
        match exit {
            Exit::Status(0) => Ok(()),
            Exit::Status(CUT) => Err(self.lost("while a file was sent")),
            exit => Err(self.file_error(job.path, recognize(exit, messages))),
        }
    }

    fn file_error(&self, path: &str, error: FileError) -> SshError {
        SshError::File { target: self.target(), path: path.to_owned(), error }
    }
}

/// One of the programs in `files/`, for the file that it is about.
struct FileJob<'a> {
    path: &'a str,
    source: &'static str,
    arguments: &'a [String],
    sudo: bool,
}

fn recognize(exit: &Exit, messages: &[u8]) -> FileError {
    let messages = String::from_utf8_lossy(messages);
    match exit {
        Exit::Status(IS_A_DIRECTORY) => FileError::IsADirectory,
        Exit::Status(MIXED) => FileError::Mixed { path: messages.trim().to_owned() },
        Exit::Status(BAD_ARCHIVE) => {
            FileError::recognize(&messages).unwrap_or_else(|| FileError::bad_archive(&messages))
        }
        _ => FileError::recognize(&messages).unwrap_or_else(|| FileError::other(&messages, exit)),
    }
}

/// A relative path that no program takes for an option.
fn local(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("./{path}") }
}
