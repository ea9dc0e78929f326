//! TLS: whose certificate is trusted, for which host.

use super::*;
use site::answer;
use std::collections::BTreeMap;

async fn over(tls: Tls, site: &Site, host: &str) -> Result<Vec<u8>, OutboundError> {
    let (mut outbound, _) = resolving(&["127.0.0.1"]);
    Arc::get_mut(&mut outbound.inner).unwrap().tls = tls;
    let (named, itself) = (format!("{host}:{}", site.port), site.grant());
    let allowed = Allowed::new([named.as_str(), itself.as_str()]);
    let request = get(&format!("https://{named}/"));
    Ok(outbound.send(&request, &allowed, &CancellationToken::new()).await?.body)
}

#[tokio::test]
async fn a_hosts_own_authority_vouches_for_it_and_for_no_other() {
    let site = Site::start_tls("registry.corp", |_| answer(200, "over TLS")).await;
    assert_eq!(over(site.trusted("Registry.corp"), &site, "registry.corp").await.unwrap(), b"over TLS");
    // The certificate is of another name.
    let error = over(site.trusted("other.corp"), &site, "other.corp").await.unwrap_err();
    let said = format!("other.corp:{}: TLS: its certificate is not trusted: ", site.port);
    assert!(error.to_string().starts_with(&said), "{error}");
    // The authority is that of another host.
    let error = over(site.trusted("other.corp"), &site, "registry.corp").await.unwrap_err();
    assert!(matches!(&error, OutboundError::Tls { .. }), "{error}");
    assert_eq!(site.seen().len(), 1);
}

#[tokio::test]
async fn what_speaks_no_tls_is_said() {
    let plain = Site::start(|_| answer(200, "")).await;
    let tls = Site::start_tls("registry.corp", |_| answer(200, "")).await;
    let error = over(tls.trusted("registry.corp"), &plain, "registry.corp").await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("registry.corp:{}: TLS: ", plain.port)), "{error}");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let tls = |pem: &str| Tls::new(&BTreeMap::from([("registry.corp".to_owned(), pem.to_owned())]));
    let said = "http.ca of `registry.corp`: there is no certificate in it (-----BEGIN CERTIFICATE-----)";
    assert_eq!(tls("/etc/ssl/corp.pem").unwrap_err().to_string(), said);
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = tls(broken).unwrap_err().to_string();
    assert!(error.starts_with("http.ca of `registry.corp`: a certificate cannot be used: "), "{error}");
}
