//! What went wrong, in words that say what to do next.

use crate::Config;
use windlass_sdk::ssh::Output;
use windlass_sdk::{Error, ErrorKind, Result};

/// The status of a script that could not write its files.
pub(crate) const NOT_WRITTEN: u32 = 84;

/// What the statuses of the scripts mean.
pub(crate) fn explain(target: &str, config: &Config, environment: &str, output: &Output) -> Error {
    let said = output.stderr().into_owned();
    let (directory, file) = (config.directory.path(), config.file());
    match output.status() {
        Some(81) => Error::not_found(format!("{target} has no `docker` command"))
            .code("docker-not-installed")
            .hint("install Docker there, with its Compose plugin"),
        Some(82) => Error::not_found(format!("{target} has Docker, but not its Compose plugin"))
            .code("compose-not-installed")
            .hint("install it there: the package docker-compose-plugin, or docker-compose of version 2"),
        Some(83) => engine(target, &said),
        Some(NOT_WRITTEN) => Error::failed(format!("{target}: {directory} cannot be written: {}", last(&said)))
            .code("no-directory")
            .hint(format!("make {directory} on {target} and give it to the user Windlass connects as")),
        Some(85) => Error::invalid_input(format!(
            "the release has no compose file for {}; it has: {}",
            config.service,
            list(&said)
        ))
        .code("compose-file-missing")
        .hint(format!("call it {file}, or name it with `compose_file`")),
        Some(86) => Error::not_found(format!("{target} has no {directory}/{file}, and the release brings none"))
            .code("compose-file-missing")
            .hint(format!("give it to the deployment: windlass deploy ./{file} --to {environment}")),
        Some(87) => Error::invalid_input(format!("the compose file of {} is invalid: {}", config.service, last(&said)))
            .code("compose-file-invalid")
            .hint("correct it and deploy again; nothing that runs was changed"),
        Some(88) => ended(target, &said),
        Some(89) => Error::failed(format!("{target}: Compose started no container of {}", config.service))
            .code("no-containers")
            .hint("its services may all have profiles, of which none is active"),
        _ => output.error(),
    }
}

fn engine(target: &str, said: &str) -> Error {
    if said.to_lowercase().contains("permission denied") {
        return Error::new(
            ErrorKind::Denied,
            format!("the user that Windlass connects as may not use Docker on {target}: {said}"),
        )
        .code("docker-socket-denied")
        .hint("add it to the group: sudo usermod -aG docker USER");
    }
    Error::new(ErrorKind::Unreachable, format!("Docker does not run on {target}: {said}"))
        .code("docker-not-running")
        .hint("start it there: sudo systemctl start docker")
}

/// A container that did not stay: which one, and the end of its log.
fn ended(target: &str, said: &str) -> Error {
    let mut lines = said.lines();
    let mut message = format!("{target}: {}", lines.next().unwrap_or_default());
    let log: Vec<_> = lines.collect();
    if log.is_empty() {
        message.push_str("; it has written nothing to its log");
    }
    for line in log {
        message.push_str("\n  app: ");
        message.push_str(line);
    }
    Error::failed(message).code("container-exited").hint("mend what its log says, and deploy again")
}

/// The service belongs to another environment.
pub(crate) fn owned(target: &str, config: &Config, other: &str, own: &str) -> Error {
    let (service, directory) = (&config.service, config.directory.path());
    Error::conflict(format!("{target}: the service {service} in {directory} belongs to {other}, and this is {own}"))
        .code("service-owned")
        .hint("give each environment on a machine a `directory` of its own, and its `project_name`")
}

/// Containers of the same Compose project that come from elsewhere.
pub(crate) fn elsewhere(target: &str, config: &Config, file: &str) -> Error {
    let (project, directory) = (config.project_name(), config.directory.path());
    let own = format!("{directory}/{}", config.file());
    Error::conflict(format!("{target}: the Compose project {project} runs from {file}, and not from {own}"))
        .code("project-taken")
        .hint(format!("choose another `project_name`, or stop that one: docker compose -p {project} down"))
}

pub(crate) fn no_port(target: &str, config: &Config) -> Error {
    Error::invalid_input(format!("{target}: {} publishes no port where its health could be asked for", config.service))
        .code("no-port")
        .hint("publish one in the compose file, set `port`, or set `check = \"containers\"`")
}

/// How `docker compose pull` ended.
pub(crate) fn pulled(target: &str, config: &Config, output: Output) -> Result<()> {
    if output.succeeded() {
        return Ok(());
    }
    let said = output.stderr().into_owned();
    let reason = last(&said);
    let is = |words: &[&str]| words.iter().any(|word| said.to_lowercase().contains(word));
    let message = format!("{target}: an image of {} cannot be pulled: {reason}", config.service);
    Err(if is(&["manifest unknown", "not found", "does not exist", "no such image"]) {
        Error::not_found(message).code("no-such-image").hint("push it first, or correct its name and tag")
    } else if is(&["denied", "unauthorized", "authentication required"]) {
        Error::new(ErrorKind::Denied, message)
            .code("registry-denied")
            .hint(format!("sign in once, as the user Windlass connects as on {target}: docker login REGISTRY"))
    } else if is(&["no space left"]) {
        Error::failed(message).code("no-space").hint(format!("make room on {target}: docker system prune"))
    } else if is(&["no such host", "connection refused", "timeout", "i/o", "eof"]) {
        Error::new(ErrorKind::Unreachable, message).code("registry-unreachable").retryable()
    } else {
        output.error()
    })
}

/// How `docker compose up` ended.
pub(crate) fn started(target: &str, config: &Config, output: Output) -> Result<()> {
    if output.succeeded() {
        return Ok(());
    }
    let said = output.stderr().into_owned();
    let reason = last(&said);
    let is = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let service = &config.service;
    Err(if is(&["port is already allocated", "address already in use"]) {
        Error::conflict(format!("{target}: a port of {service} is taken: {reason}"))
            .code("port-taken")
            .hint(format!("see who has it: ss -ltnp (as root, on {target}), or docker ps"))
    } else if is(&["is already in use by container"]) {
        Error::conflict(format!("{target}: the name of a container of {service} is taken: {reason}"))
            .code("name-taken")
            .hint("it was started in another way before: remove that one with docker rm -f NAME, and deploy again")
    } else if is(&["No such image", "manifest unknown", "pull access denied"]) {
        Error::not_found(format!("{target}: an image of {service} is missing: {reason}"))
            .code("no-such-image")
            .hint("push it first, or correct its name and tag")
    } else if is(&["dependency failed to start", "is unhealthy"]) {
        Error::failed(format!("{target}: {reason}")).code("unhealthy")
    } else {
        output.error()
    })
}

/// The end of what was said, which has the reason.
fn last(said: &str) -> &str {
    said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason was given")
}

fn list(names: &str) -> String {
    let names: Vec<_> = names.lines().collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
