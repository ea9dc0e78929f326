//! AWS Route 53: XML over HTTPS, each request signed (SigV4). Written by its documentation, and tested against a
//! server of the tests' own that checks the signatures, not against AWS.

use super::{DnsError, DnsName, Found, RecordSet, RecordType, ZoneServer, http};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::{Client, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::time::SystemTime;
use windlass_api_types::zone::ZoneProvider;

const PROVIDER: &str = "Route 53";
/// The version of the interface, as its paths begin.
const VERSION: &str = "2013-04-01";
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";
/// Route 53 is one service for the whole world, signed for this region.
const REGION: &str = "us-east-1";

pub(super) struct Route53<'z> {
    http: &'z Client,
    zone: &'z DnsName,
    url: &'z str,
    access_key_id: &'z str,
    hosted_zone: Option<&'z str>,
    secret: &'z str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedZones {
    hosted_zones: Option<HostedZones>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostedZones {
    #[serde(default)]
    hosted_zone: Vec<HostedZone>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostedZone {
    /// `/hostedzone/Z…`
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedSets {
    resource_record_sets: Option<Sets>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sets {
    #[serde(default)]
    resource_record_set: Vec<Set>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    name: String,
    r#type: String,
    /// Absent on aliases of AWS' own, as the records are.
    #[serde(rename = "TTL")]
    ttl: Option<u32>,
    resource_records: Option<Records>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Records {
    resource_record: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorResponse {
    error: Complaint,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Complaint {
    code: String,
    message: String,
}

impl ZoneServer<'_> {
    pub(super) fn route53(&self) -> Result<Route53<'_>, DnsError> {
        match &self.settings.provider {
            ZoneProvider::Route53 { url, access_key_id, hosted_zone } => Ok(Route53 {
                http: self.http,
                zone: &self.zone,
                url,
                access_key_id,
                hosted_zone: hosted_zone.as_deref(),
                secret: self.secret,
            }),
            _ => Err(self.foreign()),
        }
    }
}

impl Route53<'_> {
    pub(super) async fn upsert(&self, set: &RecordSet) -> Result<(), DnsError> {
        let zone = self.zone_id().await?;
        self.change(&zone, "UPSERT", &set.name, set.kind, set.ttl, &set.values).await
    }

    /// A deletion has to name what is there.
    pub(super) async fn delete(&self, name: &DnsName, kind: RecordType) -> Result<(), DnsError> {
        let zone = self.zone_id().await?;
        let there = self.find(&zone, name, kind).await?;
        match there.values.is_empty() {
            true => Ok(()),
            false => self.change(&zone, "DELETE", name, kind, there.ttl, &there.values).await,
        }
    }

    pub(super) async fn read(&self, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
        self.find(&self.zone_id().await?, name, kind).await
    }

    async fn zone_id(&self) -> Result<String, DnsError> {
        if let Some(id) = self.hosted_zone {
            return Ok(id.to_owned());
        }
        let query = [("dnsname", self.zone.as_str()), ("maxitems", "1")];
        let listed: ListedZones = self.send(Method::GET, &["hostedzonesbyname"], &query, "").await?;
        let wanted = self.zone.absolute();
        let zones = listed.hosted_zones.map(|zones| zones.hosted_zone).unwrap_or_default();
        // The list begins at the name, which need not be there.
        let found = zones.into_iter().find(|zone| zone.name == wanted);
        let unknown = || DnsError::UnknownZone { zone: self.zone.to_string(), provider: PROVIDER };
        let found = found.ok_or_else(unknown)?;
        Ok(found.id.trim_start_matches("/hostedzone/").to_owned())
    }

    async fn find(&self, zone: &str, name: &DnsName, kind: RecordType) -> Result<Found, DnsError> {
        let query = [("name", name.as_str()), ("type", kind.as_str()), ("maxitems", "1")];
        let listed: ListedSets = self.send(Method::GET, &["hostedzone", zone, "rrset"], &query, "").await?;
        let sets = listed.resource_record_sets.map(|sets| sets.resource_record_set).unwrap_or_default();
        // Here too the list only begins there. Names come with a dot, and `*` as `\052`.
        let wanted = name.absolute().replace('*', "\\052");
        let set = sets.into_iter().find(|set| set.name == wanted && set.r#type == kind.as_str());
        Ok(set.map_or_else(Found::default, |set| {
            let records = set.resource_records.map(|records| records.resource_record).unwrap_or_default();
            Found::new(records.iter().map(|record| kind.read(&record.value)), set.ttl.unwrap_or_default())
        }))
    }

    async fn change(
        &self,
        zone: &str,
        action: &str,
        name: &DnsName,
        kind: RecordType,
        ttl: u32,
        values: &[String],
    ) -> Result<(), DnsError> {
        let body = change_document(action, name, kind, ttl, values);
        let _: serde::de::IgnoredAny = self.send(Method::POST, &["hostedzone", zone, "rrset"], &[], &body).await?;
        Ok(())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        segments: &[&str],
        query: &[(&str, &str)],
        body: &str,
    ) -> Result<T, DnsError> {
        let segments = [&[VERSION], segments].concat();
        let url = http::url(self.zone, self.url, &segments, query)?;
        let signature = self.sign(method.as_str(), url.as_str(), body)?;
        let mut request = self.http.request(method, url);
        for (name, value) in signature {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/xml").body(body.to_owned());
        }
        let body = http::send(self.zone, request).await?.success(self.zone, PROVIDER, complaint)?;
        quick_xml::de::from_str(&body).map_err(|error| http::unreadable(self.zone, PROVIDER, error))
    }

    /// The headers that sign a request.
    fn sign(&self, method: &str, url: &str, body: &str) -> Result<Vec<(String, String)>, DnsError> {
        let refused = |error: String| DnsError::BadZone { zone: self.zone.to_string(), reason: error };
        let identity = Credentials::new(self.access_key_id, self.secret, None, None, "windlass").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("route53")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let request = SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body.as_bytes()));
        let request = request.map_err(|error| refused(error.to_string()))?;
        let signed = sign(request, &params.into()).map_err(|error| refused(error.to_string()))?;
        let (instructions, _) = signed.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

fn complaint(body: &str) -> Option<String> {
    let answer: ErrorResponse = quick_xml::de::from_str(body).ok()?;
    Some(format!("{} ({})", answer.error.message, answer.error.code))
}

fn change_document(action: &str, name: &DnsName, kind: RecordType, ttl: u32, values: &[String]) -> String {
    let records = values.iter().fold(String::new(), |mut records, value| {
        let value = kind.written(value);
        let value = quick_xml::escape::escape(value.as_str());
        let _ = write!(records, "<ResourceRecord><Value>{value}</Value></ResourceRecord>");
        records
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ChangeResourceRecordSetsRequest xmlns=\"{NAMESPACE}\"><ChangeBatch><Changes><Change>\
         <Action>{action}</Action><ResourceRecordSet><Name>{}</Name><Type>{kind}</Type><TTL>{ttl}</TTL>\
         <ResourceRecords>{records}</ResourceRecords></ResourceRecordSet>\
         </Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>",
        name.absolute()
    )
}
