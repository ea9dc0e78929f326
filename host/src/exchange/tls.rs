//! TLS to servers that Windlass talks to: whose certificates are trusted, for which host.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Opens TLS on connections. Cheap to clone.
#[derive(Clone, Default)]
pub struct Tls {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Made at first use: reading the system's certificates takes some milliseconds.
    system: OnceLock<Result<Arc<ClientConfig>, String>>,
    /// Of hosts with authorities of their own.
    own: BTreeMap<String, Arc<ClientConfig>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("own", &self.inner.own.keys()).finish_non_exhaustive()
    }
}

/// Why a host's authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("http.ca of `{host}`: {reason}")]
pub struct CaError {
    host: String,
    reason: String,
}

impl Tls {
    /// Trusts the system's authorities, and for the named hosts those of their PEM text and no others.
    ///
    /// # Errors
    /// A text that holds no certificate.
    pub fn new(authorities: &BTreeMap<String, String>) -> Result<Self, CaError> {
        let own = authorities.iter().map(|(host, pem)| {
            let config = own_roots(pem).map_err(|reason| CaError { host: host.clone(), reason })?;
            Ok((name(host), Arc::new(client_config(config))))
        });
        Ok(Self { inner: Arc::new(Inner { system: OnceLock::new(), own: own.collect::<Result<_, CaError>>()? }) })
    }

    /// Opens TLS to the server of this name or address. An error is a reason, in the middle of a sentence.
    pub async fn connect<S>(&self, stream: S, server: &str) -> Result<TlsStream<S>, String>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let server = name(server);
        let config = match self.inner.own.get(&server) {
            Some(config) => config.clone(),
            None => self.inner.system.get_or_init(system).clone()?,
        };
        let unusable = |_| format!("`{server}` cannot be the name of a TLS server");
        let server_name = ServerName::try_from(server.clone()).map_err(unusable)?;
        TlsConnector::from(config).connect(server_name, stream).await.map_err(|error| tls_reason(&error))
    }
}

/// A name as it is compared: in lower case, without the brackets of an address and the dot of the root.
fn name(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

fn own_roots(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("this is no PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("a certificate cannot be used: {error}"))?;
    }
    match roots.is_empty() {
        false => Ok(roots),
        true => Err("there is no certificate in it (-----BEGIN CERTIFICATE-----)".into()),
    }
}

fn system() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    match added {
        0 => Err("this machine has no certificate authorities: install its package ca-certificates".into()),
        _ => Ok(Arc::new(client_config(roots))),
    }
}

fn client_config(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the ciphers of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// What rustls says, without the words that say nothing.
fn tls_reason(error: &std::io::Error) -> String {
    let said = match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(reason)) => format!("its certificate is not trusted: {reason}"),
        Some(other) => other.to_string(),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof => "closed during the handshake".into(),
        None => error.to_string(),
    };
    format!("TLS: {said}")
}
