//! `windlass zone`: the DNS zones whose names plugins may change, where that is granted.

use super::context::Context;
use super::render::style::{BOLD, DIM};
use super::render::table::{Cell, Table};
use super::render::time;
use super::{CliError, Exit, secret};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use windlass_api_types::zone::{
    PutZone, TsigAlgorithm, Zone as ApiZone, ZoneProvider, default_cloudflare_url, default_route53_url,
    default_server_id,
};

/// List, add and remove the DNS zones that deployments may change
#[derive(Debug, Args)]
#[command(after_help = "A zone is used by an environment whose grants name it:\n  \
    windlass grant add shop/production zone example.com")]
pub(super) struct Zone {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the zones; their keys are never shown
    List,
    /// Configure a zone, or replace its configuration. Its key is asked for at the terminal or read from stdin
    #[command(after_help = "\
Examples:
  windlass zone add example.com rfc2136 --primary ns1.example.com --key-name windlass <key.base64
  windlass zone add example.com powerdns --url http://ns1.example.com:8081
  windlass zone add example.com cloudflare
  windlass zone add example.com route53 --access-key-id AKIA…")]
    Add {
        /// Such as example.com
        zone: String,
        /// A server to ask whether changes are out [default: the provider's, or those that the zone names]
        #[arg(long, value_name = "HOST[:PORT]")]
        name_server: Vec<String>,
        #[command(subcommand)]
        provider: Provider,
    },
    /// Forget a zone; its records stay
    Remove {
        /// Such as example.com
        zone: String,
    },
}

#[derive(Debug, Subcommand)]
enum Provider {
    /// Dynamic updates signed with TSIG: BIND, Knot, PowerDNS and others; the secret is the key in base64
    Rfc2136 {
        /// The zone's primary server
        #[arg(long, value_name = "HOST[:PORT]")]
        primary: String,
        /// The key's name, as the server has it
        #[arg(long, value_name = "NAME")]
        key_name: String,
        /// hmac-sha256, hmac-sha384 or hmac-sha512
        #[arg(long, default_value = "hmac-sha256")]
        algorithm: TsigAlgorithm,
    },
    /// PowerDNS' HTTP API; the secret is the API key
    Powerdns {
        /// Such as http://ns1.example.com:8081
        #[arg(long)]
        url: String,
        /// The server's id in the API
        #[arg(long, value_name = "ID", default_value_t = default_server_id())]
        server_id: String,
    },
    /// Cloudflare; the secret is an API token that may edit the zone's DNS
    Cloudflare {
        /// Another address of the API
        #[arg(long, default_value_t = default_cloudflare_url(), hide_default_value = true)]
        url: String,
    },
    /// AWS Route 53; the secret is the secret access key
    Route53 {
        #[arg(long, value_name = "ID")]
        access_key_id: String,
        /// The hosted zone's id [default: looked up by the zone's name]
        #[arg(long, value_name = "ID")]
        hosted_zone: Option<String>,
        /// Another address of the API
        #[arg(long, default_value_t = default_route53_url(), hide_default_value = true)]
        url: String,
    },
}

impl Zone {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        match self.verb {
            Verb::List => {
                let zones = client.zones().await?;
                context.output.value(&zones, |zones| render(zones, &TimeZone::system()))?;
            }
            Verb::Add { zone, name_server, provider } => {
                let secret = secret::read_value(provider.secret())?.trim().to_owned();
                let request = PutZone { provider: provider.into(), name_servers: name_server, secret };
                let put = client.put_zone(&zone, &request).await?;
                context.output.value(&put, |put| render(std::slice::from_ref(put), &TimeZone::system()))?;
                context.output.note(&format!(
                    "an environment uses it once that is granted: windlass grant add PROJECT/ENVIRONMENT zone {}",
                    put.name
                ));
            }
            Verb::Remove { zone } => {
                client.delete_zone(&zone).await?;
                context.output.note(&format!("{zone} is forgotten; its records stay"));
            }
        }
        Ok(Exit::Done)
    }
}

impl Provider {
    /// How the question for its secret calls it.
    fn secret(&self) -> &'static str {
        match self {
            Self::Rfc2136 { .. } => "TSIG key (base64)",
            Self::Powerdns { .. } => "API key",
            Self::Cloudflare { .. } => "API token",
            Self::Route53 { .. } => "Secret access key",
        }
    }
}

impl From<Provider> for ZoneProvider {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Rfc2136 { primary, key_name, algorithm } => {
                Self::Rfc2136 { server: primary, key_name, algorithm }
            }
            Provider::Powerdns { url, server_id } => Self::Powerdns { url, server_id },
            Provider::Cloudflare { url } => Self::Cloudflare { url },
            Provider::Route53 { access_key_id, hosted_zone, url } => Self::Route53 { url, access_key_id, hosted_zone },
        }
    }
}

fn render(zones: &[ApiZone], zone: &TimeZone) -> String {
    if zones.is_empty() {
        return "no zones\n".into();
    }
    let mut table = Table::new(&["ZONE", "PROVIDER", "AT", "SET", "BY"]);
    for known in zones {
        table.row([
            Cell::new(&known.name, BOLD),
            known.provider.kind().into(),
            known.provider.place().into(),
            Cell::new(time::date(known.created_at, zone), DIM),
            Cell::new(&known.created_by, DIM),
        ]);
    }
    table.render()
}
