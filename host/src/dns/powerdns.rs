//! The HTTP API of the PowerDNS authoritative server: one `PATCH` replaces a name and type.

use super::{DnsError, DnsName, Found, RecordSet, RecordType, ZoneServer, http};
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use windlass_api_types::zone::ZoneProvider;

const PROVIDER: &str = "PowerDNS";

pub(super) struct Powerdns<'z> {
    http: &'z Client,
    zone: &'z DnsName,
    url: &'z str,
    server_id: &'z str,
    key: &'z str,
}

#[derive(Deserialize)]
struct Contents {
    rrsets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    ttl: u32,
    records: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    content: String,
    #[serde(default)]
    disabled: bool,
}

#[derive(Deserialize)]
struct Complaint {
    error: String,
}

impl ZoneServer<'_> {
    pub(super) fn powerdns(&self) -> Result<Powerdns<'_>, DnsError> {
        match &self.settings.provider {
            ZoneProvider::Powerdns { url, server_id } => {
                Ok(Powerdns { http: self.http, zone: &self.zone, url, server_id, key: self.secret })
            }
            _ => Err(self.foreign()),
        }
    }
}

impl Powerdns<'_> {
    pub(super) async fn upsert(&self, set: &RecordSet) -> Result<(), DnsError> {
        let records = set.values.iter().map(|value| json!({ "content": set.kind.written(value), "disabled": false }));
        self.patch(json!({
            "name": set.name.absolute(),
            "type": set.kind,
            "ttl": set.ttl,
            "changetype": "REPLACE",
            "records": records.collect::<Vec<_>>(),
        }))
        .await
    }

    pub(super) async fn delete(&self, name: &DnsName, kind: RecordType) -> Result<(), DnsError> {
        self.patch(json!({ "name": name.absolute(), "type": kind, "changetype": "DELETE", "records": [] })).await
    }

    pub(super) async fn read(&self, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
        // Versions before 4.8 do not know the parameters, and answer the whole zone.
        let query = [("rrset_name", &*name.absolute()), ("rrset_type", kind.as_str())];
        let body = self.send(self.request(Method::GET, &query)?).await?;
        let contents: Contents = http::json(self.zone, PROVIDER, &body)?;
        let wanted = name.absolute();
        let set = contents.rrsets.into_iter().find(|set| set.kind == kind.as_str() && set.name == wanted);
        Ok(set.map_or_else(Found::default, |set| {
            let live = set.records.iter().filter(|entry| !entry.disabled);
            Found::new(live.map(|entry| kind.read(&entry.content)), set.ttl)
        }))
    }

    async fn patch(&self, set: Value) -> Result<(), DnsError> {
        self.send(self.request(Method::PATCH, &[])?.json(&json!({ "rrsets": [set] }))).await.map(drop)
    }

    fn request(&self, method: Method, query: &[(&str, &str)]) -> Result<RequestBuilder, DnsError> {
        let zone = self.zone.absolute();
        let segments = ["api", "v1", "servers", self.server_id, "zones", &zone];
        let url = http::url(self.zone, self.url, &segments, query)?;
        Ok(self.http.request(method, url).header("X-API-Key", self.key))
    }

    async fn send(&self, request: RequestBuilder) -> Result<String, DnsError> {
        let answer = http::send(self.zone, request).await?;
        if answer.status == http::NOT_FOUND {
            return Err(DnsError::UnknownZone { zone: self.zone.to_string(), provider: PROVIDER });
        }
        let message = |body: &str| serde_json::from_str(body).ok().map(|complaint: Complaint| complaint.error);
        answer.success(self.zone, PROVIDER, message)
    }
}
