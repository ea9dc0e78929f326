//! Reads what an OpenSSH client configuration (ssh_config(5)) says of hosts. Of its keywords only those
//! that a target has: HostName, User, Port, IdentityFile, ProxyJump; the first value found counts, as there.

use serde::Serialize;

/// What the file says of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct SshHost {
    pub name: String,
    /// Its `HostName`, else the name itself.
    pub host: String,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub identity_file: Option<String>,
    /// Its `ProxyJump`, where that is the name of one host.
    pub jump: Option<String>,
    /// It is reached in another way, with a command or through several hosts at once, which a target is not.
    pub is_behind_proxy: bool,
}

struct Block<'a> {
    patterns: Vec<&'a str>,
    settings: Vec<(String, &'a str)>,
}

/// The hosts that a configuration names without wildcards, in its order.
pub(super) fn hosts(text: &str) -> Vec<SshHost> {
    let blocks = blocks(text);
    let mut names: Vec<&str> = Vec::new();
    for pattern in blocks.iter().flat_map(|block| &block.patterns) {
        if !pattern.contains(['*', '?', '!']) && !names.contains(pattern) {
            names.push(pattern);
        }
    }
    names.into_iter().map(|name| resolve(name, &blocks)).collect()
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    // What stands before the first `Host` is for all.
    let mut blocks = vec![Block { patterns: vec!["*"], settings: Vec::new() }];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (keyword, rest) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
        let value = rest.trim_start_matches([' ', '\t', '=']).trim();
        match keyword.to_lowercase().as_str() {
            "host" => {
                let patterns = value.split_whitespace().map(unquoted).collect();
                blocks.push(Block { patterns, settings: Vec::new() });
            }
            // Its conditions are not known here; what stands in it is left out.
            "match" => blocks.push(Block { patterns: Vec::new(), settings: Vec::new() }),
            keyword => {
                if let Some(block) = blocks.last_mut() {
                    block.settings.push((keyword.to_owned(), unquoted(value)));
                }
            }
        }
    }
    blocks
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

fn resolve(name: &str, blocks: &[Block<'_>]) -> SshHost {
    let first = |keyword: &str| {
        blocks
            .iter()
            .filter(|block| applies(&block.patterns, name))
            .flat_map(|block| &block.settings)
            .find(|(known, _)| known == keyword)
            .map(|(_, value)| *value)
    };
    let proxy = |keyword: &str| first(keyword).filter(|value| !value.eq_ignore_ascii_case("none"));
    let jump = proxy("proxyjump");
    let name_of_one = |value: &&str| !value.contains([',', '@', ':', '/']);
    SshHost {
        name: name.to_owned(),
        host: first("hostname").map_or_else(|| name.to_owned(), |host| host.replace("%h", name)),
        user: first("user").map(str::to_owned),
        port: first("port").and_then(|port| port.parse().ok()),
        identity_file: first("identityfile").map(str::to_owned),
        jump: jump.filter(name_of_one).map(str::to_owned),
        is_behind_proxy: jump.is_some_and(|value| !name_of_one(&value)) || proxy("proxycommand").is_some(),
    }
}

/// Some pattern matches, and none of the negated ones.
fn applies(patterns: &[&str], name: &str) -> bool {
    let negated = |pattern: &&str| pattern.strip_prefix('!').is_some_and(|pattern| matches(pattern, name));
    patterns.iter().any(|pattern| matches(pattern, name)) && !patterns.iter().any(negated)
}

/// `*` stands for any text, `?` for one character.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.chars().next() {
        None => name.is_empty(),
        Some('*') => {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| matches(&pattern[1..], &name[at..]))
        }
        Some(wanted) => match name.chars().next() {
            Some(found) if wanted == '?' || wanted == found => {
                matches(&pattern[wanted.len_utf8()..], &name[found.len_utf8()..])
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"
        # everywhere
        ServerAliveInterval 30

        Host web-1 web-2
          HostName %h.example.com
          Port=2222

        host db
          hostname "10.0.0.5"
          User postgres
          ProxyJump bastion

        Host web-* !web-2
          User deploy
          IdentityFile ~/.ssh/deploy

        Match exec "true"
          User nobody

        Host *
          User ada
          Port 22
    "#;

    fn host(name: &str) -> SshHost {
        hosts(CONFIG).into_iter().find(|host| host.name == name).unwrap()
    }

    #[test]
    fn only_hosts_without_wildcards_are_listed() {
        let names: Vec<String> = hosts(CONFIG).into_iter().map(|host| host.name).collect();
        assert_eq!(names, ["web-1", "web-2", "db"]);
    }

    #[test]
    fn the_first_value_counts() {
        let web_1 = SshHost {
            name: "web-1".into(),
            host: "web-1.example.com".into(),
            user: Some("deploy".into()),
            port: Some(2222),
            identity_file: Some("~/.ssh/deploy".into()),
            jump: None,
            is_behind_proxy: false,
        };
        assert_eq!(host("web-1"), web_1);
        assert_eq!(host("web-2").user.as_deref(), Some("ada"));
        assert_eq!(host("db").host, "10.0.0.5");
        assert_eq!((host("db").jump.as_deref(), host("db").is_behind_proxy), (Some("bastion"), false));
    }

    #[test]
    fn ways_that_a_target_does_not_have_are_told() {
        let said = |line: &str| hosts(&format!("Host db\n  {line}\n")).remove(0);
        for line in ["ProxyJump a,b", "ProxyJump ada@a:2222", "ProxyCommand nc %h %p"] {
            assert_eq!((said(line).jump, said(line).is_behind_proxy), (None, true), "{line}");
        }
        assert_eq!((said("ProxyJump none").jump, said("ProxyJump none").is_behind_proxy), (None, false));
    }

    #[test]
    fn patterns_match_as_in_ssh() {
        assert!(matches("web-*", "web-12") && matches("*", "") && matches("w?b*2", "web-2"));
        assert!(!matches("web-?", "web-12") && !matches("", "x") && !matches("web", "web-1"));
    }
}
