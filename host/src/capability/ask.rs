//! What a value of a plugin's config asks for, as the annotation `grant` of its schema says it: so that all of it
//! is known before anything starts. What is granted is judged by the rules that the calls themselves are judged by.

use super::Granter;
use super::docker::privilege;
use crate::dns::DnsName;
use crate::outbound::Endpoint;
use serde_json::{Map, Value};
use url::Url;
use windlass_api_types::grant::{Grant, GrantKind};

/// Something that an environment must grant.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The value of a secret, put somewhere.
    Secret(String),
    /// Requests to a host.
    Http(Endpoint),
    /// The use of a name of a zone.
    Name(DnsName),
    /// A privilege of containers.
    Docker(&'static str),
    /// A path of the target, mounted into a container.
    Mount(String),
}

impl Ask {
    /// Reads a value that is annotated; `beside` are the keys beside it. None: this value asks for nothing, or what
    /// it asks for shows only when the stage runs.
    pub fn read(annotation: &str, value: &Value, beside: &Map<String, Value>) -> Option<Self> {
        let open = value.as_str().is_some_and(|text| text.contains(OPEN));
        match annotation {
            "http" => Endpoint::of(&Url::parse(&known_url(value)?).ok()?).map(Self::Http),
            _ if open => None,
            "http host" => {
                let tls = beside.get("tls") == Some(&Value::Bool(true))
                    || beside.get("tls_name").is_some_and(Value::is_string);
                let port = u16::try_from(beside.get("port")?.as_u64()?).ok()?;
                Endpoint::new(value.as_str()?, port, Some(if tls { 443 } else { 80 })).map(Self::Http)
            }
            "zone" => DnsName::parse(value.as_str()?).ok().map(Self::Name),
            "docker mount" => value.as_str().map(|path| Self::Mount(path.to_owned())),
            "docker network" => privilege::of_network(value.as_str()?).map(Self::Docker),
            privilege => {
                let privilege = privilege.strip_prefix("docker ")?;
                let known = privilege::ALL.into_iter().find(|known| *known == privilege)?;
                (value == &Value::Bool(true)).then_some(Self::Docker(known))
            }
        }
    }
}

/// What begins a name that only a run knows.
const OPEN: &str = "${";

/// A URL, or the part of one before its first secret or open name, where the host ends before that.
fn known_url(value: &Value) -> Option<String> {
    let pieces = match value {
        Value::Array(pieces) => pieces.as_slice(),
        piece => std::slice::from_ref(piece),
    };
    let text: String = pieces.iter().map_while(Value::as_str).collect();
    let known = text.split(OPEN).next().unwrap_or_default();
    let whole = pieces.iter().all(Value::is_string) && known.len() == text.len();
    let host_ends = known.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']));
    (whole || host_ends).then(|| known.to_owned())
}

impl Granter {
    /// The grant that is missing for something; none where it is granted. `zones` are the names of the zones that
    /// the operator configured: a name of no zone cannot be granted.
    pub fn lacks(&self, ask: &Ask, zones: &[String]) -> Option<Grant> {
        let (kind, value) = match ask {
            Ask::Secret(name) => (GrantKind::Secret, self.secret(name).is_err().then(|| name.clone())?),
            Ask::Http(endpoint) => (GrantKind::Http, (!self.http().allows(endpoint)).then(|| endpoint.to_string())?),
            Ask::Name(name) => {
                let zone = name.zone_among(zones.iter().map(String::as_str))?;
                (GrantKind::Zone, (!self.zone(zone, name)).then(|| zone.to_owned())?)
            }
            Ask::Docker(privilege) => {
                (GrantKind::Docker, (!self.has(GrantKind::Docker, privilege)).then(|| (*privilege).to_owned())?)
            }
            Ask::Mount(path) => (GrantKind::Docker, privilege::missing_for(self, path)?),
        };
        Some(Grant { plugin: self.plugin().to_owned(), kind, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The grant that a value asks for where nothing is granted, and whether that grant is then enough.
    fn asks(annotation: &str, value: Value, beside: Value) -> Option<String> {
        let ask = Ask::read(annotation, &value, beside.as_object().unwrap())?;
        let zones = ["example.com".to_owned(), "dev.example.com".to_owned()];
        let granter = || Granter::new("shop/production", "any", []);
        let missing = granter().lacks(&ask, &zones)?;
        assert_eq!(granter().with([&missing]).lacks(&ask, &zones), None, "{missing}");
        Some(format!("{} {}", missing.kind, missing.value))
    }

    #[track_caller]
    fn check(annotation: &str, value: Value, expected: Option<&str>) {
        assert_eq!(asks(annotation, value, json!({})).as_deref(), expected);
    }

    #[test]
    fn hosts_are_asked_for_as_grants_name_them() {
        check("http", json!("https://hooks.example.com/a?b"), Some("http hooks.example.com"));
        check("http", json!("http://10.0.0.7:8080/"), Some("http 10.0.0.7:8080"));
        check("http", json!(["https://hooks.example.com/", { "secret": "PATH" }]), Some("http hooks.example.com"));
        check("http", json!(["https://hooks.", "example.com"]), Some("http hooks.example.com"));
        check("http", json!("https://hooks.example.com/${release.label}"), Some("http hooks.example.com"));
        // Whose host it is shows only when the stage runs.
        for unknown in
            [json!(["https://", { "secret": "HOST" }]), json!({ "secret": "URL" }), json!("https://${variables.URL}/")]
        {
            check("http", unknown, None);
        }
        let host = |beside| asks("http host", json!("shop.example.com"), beside);
        assert_eq!(host(json!({ "port": 80 })).as_deref(), Some("http shop.example.com"));
        assert_eq!(host(json!({ "port": 443, "tls": true })).as_deref(), Some("http shop.example.com"));
        assert_eq!(host(json!({ "port": 443, "tls_name": "x" })).as_deref(), Some("http shop.example.com"));
        assert_eq!(host(json!({ "port": 443 })).as_deref(), Some("http shop.example.com:443"));
        assert_eq!(host(json!({ "port": "${stages.start.outputs.port}" })), None);
    }

    #[test]
    fn of_zones_the_longest_is_asked_for() {
        check("zone", json!("shop.example.com"), Some("zone example.com"));
        check("zone", json!("shop.dev.example.com."), Some("zone dev.example.com"));
        check("zone", json!("elsewhere.example"), None);
        let grant = Grant { plugin: "*".into(), kind: GrantKind::Zone, value: "shop.example.com".into() };
        let granter = Granter::new("shop/production", "any", []).with([&grant]);
        let lacks = |name| granter.lacks(&Ask::Name(DnsName::parse(name).unwrap()), &["example.com".into()]).is_some();
        assert!(!lacks("a.shop.example.com"));
        assert!(lacks("example.com"));
    }

    #[test]
    fn privileges_of_containers_are_asked_for() {
        check("docker privileged", json!(true), Some("docker privileged"));
        check("docker privileged", json!(false), None);
        check("docker host-network", json!(true), Some("docker host-network"));
        check("docker network", json!("host"), Some("docker host-network"));
        check("docker network", json!("container:other"), Some("docker privileged"));
        check("docker network", json!("shop"), None);
        check("docker mount", json!("/etc/${target.name}"), None);
        check("docker mount", json!("/srv/shop/data"), None);
        check("docker mount", json!("/etc//shop/../passwd"), Some("docker mount:/etc/passwd"));
        check("docker mount", json!("/var/run/docker.sock"), Some("docker docker-socket"));
        check("something new", json!("x"), None);
    }
}
