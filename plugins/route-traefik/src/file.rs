//! The file of Traefik's file provider.

use crate::Config;
use crate::config::Route;
use serde_json::{Value, json};
use std::fmt::Write;

/// How deep the names of routers, services and middlewares are: `http.routers.<name>`.
const NAMES: usize = 2;
/// What the line of the service's address begins with.
const URL: &str = "- url: \"http://";

/// The dynamic configuration: one router, one service and, where requests are limited, one middleware.
pub(crate) fn document(config: &Config, route: &Route) -> String {
    let Route { name, rule, tls } = route;
    let mut router = json!({ "rule": rule, "service": name });
    if !config.entry_points.is_empty() {
        router["entryPoints"] = config.entry_points.iter().map(|name| name.as_str()).collect();
    }
    if let Some(resolver) = &config.certificate_resolver {
        router["tls"] = json!({ "certResolver": resolver.as_str() });
    } else if *tls {
        router["tls"] = json!({});
    }
    let url = format!("http://{}", config.host.with_port(config.port));
    let service = json!({ "loadBalancer": { "servers": [{ "url": url }] } });
    let mut http = json!({ "routers": { name: router }, "services": { name: service } });
    if let Some(limit) = &config.rate_limit {
        http["routers"][name]["middlewares"] = json!([name]);
        http["middlewares"] = json!({ name: { "rateLimit": { "average": limit.average, "burst": limit.burst } } });
    }
    let mut text = String::from("# Written by Windlass; the next deployment writes it again.\n");
    write(&mut text, &json!({ "http": http }), 0);
    text
}

/// Writes a value as YAML in blocks. Texts are quoted as in JSON, which YAML takes.
fn write(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                // Unquoted, a name such as `on` would be no text.
                let key = if depth == NAMES { format!("{key:?}") } else { key.clone() };
                let _ = match value {
                    Value::Object(inner) if inner.is_empty() => writeln!(text, "{indent}{key}: {{}}"),
                    Value::Object(_) | Value::Array(_) => writeln!(text, "{indent}{key}:"),
                    scalar => writeln!(text, "{indent}{key}: {scalar}"),
                };
                if value.is_object() || value.is_array() {
                    write(text, value, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                // The fields of an item are below its first one.
                let mut inner = String::new();
                write(&mut inner, item, depth + 1);
                let _ = writeln!(text, "{indent}- {}", inner.trim());
            }
        }
        scalar => {
            let _ = writeln!(text, "{indent}{scalar}");
        }
    }
}

/// Where a file that this plugin wrote sends the requests, `host:port`.
pub(crate) fn upstream(contents: &str) -> Option<String> {
    let line = contents.lines().map(str::trim).find_map(|line| line.strip_prefix(URL))?;
    line.strip_suffix('"').map(str::to_owned)
}
