//! `with` of the stage.

use schemars::JsonSchema;
use serde::Deserialize;
use windlass_process_kit::{Host, PlainName, RemotePath};
use windlass_sdk::{Context, Error, Result};

/// How Traefik is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// By a file that its file provider reads.
    #[default]
    File,
    /// By labels of the container.
    Labels,
}

/// A router and a service of Traefik.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `file`: writes `file`. `labels`: answers the labels of the container, and changes nothing.
    #[serde(default)]
    pub(crate) mode: Mode,
    /// The file to write, in the directory of Traefik's file provider on the target; it ends in `.yml` or `.yaml`.
    #[serde(default)]
    file: Option<RemotePath>,
    /// The name of the router and the service; the project's and the environment's, `shop-production`, where it is
    /// absent.
    #[serde(default)]
    name: Option<PlainName>,
    /// The host names that requests are for.
    #[schemars(length(min = 1), extend("examples" = [["shop.example.com"]]))]
    hosts: Vec<Host>,
    /// The beginning of the paths that requests are for; all where it is absent.
    #[serde(default)]
    path_prefix: Option<PathPrefix>,
    /// The port of the app that requests are to go to.
    #[schemars(range(min = 1), extend("examples" = [3000]))]
    pub(crate) port: u16,
    /// The host that requests are to go to, as Traefik sees it; not used with labels.
    #[serde(default = "default_host")]
    pub(crate) host: Host,
    /// The entry points that the router listens at; all of Traefik's default ones where it is empty.
    #[serde(default)]
    pub(crate) entry_points: Vec<PlainName>,
    /// With TLS: the router takes only encrypted requests.
    #[serde(default)]
    tls: bool,
    /// Which of Traefik's certificate resolvers gets the certificate; implies `tls`.
    #[serde(default)]
    pub(crate) certificate_resolver: Option<PlainName>,
    /// How many requests one address may make; any number where it is absent.
    #[serde(default)]
    pub(crate) rate_limit: Option<RateLimit>,
    /// The Docker network in which Traefik reaches the container; only with labels.
    #[serde(default)]
    pub(crate) network: Option<PlainName>,
    /// Write the file as root through `sudo -n`.
    #[serde(default)]
    pub(crate) sudo: bool,
}

fn default_host() -> Host {
    "127.0.0.1".to_owned().try_into().expect("it is an address")
}

/// How many requests one address may make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimit {
    /// Requests a second, on average.
    #[schemars(range(min = 1))]
    pub(crate) average: u32,
    /// Requests that may come at once.
    #[schemars(range(min = 1))]
    pub(crate) burst: u32,
}

/// The beginning of a path.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^/[A-Za-z0-9._~/-]*$"))]
pub(crate) struct PathPrefix(String);

impl TryFrom<String> for PathPrefix {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "._~/-".contains(c));
        if plain && path.starts_with('/') {
            return Ok(Self(path));
        }
        Err(format!("`{path}` is no path here: begin with / and use letters, digits and any of . _ ~ / -"))
    }
}

/// What is the same in a file and in labels.
#[derive(Debug)]
pub(crate) struct Route {
    /// The name of the router and the service.
    pub(crate) name: String,
    /// Which requests, as Traefik writes it.
    pub(crate) rule: String,
    pub(crate) tls: bool,
}

impl Config {
    pub(crate) fn route(&self, ctx: &Context) -> Result<Route> {
        if self.hosts.is_empty() {
            return Err(Error::invalid_input("`hosts` is empty").hint("name the host names that requests are for"));
        }
        let name = match &self.name {
            Some(name) => name.as_str().to_owned(),
            None => plain(&format!("{}-{}", ctx.project, ctx.environment)),
        };
        let hosts: Vec<String> = self.hosts.iter().map(|host| format!("Host(`{host}`)")).collect();
        let hosts = hosts.join(" || ");
        let rule = match &self.path_prefix {
            None => hosts,
            Some(PathPrefix(path)) if self.hosts.len() == 1 => format!("{hosts} && PathPrefix(`{path}`)"),
            Some(PathPrefix(path)) => format!("({hosts}) && PathPrefix(`{path}`)"),
        };
        Ok(Route { name, rule, tls: self.tls || self.certificate_resolver.is_some() })
    }

    /// The file to write.
    ///
    /// # Errors
    /// `invalid-input` where there is none, or Traefik would not read it.
    pub(crate) fn file(&self) -> Result<&RemotePath> {
        let file = self.file.as_ref().ok_or_else(|| {
            Error::invalid_input("`file` is missing")
                .hint("name a file in the directory of Traefik's file provider, or set `mode = \"labels\"`")
        })?;
        match file.as_str().rsplit_once('.') {
            Some((_, "yml" | "yaml")) => Ok(file),
            _ => Err(Error::invalid_input(format!("Traefik would not read {file}"))
                .hint("its file provider goes by the ending: name a file that ends in `.yml`")),
        }
    }
}

/// A name of which each character may be in a dotted key.
fn plain(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_', "-")
}
