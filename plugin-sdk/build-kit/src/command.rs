//! Commands as a Dockerfile writes them.

/// What a shell would interpret; a command without it can be run as a list of words.
const SPECIAL: &str = "|&;<>()$`\\\"'*?[]#~=%{}\n";

/// `CMD` of a command line: its words, or a shell that becomes the command.
pub(crate) fn cmd(line: &str) -> String {
    if line.contains(|c| SPECIAL.contains(c)) {
        let line = if line.contains([';', '&', '|', '\n']) { line.to_owned() } else { format!("exec {line}") };
        return format!("CMD {}", list(&["sh", "-c", &line]));
    }
    format!("CMD {}", list(&line.split_whitespace().collect::<Vec<_>>()))
}

/// A list of words in JSON, as the exec form wants it.
pub(crate) fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| serde_json::Value::from(*word).to_string()).collect();
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::cmd;

    #[test]
    fn plain_words_need_no_shell_and_others_get_one_that_becomes_the_app() {
        assert_eq!(cmd("node  server.js"), r#"CMD ["node", "server.js"]"#);
        assert_eq!(cmd("gunicorn -b 0.0.0.0:$PORT app"), r#"CMD ["sh", "-c", "exec gunicorn -b 0.0.0.0:$PORT app"]"#);
        assert_eq!(cmd("./migrate && ./serve"), r#"CMD ["sh", "-c", "./migrate && ./serve"]"#);
    }
}
