//! What the transport promises: on every form of an address, and against real servers.

mod addresses;
mod grants;
mod redirects;
mod requests;
pub(crate) mod site;
mod tls;

use super::*;
use http::Method;
use site::Site;
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A client that finds these addresses for every name, and counts how often it is asked.
fn resolving(found: &[&str]) -> (Outbound, Arc<std::sync::atomic::AtomicUsize>) {
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let addresses: Vec<IpAddr> = found.iter().map(|address| address.parse().unwrap()).collect();
    let counter = asked.clone();
    let lookup: connect::Lookup = Arc::new(move |_| {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) })
    });
    (Outbound { inner: Arc::new(Inner { tls: Tls::default(), lookup }) }, asked)
}

fn request(method: Method, url: &str) -> Request {
    Request {
        method,
        url: parse_url(url).unwrap(),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        secret_body: false,
        timeout: Duration::from_secs(10),
        most: 64 * 1024,
        retries: 0,
        signature: None,
    }
}

fn get(url: &str) -> Request {
    request(Method::GET, url)
}

async fn send(request: &Request, grants: &[&str]) -> Result<crate::exchange::Answer, OutboundError> {
    let outbound = Outbound::new(Tls::default());
    outbound.send(request, &Allowed::new(grants.iter().copied()), &CancellationToken::new()).await
}
