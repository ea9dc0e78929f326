//! What HAProxy answers to `show servers state`: what of it is needed here.
//!
//! Two lines come first, the version of the format and the names of its columns; then a line for each server.

use windlass_sdk::{Error, Result};

/// A server as HAProxy has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its address.
    pub(crate) address: String,
    pub(crate) port: u16,
    /// Whether HAProxy takes it for down.
    pub(crate) down: bool,
    /// Whether it is configured by a name, so that HAProxy takes its whole address from a state file.
    pub(crate) by_name: bool,
}

/// The word of each column that counts.
const COLUMNS: [&str; 6] = ["be_name", "srv_name", "srv_addr", "srv_port", "srv_op_state", "srv_fqdn"];
/// `srv_op_state` of a server that is down.
const DOWN: &str = "0";
/// What is not there.
const NONE: &str = "-";

/// The lines of the answer that are the state, from the version on: what a state file holds. Answers of the commands
/// before it are left out.
pub(crate) fn table(answer: &str) -> Option<String> {
    let lines: Vec<&str> = answer.lines().collect();
    let head = lines.iter().position(|line| line.starts_with("# be_id "))?;
    let version = lines.get(head.checked_sub(1)?)?;
    let servers = lines[head + 1..].iter().take_while(|line| !line.trim().is_empty());
    let table: Vec<&str> = [version, &lines[head]].into_iter().chain(servers).copied().collect();
    Some(table.join("\n") + "\n")
}

/// A server of the table, and where its line is.
fn find(table: &str, backend: &str, server: &str) -> Option<(usize, Server)> {
    let places = places(table)?;
    table.lines().enumerate().find_map(|(at, line)| {
        let words: Vec<&str> = line.split(' ').collect();
        let [be_name, srv_name, srv_addr, srv_port, srv_op_state, srv_fqdn] =
            places.map(|place| words.get(place).copied());
        if be_name != Some(backend) || srv_name != Some(server) {
            return None;
        }
        let found = Server {
            address: srv_addr?.to_owned(),
            port: srv_port?.parse().ok()?,
            down: srv_op_state == Some(DOWN),
            by_name: srv_fqdn.is_some_and(|name| name != NONE),
        };
        Some((at, found))
    })
}

/// Where the columns are; the `#` in front of their names is a word too.
fn places(table: &str) -> Option<[usize; 6]> {
    let names: Vec<&str> = table.lines().nth(1)?.split(' ').skip(1).collect();
    let place = |column: &str| names.iter().position(|name| *name == column);
    let places: Vec<usize> = COLUMNS.iter().map_while(|column| place(column)).collect();
    places.try_into().ok()
}

/// A server of the table.
///
/// # Errors
/// `not-found`, which names the servers that there are.
pub(crate) fn server(table: &str, backend: &str, server: &str) -> Result<Server> {
    find(table, backend, server).map(|(_, found)| found).ok_or_else(|| {
        let names: Vec<String> = names(table);
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        Error::not_found(format!("HAProxy has no server `{backend}/{server}`; {known}"))
            .code("no-such-server")
            .hint("correct `backend` and `server` of the stage, or add the server to HAProxy's configuration")
    })
}

fn names(table: &str) -> Vec<String> {
    let Some([be_name, srv_name, ..]) = places(table) else { return Vec::new() };
    let servers = table.lines().skip(2).filter_map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        Some(format!("{}/{}", words.get(be_name)?, words.get(srv_name)?))
    });
    servers.collect()
}

/// The table once a server has this address: what a plan takes for the answer.
pub(crate) fn changed(table: &str, backend: &str, server: &str, address: &str, port: u16) -> String {
    let (Some((row, _)), Some([_, _, srv_addr, srv_port, ..])) = (find(table, backend, server), places(table)) else {
        return table.to_owned();
    };
    let port = port.to_string();
    let lines = table.lines().enumerate().map(|(at, line)| {
        let mut words: Vec<&str> = line.split(' ').collect();
        if at == row {
            words[srv_addr] = address;
            words[srv_port] = &port;
        }
        words.join(" ") + "\n"
    });
    lines.collect()
}
