//! One line for people about an effect, from its recorded function and arguments alone: what an effect says of itself
//! in a plan can be said of a record too, also by a later version.

use super::ssh_exec::first_line;
use serde_json::Value;
use std::time::Duration;

/// What each function does. `{key}` is the argument of that name.
const SENTENCES: &[(&str, &str)] = &[
    ("artifacts.list", "list the release's artifacts"),
    ("approval.open", "ask: {prompt}"),
    ("approval.wait", "wait for the decision on {key}"),
    ("dns.delete", "{name} {type}: delete"),
    ("dns.upsert", "{name} {type} = {values} for {ttl} s"),
    ("docker.build", "build {tags}"),
    ("docker.create", "create the container {spec.name} from {spec.image}"),
    ("docker.exec", "in the container {container}: {argv}"),
    ("docker.image-inspect", "look up the image {image}"),
    ("docker.inspect", "look up the container {container}"),
    ("docker.list", "list the containers with the labels {labels}"),
    ("docker.logs", "read the log of the container {container}"),
    ("docker.network-ensure", "make sure of the network {name}"),
    ("docker.network-remove", "remove the network {name}"),
    ("docker.prune", "remove all images of {repository} but the newest {keep}"),
    ("docker.pull", "pull {image}"),
    ("docker.push", "push {image}"),
    ("docker.remove", "remove the container {container}"),
    ("docker.rename", "rename the container {container} to {name}"),
    ("docker.start", "start the container {container}"),
    ("docker.stop", "stop the container {container}"),
    ("docker.tag", "give the image {image} the name {name}"),
    ("docker.volume-ensure", "make sure of the volume {name}"),
    ("docker.volume-remove", "remove the volume {name}"),
    ("docker.wait", "wait until the container {container} has ended"),
    ("files.read", "read {path}"),
    ("files.unpack", "unpack {artifact} into {directory}"),
    ("files.write", "write {path}"),
    ("http.send", "{method} {url}"),
    ("secrets.reveal", "read the secret {secret}"),
    ("state.get", "read the state `{key}`"),
    ("state.set", "write the state `{key}`"),
];
/// Of a digest, so that the line stays one.
const DIGEST: usize = 12;

/// One line about an effect; the name of its target stands first.
pub fn summary(function: &str, arguments: &Value) -> String {
    let what = match sentence(function, arguments) {
        Some(sentence) => fill(sentence, arguments),
        None => match function {
            "ssh-exec.exec" => command(arguments),
            "control.sleep" => format!("wait {:?}", Duration::from_millis(arguments["ms"].as_u64().unwrap_or(0))),
            "control.checkpoint" => format!("checkpoint {}", arguments["json"]),
            "health.wait-healthy" => return probe(arguments),
            _ => arguments.to_string(),
        },
    };
    let line = match arguments["target"].as_str() {
        Some(target) => format!("{target}: {what}"),
        None => what,
    };
    line.trim().lines().next().unwrap_or_default().to_owned()
}

/// Some functions do one of two things.
fn sentence(function: &str, arguments: &Value) -> Option<&'static str> {
    let resolvers = arguments["resolvers"].as_array().is_some_and(|resolvers| !resolvers.is_empty());
    Some(match function {
        "dns.lookup" if resolvers => "{name} {type}: ask {resolvers}",
        "dns.lookup" => "{name} {type}: ask the zone's provider",
        "dns.wait-propagated" if resolvers => "{name} {type}: wait until {resolvers} say {values}",
        "dns.wait-propagated" => "{name} {type}: wait until the zone's name servers say {values}",
        "files.sync" if arguments["delete"] == true => "make {directory} from {artifact}",
        "files.sync" => "fill {directory} from {artifact}",
        "state.set" if arguments["value"].is_null() => "remove the state `{key}`",
        _ => SENTENCES.iter().find(|(known, _)| *known == function)?.1,
    })
}

fn command(arguments: &Value) -> String {
    let sudo = if arguments["sudo"] == true { "sudo " } else { "" };
    let command = &arguments["command"];
    match command["script"].as_str() {
        Some(script) => format!("{sudo}{}", first_line(script)),
        None => format!("{sudo}{}", joined(&command["argv"], " ")),
    }
}

fn probe(arguments: &Value) -> String {
    let place = arguments["target"].as_str().unwrap_or("from the server");
    let check = &arguments["check"];
    let (http, tcp) = (&check["http"], &check["tcp"]);
    let probed = match (http["tls"].as_str(), http.is_object(), tcp.is_object()) {
        (Some(server), _, _) => format!("GET https://{server}:{}{}", shown(&http["port"]), shown(&http["path"])),
        (None, true, _) => fill("GET :{port}{path}", http),
        (None, false, true) => fill("the TCP port {port}", tcp),
        (None, false, false) => fill("`{argv}`", &check["exec"]),
    };
    format!("{place}: wait until {probed} is healthy, {} attempts", shown(&arguments["attempts"]))
}

/// Puts arguments into a sentence.
fn fill(sentence: &str, arguments: &Value) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?))) {
        text.push_str(before);
        let value = name.split('.').fold(arguments, |value, key| &value[key]);
        text.push_str(&match name {
            "argv" => joined(value, " "),
            _ => shown(value),
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A value as people write it: texts bare, lists with commas, secrets by their names.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        Value::Array(items) if items.iter().any(is_segment) => items.iter().map(segment).collect(),
        Value::Array(items) if items.iter().all(is_pair) => {
            items.iter().map(|pair| joined(pair, "=")).collect::<Vec<_>>().join(", ")
        }
        Value::Array(_) => joined(value, ", "),
        Value::Null => "…".into(),
        other => other.to_string(),
    }
}

fn joined(value: &Value, between: &str) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(shown).collect::<Vec<_>>().join(between)
}

fn is_pair(value: &Value) -> bool {
    value.as_array().is_some_and(|pair| pair.len() == 2)
}

/// A piece of a text with places for secrets.
fn is_segment(value: &Value) -> bool {
    value.as_object().is_some_and(|piece| piece.contains_key("text") || piece.contains_key("secret"))
}

fn segment(value: &Value) -> String {
    match value["secret"].as_str() {
        Some(secret) => format!("{{{{secret:{secret}}}}}"),
        None => value["text"].as_str().unwrap_or_default().to_owned(),
    }
}

/// A digest is long, and its beginning names it.
fn short(text: &str) -> String {
    match text.strip_prefix("sha256:") {
        Some(digest) => digest.get(..DIGEST).unwrap_or(digest).to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
