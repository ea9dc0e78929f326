//! Ports for deployed apps: a block that no test beside this one uses.

use std::net::TcpListener;

/// Blocks lie below the ports that Linux gives to outgoing connections.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 100;
/// Ports of a block. An app's port is not used again for a minute after it, while the kernel remembers
/// connections to it: a test with some twenty deployments needs many.
const SIZE: u16 = 100;

/// A block of ports. Its first one is held open for as long as the block is: that is the lock.
pub(crate) struct Ports {
    lock: TcpListener,
}

impl Ports {
    pub(crate) fn take() -> Self {
        // Not always the first free one: the test before this one has just used its ports.
        let first = (std::process::id() % u32::from(BLOCKS)) as u16;
        let mut blocks = (first..BLOCKS).chain(0..first);
        let lock = blocks.find_map(|block| TcpListener::bind(("127.0.0.1", FIRST + block * SIZE)).ok());
        Self { lock: lock.expect("one of the blocks of ports is free") }
    }

    /// The first and the last port that apps may have.
    pub(crate) fn range(&self) -> (u16, u16) {
        let base = self.lock.local_addr().expect("a bound listener has an address").port();
        (base + 1, base + SIZE - 1)
    }
}

/// A port that is free now. Another process may take it in between, which is rare.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback is free");
    listener.local_addr().expect("a bound listener has an address").port()
}
