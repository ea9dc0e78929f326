//! One line about the arguments and the answer of an effect.

use serde_json::Value;
use windlass_api_types::EffectAnswer;

/// Summaries are cut at so many characters: they are one line of a table.
const LONGEST: usize = 140;

/// The arguments in one line: what is done, without where.
pub fn summary(arguments: &Value) -> String {
    let inner = ["request", "arguments"].iter().find_map(|key| arguments.get(key)).unwrap_or(arguments);
    let text = command(inner)
        .or_else(|| probe(inner))
        .or_else(|| unpacking(inner))
        .or_else(|| ["path", "key", "name"].iter().find_map(|key| text(inner, key)))
        .or_else(|| inner.get("ms").map(|ms| format!("{ms} ms")))
        .unwrap_or_else(|| compact(inner));
    cut(&text)
}

/// The answer in one line.
pub fn answer_summary(answer: &EffectAnswer) -> String {
    let value = match answer {
        EffectAnswer::Err(failure) => return cut(&failure.message),
        EffectAnswer::Ok(value) => value,
    };
    let exit = value.get("exit").and_then(|exit| {
        let status = exit.get("status").map(|status| format!("exit {status}"));
        status.or_else(|| text(exit, "signal").map(|signal| format!("killed by {signal}")))
    });
    cut(&exit.unwrap_or_else(|| match value {
        Value::Null => "done".into(),
        value => compact(value),
    }))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn command(value: &Value) -> Option<String> {
    let command = value.get("command").unwrap_or(value);
    if let Some(argv) = command.get("argv").and_then(Value::as_array) {
        let words: Vec<_> = argv.iter().filter_map(Value::as_str).map(quoted).collect();
        return Some(words.join(" "));
    }
    let script = text(command, "script").or_else(|| value.get("command")?.as_str().map(str::to_owned))?;
    let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    Some(match lines.next() {
        Some(_) => format!("{first} …"),
        None => first.to_owned(),
    })
}

/// As one would type it: quotes only where a shell wants them.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn probe(value: &Value) -> Option<String> {
    let check = value.pointer("/probe/check").or_else(|| value.get("check"))?;
    if let Some(http) = check.get("http") {
        let (port, path) = (http.get("port")?, text(http, "path")?);
        return Some(format!("GET :{port}{path}"));
    }
    if let Some(tcp) = check.get("tcp") {
        return Some(format!("connect :{}", tcp.get("port")?));
    }
    command(check.get("exec")?)
}

fn unpacking(value: &Value) -> Option<String> {
    Some(format!("{} into {}", text(value, "artifact")?, text(value, "directory")?))
}

fn compact(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Object(map) => {
            let pairs = map.iter().filter(|(key, value)| !value.is_null() && *key != "target");
            pairs.map(|(key, value)| format!("{key} {}", compact(value))).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => match items.len() {
            0 => "none".into(),
            1 => compact(&items[0]),
            many => format!("{many} items"),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use windlass_api_types::{ErrorKind, Failure};

    #[test]
    fn arguments_are_told_as_one_would_type_them() {
        for (arguments, expected) in [
            (json!({ "target": "web-1", "command": { "argv": ["mkdir", "-p", "/srv/a b"] } }), "mkdir -p '/srv/a b'"),
            (json!({ "command": { "script": "\n set -e\n make\n" } }), "set -e …"),
            (json!({ "request": { "command": { "argv": ["it's"] } } }), r"'it'\''s'"),
            (json!({ "probe": { "check": { "http": { "port": 3000, "path": "/health" } } } }), "GET :3000/health"),
            (json!({ "probe": { "check": { "tcp": { "port": 22 } } } }), "connect :22"),
            (json!({ "artifact": "app", "directory": "/srv/1" }), "app into /srv/1"),
            (json!({ "target": "web-1", "path": "/etc/app.env", "contents": [] }), "/etc/app.env"),
            (json!({ "ms": 500 }), "500 ms"),
            (json!({ "target": "web-1", "port": 80, "owner": null }), "port 80"),
            (json!({}), ""),
        ] {
            assert_eq!(summary(&arguments), expected);
        }
    }

    #[test]
    fn answers_are_told_by_what_matters() {
        for (answer, expected) in [
            (json!({ "exit": { "status": 3 }, "stdout": [] }), "exit 3"),
            (json!({ "exit": { "signal": "KILL" } }), "killed by KILL"),
            (json!({ "attempts": 4, "latency-ms": 9 }), "attempts 4, latency-ms 9"),
            (json!(null), "done"),
        ] {
            assert_eq!(answer_summary(&EffectAnswer::Ok(answer)), expected);
        }
        let failure = Failure::new(ErrorKind::Unreachable, "connect", "web-1 does not answer");
        assert_eq!(answer_summary(&EffectAnswer::Err(failure)), "web-1 does not answer");
    }

    #[test]
    fn long_arguments_are_cut_at_a_character() {
        let shown = summary(&json!({ "path": "é".repeat(500) }));
        assert_eq!(shown.chars().count(), LONGEST + 1);
    }
}
