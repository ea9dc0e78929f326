//! The transport against real servers: OpenSSH and the demo's target, with the same test bodies.

mod authentication;
mod commands;
mod crowd;
mod environment;
mod faults;
mod fixture;
mod jump;
mod lifecycle;
mod limits;
mod probes;
mod proxy;
mod reattachment;
mod silence;
mod sshd;
mod sudo;
mod sync;
mod transfers;
mod waiting;

/// Runs each named body once per server.
macro_rules! on_both_servers {
    ($($name:ident),* $(,)?) => {
        mod openssh {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(fixture) = crate::ssh::tests::fixture::Fixture::openssh().await {
                    super::$name(fixture).await;
                }
            })*
        }
        mod demo {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::ssh::tests::fixture::Fixture::demo().await).await;
            })*
        }
    };
}
pub(in crate::ssh::tests) use on_both_servers;

/// A port on which nothing listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
