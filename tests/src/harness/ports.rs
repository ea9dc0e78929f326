//! Ports for deployed apps: a block that no test beside this one uses.

use std::net::TcpListener;

/// Blocks lie below the ports that Linux gives to outgoing connections.
const FIRST: u16 = 20_000;
const LAST: u16 = 29_900;
/// Ports of a block: a deployment has two instances at a time, and a site a few targets.
const SIZE: u16 = 20;

/// A block of ports. Its first one is held open for as long as the block is: that is the lock.
pub(crate) struct Ports {
    lock: TcpListener,
}

impl Ports {
    pub(crate) fn take() -> Self {
        let mut bases = (FIRST..LAST).step_by(SIZE.into());
        let lock = bases.find_map(|base| TcpListener::bind(("127.0.0.1", base)).ok());
        Self { lock: lock.expect("one of the blocks of ports is free") }
    }

    /// The first and the last port that apps may have.
    pub(crate) fn range(&self) -> (u16, u16) {
        let base = self.lock.local_addr().expect("a bound listener has an address").port();
        (base + 1, base + SIZE - 1)
    }
}
