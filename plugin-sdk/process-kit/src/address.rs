//! Names and addresses that end in the configuration of a proxy, or in a command to it: each is checked to mean
//! the same there, unquoted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Declares a text that is checked when it is read, with the pattern that says so in the schema.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $check:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                if $check(&text) { Ok(Self(text)) } else { Err(format!(concat!("`{}` ", $what), text)) }
            }
        }

        // A default that is one of these is in the schema.
        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text!(
    /// A host: a name, or an address of either family without brackets.
    Host,
    "^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$",
    is_host,
    "is no host: it is a name such as `app.example.com`, or an address such as 127.0.0.1 or ::1"
);

checked_text!(
    /// The address of a host, not its name.
    Address,
    "^[0-9A-Fa-f:.]+$",
    |text: &str| text.parse::<IpAddr>().is_ok(),
    "is no address: it is one such as 127.0.0.1 or ::1, not a name"
);

checked_text!(
    /// What HAProxy calls a backend or a server.
    ProxyName,
    "^[A-Za-z0-9_][A-Za-z0-9_.:-]*$",
    |text: &str| is_name(text, "_.:-"),
    "is no name here: use letters, digits and any of _ . : - and do not begin with one of . : -"
);

checked_text!(
    /// A name that may be a part of a dotted key.
    PlainName,
    "^[A-Za-z0-9_][A-Za-z0-9_-]*$",
    |text: &str| is_name(text, "_-"),
    "is no name here: use letters, digits, _ and -, and do not begin with -"
);

impl Host {
    /// With a port: `app.example.com:80`, `[::1]:80`.
    pub fn with_port(&self, port: u16) -> String {
        with_port(&self.0, port)
    }
}

impl Address {
    /// With a port: `127.0.0.1:80`, `[::1]:80`.
    pub fn with_port(&self, port: u16) -> String {
        with_port(&self.0, port)
    }
}

fn with_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn is_host(text: &str) -> bool {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().is_ok();
    }
    let edge = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric());
    edge(text.chars().next())
        && edge(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn is_name(text: &str, more: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::json;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        serde_json::from_value(json!(text)).map_err(|error| error.to_string())
    }

    #[test]
    fn names_and_addresses_are_taken() {
        let with_port = |text| read::<Host>(text).unwrap().with_port(80);
        assert_eq!(with_port("app.example.com"), "app.example.com:80");
        assert_eq!(with_port("shop_web-1"), "shop_web-1:80");
        assert_eq!(with_port("127.0.0.1"), "127.0.0.1:80");
        assert_eq!(with_port("::1"), "[::1]:80");
        assert_eq!(read::<Address>("10.0.0.1").unwrap().with_port(80), "10.0.0.1:80");
    }

    #[test]
    fn what_a_shell_or_a_configuration_would_interpret_is_refused() {
        for text in
            ["", "a b", "a;id", "$(id)", "a`id`", "a\nb", "-a", "a-", "a/b", "a\"b", "{env.HOME}", "[::1]", "::x"]
        {
            assert!(read::<Host>(text).unwrap_err().contains("is no host"), "{text}");
            assert!(read::<Address>(text).unwrap_err().contains("is no address"), "{text}");
        }
        for text in ["", "be/app", "be app", "-be", "be;id"] {
            assert!(read::<ProxyName>(text).unwrap_err().contains("is no name here"), "{text}");
            assert!(read::<PlainName>(text).unwrap_err().contains("is no name here"), "{text}");
        }
        assert!(read::<ProxyName>("app.example.com").is_ok() && read::<PlainName>("app.example.com").is_err());
        assert!(read::<Address>("localhost").is_err());
    }
}
