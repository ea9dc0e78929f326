//! The address of a server, as people type it.

use reqwest::Url;

/// An `http` or `https` address, perhaps with a path under which a proxy serves Windlass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress(Url);

/// An address that cannot be a server's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("`{0}` is no address of a server: {1}")]
    Invalid(String, String),
    #[error("`{0}` has the scheme `{1}`, but a server is reached by http or https")]
    Scheme(String, String),
    #[error("`{0}` carries a user name or password, which Windlass does not use")]
    Credentials(String),
}

impl ServerAddress {
    /// The base URL; it ends with a slash.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether a token sent there could be read on the way.
    pub fn is_exposed(&self) -> bool {
        let loopback = match self.0.host_str() {
            Some(host) => {
                let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
                host == "localhost" || address.is_ok_and(|address| address.is_loopback())
            }
            None => false,
        };
        self.0.scheme() == "http" && !loopback
    }
}

impl std::str::FromStr for ServerAddress {
    type Err = AddressError;

    /// `windlass.example.com` means https; an address of this machine without a scheme means http.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else if text.starts_with("localhost") || text.starts_with("127.") || text.starts_with("[::1]") {
            format!("http://{text}")
        } else {
            format!("https://{text}")
        };
        let mut url =
            Url::parse(&with_scheme).map_err(|error| AddressError::Invalid(text.into(), error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme(text.into(), url.scheme().into()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials(text.into()));
        }
        url.set_fragment(None);
        url.set_query(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }
}

impl std::fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        match text.parse::<ServerAddress>() {
            Ok(address) => address.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_address_is_read_as_people_type_it() {
        assert_eq!(parsed("https://windlass.example.com"), "https://windlass.example.com");
        assert_eq!(parsed("https://example.com/windlass/"), "https://example.com/windlass");
        assert_eq!(parsed("windlass.example.com"), "https://windlass.example.com");
        assert_eq!(parsed("127.0.0.1:4680"), "http://127.0.0.1:4680");
        assert_eq!(parsed("localhost:4680"), "http://localhost:4680");
        assert_eq!(parsed("http://[::1]:4680/x?y#z"), "http://[::1]:4680/x");
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        assert_eq!(
            parsed("ftp://example.com"),
            "`ftp://example.com` has the scheme `ftp`, but a server is reached by http or https"
        );
        assert_eq!(parsed("https://"), "`https://` is no address of a server: empty host");
        assert!(parsed("https://me:secret@example.com").ends_with("which Windlass does not use"));
    }

    #[test]
    fn only_plain_http_to_another_machine_is_exposed() {
        let exposed = |text: &str| text.parse::<ServerAddress>().unwrap().is_exposed();
        assert!(exposed("http://10.0.0.5:4680"));
        assert!(!exposed("http://127.0.0.1:4680"));
        assert!(!exposed("http://[::1]:4680"));
        assert!(!exposed("https://10.0.0.5"));
    }
}
