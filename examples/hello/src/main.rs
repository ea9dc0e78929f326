//! A tiny HTTP app to deploy with Windlass: it listens on `PORT`, answers `/health` and everything else
//! with a small page, logs to standard output, and ends on SIGTERM when its requests are answered.

mod http;
mod page;
mod shutdown;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::{env, io, thread};

use page::Page;
use shutdown::Shutdown;

fn main() {
    if let Err(error) = run() {
        eprintln!("hello: {error}");
        std::process::exit(1);
    }
}

fn run() -> io::Result<()> {
    // Before any thread is started, since threads inherit which signals are blocked.
    let shutdown = Shutdown::on_sigterm()?;
    let page = Arc::new(Page::load()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port()?))?;
    println!("hello {} listens on {}", page.version(), listener.local_addr()?);

    let address = listener.local_addr()?;
    let requests = shutdown.requests();
    thread::spawn(move || shutdown.wait_then_wake(address));
    http::serve(&listener, &page, &requests);

    requests.wait_until_answered();
    println!("hello {} has ended", page.version());
    Ok(())
}

/// `PORT`, as the deployment sets it; any free one without.
fn port() -> io::Result<u16> {
    match env::var("PORT") {
        Ok(port) => {
            port.parse().map_err(|_| io::Error::other(format!("PORT is `{port}`; it must be a number from 0 to 65535")))
        }
        Err(_) => Ok(0),
    }
}
