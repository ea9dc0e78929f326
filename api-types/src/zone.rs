//! DNS zones: whose names plugins may change, and who serves them.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A DNS zone that the operator configured. Its credentials never come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Zone {
    /// Such as `example.com`: lowercase, without a dot at its end.
    pub name: String,
    pub provider: ZoneProvider,
    /// The name servers that are asked whether a change is out, each `HOST` or `HOST:PORT`; empty: the provider's
    /// server, or those that the zone itself names.
    #[serde(default)]
    pub name_servers: Vec<String>,
    pub created_at: Timestamp,
    /// Who configured it.
    pub created_by: String,
}

/// Who takes changes of a zone, and as whom we come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ZoneProvider {
    /// Dynamic updates by RFC 2136, signed with TSIG (RFC 8945): BIND, Knot, PowerDNS and others. The secret is
    /// the key in base64.
    Rfc2136 {
        /// `HOST` or `HOST:PORT`.
        server: String,
        key_name: String,
        #[serde(default)]
        algorithm: TsigAlgorithm,
    },
    /// The HTTP API of PowerDNS. The secret is the API key.
    Powerdns {
        /// Such as `http://ns1.example.com:8081`.
        url: String,
        /// The server's id in the API.
        #[serde(default = "default_server_id")]
        server_id: String,
    },
    /// Cloudflare. The secret is an API token that may edit the zone.
    Cloudflare {
        #[serde(default = "default_cloudflare_url")]
        url: String,
    },
    /// AWS Route 53. The secret is the secret access key.
    Route53 {
        #[serde(default = "default_route53_url")]
        url: String,
        access_key_id: String,
        /// Such as `Z2FDTNDATAQYW2`; absent: looked up by the zone's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hosted_zone: Option<String>,
    },
}

/// How updates are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TsigAlgorithm {
    #[default]
    HmacSha256,
    HmacSha384,
    HmacSha512,
}

/// Configures a zone, or replaces its configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutZone {
    pub provider: ZoneProvider,
    #[serde(default)]
    pub name_servers: Vec<String>,
    /// What the provider wants of us; see [`ZoneProvider`].
    pub secret: String,
}

impl std::fmt::Debug for PutZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutZone").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl ZoneProvider {
    /// As commands and tables call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rfc2136 { .. } => "rfc2136",
            Self::Powerdns { .. } => "powerdns",
            Self::Cloudflare { .. } => "cloudflare",
            Self::Route53 { .. } => "route53",
        }
    }

    /// Where it is reached.
    pub fn place(&self) -> &str {
        match self {
            Self::Rfc2136 { server, .. } => server,
            Self::Powerdns { url, .. } | Self::Cloudflare { url } | Self::Route53 { url, .. } => url,
        }
    }
}

impl TsigAlgorithm {
    pub const ALL: [Self; 3] = [Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }
}

impl std::str::FromStr for TsigAlgorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
            format!("`{text}` is no algorithm for TSIG: they are {}", known.join(", "))
        })
    }
}

/// `localhost`, as PowerDNS calls itself.
pub fn default_server_id() -> String {
    "localhost".into()
}

/// Cloudflare's own API.
pub fn default_cloudflare_url() -> String {
    "https://api.cloudflare.com/client/v4".into()
}

/// Route 53's own API.
pub fn default_route53_url() -> String {
    "https://route53.amazonaws.com".into()
}
