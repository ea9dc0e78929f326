//! A TCP proxy whose connections a test can count and cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Proxy {
    pub(super) port: u16,
    /// Counts the cuts; each connection ends when it changes.
    cuts: watch::Sender<u32>,
    open: Arc<AtomicBool>,
    counts: watch::Sender<Counts>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    accepted: u32,
    closed: u32,
}

impl Proxy {
    pub(super) async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cuts, open) = (watch::Sender::new(0), Arc::new(AtomicBool::new(true)));
        let counts = watch::Sender::new(Counts::default());
        let (subscribe, gate, counting) = (cuts.clone(), Arc::clone(&open), counts.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if !gate.load(Ordering::SeqCst) {
                    continue;
                }
                let mut cut = subscribe.subscribe();
                let counting = counting.clone();
                counting.send_modify(|counts| counts.accepted += 1);
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.changed() => {}
                    }
                    counting.send_modify(|counts| counts.closed += 1);
                });
            }
        });
        Self { port, cuts, open, counts }
    }

    /// Ends all connections. New ones are let through.
    pub(super) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Ends all connections, and new ones at once.
    pub(super) fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
        self.cut();
    }

    /// How many connections there have been.
    pub(super) fn accepted(&self) -> u32 {
        self.counts.borrow().accepted
    }

    /// Waits until none is open.
    pub(super) async fn all_closed(&self) {
        let mut counts = self.counts.subscribe();
        counts.wait_for(|counts| counts.accepted == counts.closed).await.unwrap();
    }
}
