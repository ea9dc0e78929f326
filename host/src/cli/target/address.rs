//! `[user@]host[:port]`, as ssh users write it.

use std::str::FromStr;

/// The port of SSH.
pub(super) const SSH_PORT: u16 = 22;

/// Where a target is, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TargetAddress {
    /// Absent: the caller's own name, as with ssh.
    pub user: Option<String>,
    pub host: String,
    pub port: u16,
}

/// An address with the jump that leads there, for people.
pub(super) fn through(address: String, jump: Option<&str>) -> String {
    match jump {
        Some(jump) => format!("{address} through {jump}"),
        None => address,
    }
}

/// Text that is no such address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is written [user@]host[:port], such as deploy@10.0.0.12 or deploy@[fd00::12]:2222")]
pub(super) struct AddressError;

impl FromStr for TargetAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (user, place) = match text.rsplit_once('@') {
            Some((user, place)) if is_word(user) => (Some(user.to_owned()), place),
            Some(_) => return Err(AddressError),
            None => (None, text),
        };
        let (host, port) = split_port(place)?;
        if !is_word(host) || host.starts_with('-') {
            return Err(AddressError);
        }
        Ok(Self { user, host: host.to_owned(), port })
    }
}

fn split_port(place: &str) -> Result<(&str, u16), AddressError> {
    let number = |port: &str| port.parse().ok().filter(|port| *port > 0).ok_or(AddressError);
    if let Some(rest) = place.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(AddressError)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => number(port)?,
            None if rest.is_empty() => SSH_PORT,
            None => return Err(AddressError),
        };
        return Ok((host, port));
    }
    match place.split_once(':') {
        // More than one colon without brackets is an IPv6 address and nothing else.
        Some((_, rest)) if rest.contains(':') => {
            place.parse::<std::net::Ipv6Addr>().map_err(|_| AddressError)?;
            Ok((place, SSH_PORT))
        }
        Some((host, port)) => Ok((host, number(port)?)),
        None => Ok((place, SSH_PORT)),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || "/@[]".contains(letter))
}

/// The shortest way to write an address.
pub(super) fn written(user: &str, host: &str, port: u16) -> String {
    format!("{user}@{}", place(host, port))
}

/// The same without the user.
pub(super) fn place(host: &str, port: u16) -> String {
    let host = if host.contains(':') && port != SSH_PORT { format!("[{host}]") } else { host.to_owned() };
    if port == SSH_PORT { host } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Option<(Option<String>, String, u16)> {
        text.parse::<TargetAddress>().ok().map(|address| (address.user, address.host, address.port))
    }

    #[test]
    fn user_and_port_may_be_left_out() {
        let deploy = || Some("deploy".to_owned());
        assert_eq!(parts("deploy@10.0.0.12"), Some((deploy(), "10.0.0.12".into(), 22)));
        assert_eq!(parts("web-2.example.com:2222"), Some((None, "web-2.example.com".into(), 2222)));
        assert_eq!(parts("deploy@[fd00::12]:2222"), Some((deploy(), "fd00::12".into(), 2222)));
        assert_eq!(parts("[::1]"), Some((None, "::1".into(), 22)));
        assert_eq!(parts("fd00::12"), Some((None, "fd00::12".into(), 22)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "@host", "user@", "host:", "host:0", "host:99999", "[::1", "a b", "ssh://host", "-oProxy=x", "1:2:3"]
        {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(user in "[a-z]{1,8}", host in "[a-z0-9.]{1,20}|fd00::[0-9]{1,4}", port in 1u16..) {
            prop_assert_eq!(parts(&written(&user, &host, port)), Some((Some(user), host, port)));
        }
    }
}
