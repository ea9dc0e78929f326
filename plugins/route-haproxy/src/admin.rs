//! HAProxy's admin socket on a target, and what is said there.

use crate::Config;
use crate::state;
use windlass_sdk::ssh::{self, Command, Output};
use windlass_sdk::{Error, Result};

/// Sends `$ASK` to `$SOCKET` and prints the answer, with the first of three programs that is there: perl is on every
/// Debian, python3 on every Fedora.
const ASK: &str = include_str!("ask.sh");
/// What [`ASK`] exits with where none of them is there.
const NO_PROGRAM: u32 = 127;
/// What it exits with where nobody answers at the socket.
const NO_ANSWER: u32 = 111;

/// `show servers state`, which changes nothing. Answers the table.
pub(crate) fn show(target: &str, config: &Config) -> Result<String> {
    let output = ask(target, config, "show servers state").named("ask HAProxy for its servers").reads().run()?;
    table(target, config, &output)
}

/// Gives a server another address. Answers the table after it; `before` is the one before.
pub(crate) fn set(target: &str, config: &Config, before: &str, address: &str, port: u16) -> Result<String> {
    let Config { backend, server, .. } = config;
    let line = format!("set server {backend}/{server} addr {address} port {port}");
    let assumed = state::changed(before, backend.as_str(), server.as_str(), address, port);
    let output = ask(target, config, &format!("{line}; show servers state"))
        .named(format!("tell HAProxy: {line}"))
        .idempotent()
        .assume(Output::ok(assumed))
        .run()?;
    let table = table(target, config, &output)?;
    let now = state::server(&table, backend.as_str(), server.as_str())?;
    if (now.address.as_str(), now.port) != (address, port) {
        let said = output.stdout().lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        return Err(Error::failed(format!(
            "HAProxy on {target} still sends the requests of {backend}/{server} to {}:{}; it answered: {said}",
            now.address, now.port
        ))
        .code("not-switched")
        .hint("its socket must be one with `level admin`"));
    }
    Ok(table)
}

fn ask(target: &str, config: &Config, line: &str) -> Command {
    let command = ssh::script(target, ASK).env("SOCKET", config.socket.as_str()).env("ASK", line);
    if config.sudo { command.sudo() } else { command }
}

fn table(target: &str, config: &Config, output: &Output) -> Result<String> {
    let socket = &config.socket;
    match output.status() {
        Some(0) => state::table(&output.stdout()).ok_or_else(|| {
            Error::failed(format!(
                "HAProxy on {target} did not show its servers; it answered: {}",
                output.stdout().trim()
            ))
            .code("bad-answer")
            .hint(format!("the stage needs HAProxy 2.4 or newer, and `stats socket {socket} level admin`"))
        }),
        Some(NO_PROGRAM) => {
            Err(Error::unsupported(format!("{target} has none of perl, python3 and socat to ask HAProxy with"))
                .code("no-program")
                .hint(format!("install `socat` on {target}")))
        }
        Some(NO_ANSWER) => Err(Error::failed(format!(
            "nobody answers at HAProxy's socket on {target}: {}",
            output.stderr()
        ))
        .code("no-haproxy")
        .hint(format!(
            "see that HAProxy runs with `stats socket {socket} level admin`, and that the user of the connection \
                 may use it: it is in the socket's group, or the stage has `sudo = true`"
        ))),
        _ => Err(output.error()),
    }
}
