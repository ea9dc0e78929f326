//! What a request shows of who it is from.

use http::{HeaderMap, header};

/// The name of the session cookie.
const COOKIE: &str = "windlass_session";

/// A credential, not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// It came over the local socket, which only the owner's account may open.
    Owner,
    /// A browser's session cookie.
    Session(String),
    /// A bearer token.
    Token(String),
    None,
}

impl Credential {
    /// Reads a request's headers. A token wins over a cookie.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
            return Self::Token(token.trim().into());
        }
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        match pairs.find(|(name, _)| *name == COOKIE) {
            Some((_, secret)) => Self::Session(secret.into()),
            None => Self::None,
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Owner => "Owner",
            Self::Session(_) => "Session(…)",
            Self::Token(_) => "Token(…)",
            Self::None => "None",
        })
    }
}
