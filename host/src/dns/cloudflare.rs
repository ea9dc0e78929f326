//! Cloudflare's API, version 4: the records of a name and type are changed in one batch, which its database takes
//! at once. Written by its documentation, and tested against a server of the tests' own, not against Cloudflare.

use super::{DnsError, DnsName, Found, RecordSet, RecordType, ZoneServer, http};
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use windlass_api_types::zone::ZoneProvider;

const PROVIDER: &str = "Cloudflare";
/// More values than a name can sensibly have: one page.
const PAGE: &str = "500";

pub(super) struct Cloudflare<'z> {
    http: &'z Client,
    zone: &'z DnsName,
    url: &'z str,
    token: &'z str,
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: T,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    content: String,
    ttl: u32,
}

#[derive(Deserialize)]
struct Complaints {
    errors: Vec<Complaint>,
}

#[derive(Deserialize)]
struct Complaint {
    code: i64,
    message: String,
}

impl ZoneServer<'_> {
    pub(super) fn cloudflare(&self) -> Result<Cloudflare<'_>, DnsError> {
        match &self.settings.provider {
            ZoneProvider::Cloudflare { url } => {
                Ok(Cloudflare { http: self.http, zone: &self.zone, url, token: self.secret })
            }
            _ => Err(self.foreign()),
        }
    }
}

impl Cloudflare<'_> {
    /// Keeps what is right, and with it what else is set there (whether it is proxied, its comment).
    pub(super) async fn upsert(&self, set: &RecordSet) -> Result<(), DnsError> {
        let zone = self.zone_id().await?;
        let there = self.entries(&zone, &set.name, set.kind).await?;
        let value = |entry: &Entry| set.kind.read(&entry.content);
        let (kept, gone): (Vec<&Entry>, Vec<&Entry>) =
            there.iter().partition(|entry| set.values.contains(&value(entry)));
        let missing = set.values.iter().filter(|wanted| !kept.iter().any(|entry| value(entry) == **wanted));
        let deletes: Vec<Value> = gone.iter().map(|entry| json!({ "id": entry.id })).collect();
        let late = kept.iter().filter(|entry| entry.ttl != set.ttl);
        let patches: Vec<Value> = late.map(|entry| json!({ "id": entry.id, "ttl": set.ttl })).collect();
        let post = |value: &String| json!({ "type": set.kind, "name": set.name.as_str(), "content": content(set.kind, value), "ttl": set.ttl });
        let posts: Vec<Value> = missing.map(post).collect();
        self.batch(&zone, &deletes, &patches, &posts).await
    }

    pub(super) async fn delete(&self, name: &DnsName, kind: RecordType) -> Result<(), DnsError> {
        let zone = self.zone_id().await?;
        let there = self.entries(&zone, name, kind).await?;
        let deletes: Vec<Value> = there.iter().map(|entry| json!({ "id": entry.id })).collect();
        self.batch(&zone, &deletes, &[], &[]).await
    }

    pub(super) async fn read(&self, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
        let zone = self.zone_id().await?;
        let there = self.entries(&zone, name, kind).await?;
        let ttl = there.iter().map(|entry| entry.ttl).min().unwrap_or_default();
        Ok(Found::new(there.iter().map(|entry| kind.read(&entry.content)), ttl))
    }

    async fn zone_id(&self) -> Result<String, DnsError> {
        let found: Vec<Identified> =
            self.send(self.request(Method::GET, &["zones"], &[("name", self.zone.as_str())])?).await?;
        let zone = found.into_iter().next();
        zone.map(|zone| zone.id)
            .ok_or_else(|| DnsError::UnknownZone { zone: self.zone.to_string(), provider: PROVIDER })
    }

    async fn entries(&self, zone: &str, name: &DnsName, kind: RecordType) -> Result<Vec<Entry>, DnsError> {
        let query = [("type", kind.as_str()), ("name", name.as_str()), ("per_page", PAGE)];
        self.send(self.request(Method::GET, &["zones", zone, "dns_records"], &query)?).await
    }

    async fn batch(&self, zone: &str, deletes: &[Value], patches: &[Value], posts: &[Value]) -> Result<(), DnsError> {
        if deletes.is_empty() && patches.is_empty() && posts.is_empty() {
            return Ok(());
        }
        let request = self.request(Method::POST, &["zones", zone, "dns_records", "batch"], &[])?;
        let batch = json!({ "deletes": deletes, "patches": patches, "posts": posts });
        self.send::<Value>(request.json(&batch)).await.map(drop)
    }

    fn request(&self, method: Method, segments: &[&str], query: &[(&str, &str)]) -> Result<RequestBuilder, DnsError> {
        Ok(self.http.request(method, http::url(self.zone, self.url, segments, query)?).bearer_auth(self.token))
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, DnsError> {
        let body = http::send(self.zone, request).await?.success(self.zone, PROVIDER, complaint)?;
        let envelope: Envelope<T> = http::json(self.zone, PROVIDER, &body)?;
        Ok(envelope.result)
    }
}

fn complaint(body: &str) -> Option<String> {
    let complaints: Complaints = serde_json::from_str(body).ok()?;
    let said: Vec<String> =
        complaints.errors.iter().map(|error| format!("{} ({})", error.message, error.code)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// Names are written without a dot at their end, texts with quotes.
fn content(kind: RecordType, value: &str) -> String {
    match kind {
        RecordType::A | RecordType::Aaaa | RecordType::Cname => value.to_owned(),
        RecordType::Txt => kind.written(value),
    }
}
