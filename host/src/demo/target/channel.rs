//! One session channel of the demo's target: a command, its streams, its end.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use russh::server::{Handle, Msg};
use russh::{Channel, ChannelId, ChannelMsg, Sig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

/// Packets of input that wait for a command to read them: 64 MB. Beyond it the connection waits,
/// which is what flow control would do for this channel alone.
const INPUT_PACKETS: usize = 2048;
/// Bytes of output per packet, the most that clients take.
const OUTPUT_CHUNK: usize = 32 * 1024;
/// The stream number of standard error in an extended data message.
const STDERR: u32 = 1;

/// Waits for a request to run a command, runs it, and passes its streams until the client closes.
pub(super) async fn serve(channel: Channel<Msg>, handle: Handle, home: Arc<Path>) {
    let id = channel.id();
    let (mut read, write) = channel.split();
    let mut input: Option<mpsc::Sender<Bytes>> = None;
    let mut group = None;
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Exec { command, .. } if group.is_none() => match spawn(&command, &home) {
                Ok(mut child) => {
                    let (sender, receiver) = mpsc::channel(INPUT_PACKETS);
                    input = Some(sender);
                    group = child.id();
                    if let Some(stdin) = child.stdin.take() {
                        tokio::spawn(feed(stdin, receiver));
                    }
                    if handle.channel_success(id).await.is_err() {
                        return;
                    }
                    tokio::spawn(pass_output(child, id, handle.clone()));
                }
                Err(_) => drop(handle.channel_failure(id).await),
            },
            ChannelMsg::Data { data } => {
                if let Some(sender) = &input {
                    // A command that reads no more has dropped its end.
                    let _ = sender.send(data).await;
                }
            }
            ChannelMsg::Eof => input = None,
            ChannelMsg::Signal { signal } => {
                if let (Some(group), Some(number)) = (group, number(&signal)) {
                    send_signal(group, number);
                }
            }
            ChannelMsg::Close => break,
            // Shells, terminals and subsystems are not the demo's business.
            ChannelMsg::Exec { .. }
            | ChannelMsg::RequestShell { .. }
            | ChannelMsg::RequestPty { .. }
            | ChannelMsg::RequestSubsystem { .. } => drop(handle.channel_failure(id).await),
            _ => {}
        }
    }
    drop(write);
}

/// Starts a command as sshd does: by a shell, in a session of its own, so that it outlives its client.
fn spawn(command: &[u8], home: &Path) -> io::Result<Child> {
    use std::os::unix::ffi::OsStrExt;
    let mut shell = Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(std::ffi::OsStr::from_bytes(command))
        .current_dir(home)
        .env("HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // SAFETY: setsid is async-signal-safe, touches no memory, and cannot fail in a new child.
    unsafe {
        shell.pre_exec(|| {
            libc::setsid();
            Ok(())
        });
    }
    shell.spawn()
}

async fn feed(mut stdin: ChildStdin, mut input: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = input.recv().await {
        if stdin.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Passes both streams to their ends, then the status, then closes: in this order clients expect it.
async fn pass_output(mut child: Child, id: ChannelId, handle: Handle) {
    let stdout = pass(child.stdout.take(), None, id, &handle);
    let stderr = pass(child.stderr.take(), Some(STDERR), id, &handle);
    let (_, _) = tokio::join!(stdout, stderr);
    let Ok(status) = child.wait().await else {
        return;
    };
    let _ = handle.eof(id).await;
    tell(status, id, &handle).await;
    let _ = handle.close(id).await;
}

async fn pass(stream: Option<impl AsyncRead + Unpin>, extended: Option<u32>, id: ChannelId, handle: &Handle) {
    let Some(mut stream) = stream else { return };
    loop {
        let mut chunk = BytesMut::with_capacity(OUTPUT_CHUNK);
        // Without a client, nobody reads: the pipe is closed, as sshd closes it.
        let Ok(1..) = stream.read_buf(&mut chunk).await else {
            return;
        };
        let sent = match extended {
            None => handle.data(id, chunk.freeze()).await,
            Some(kind) => handle.extended_data(id, kind, chunk.freeze()).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn tell(status: ExitStatus, id: ChannelId, handle: &Handle) {
    match (status.code(), status.signal()) {
        (Some(code), _) => {
            let _ = handle.exit_status_request(id, code.unsigned_abs()).await;
        }
        (None, Some(signal)) => {
            let dumped = status.core_dumped();
            let _ = handle.exit_signal_request(id, name(signal), dumped, String::new(), String::new()).await;
        }
        (None, None) => {}
    }
}

fn send_signal(group: u32, number: i32) {
    if let Ok(group) = libc::pid_t::try_from(group) {
        // SAFETY: kill takes no pointers; a group that is gone is an error that means nothing here.
        unsafe {
            libc::kill(-group, number);
        }
    }
}

/// The signals that SSH has names for (RFC 4254, 6.10).
const SIGNALS: [(i32, Sig); 12] = [
    (libc::SIGABRT, Sig::ABRT),
    (libc::SIGALRM, Sig::ALRM),
    (libc::SIGFPE, Sig::FPE),
    (libc::SIGHUP, Sig::HUP),
    (libc::SIGILL, Sig::ILL),
    (libc::SIGINT, Sig::INT),
    (libc::SIGKILL, Sig::KILL),
    (libc::SIGPIPE, Sig::PIPE),
    (libc::SIGQUIT, Sig::QUIT),
    (libc::SIGSEGV, Sig::SEGV),
    (libc::SIGTERM, Sig::TERM),
    (libc::SIGUSR1, Sig::USR1),
];

fn name(number: i32) -> Sig {
    let known = SIGNALS.into_iter().find(|(known, _)| *known == number);
    known.map_or_else(|| Sig::Custom(format!("{number}@windlass")), |(_, signal)| signal)
}

fn number(signal: &Sig) -> Option<i32> {
    let wanted = std::mem::discriminant(signal);
    SIGNALS.into_iter().find(|(_, known)| std::mem::discriminant(known) == wanted).map(|(number, _)| number)
}
