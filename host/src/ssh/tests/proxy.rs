//! A TCP proxy whose connections a test can count, and harm as networks do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Proxy {
    pub(super) port: u16,
    shared: Arc<Shared>,
}

/// What becomes of the bytes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Passes,
    /// They stay where they are, and so does what comes after them, until it passes again.
    Stands,
    /// They are taken and lost, both ways, and nobody is told: a black hole.
    Vanishes,
    /// The connection is ended in order.
    Ends,
    /// The connection is reset, both ways.
    Resets,
}

struct Shared {
    open: AtomicBool,
    connections: Mutex<Vec<watch::Sender<Flow>>>,
    planned: Mutex<Vec<Plan>>,
    /// What becomes of new connections.
    first: Mutex<Flow>,
    /// How many of the plans have come true.
    happened: watch::Sender<u32>,
    counts: watch::Sender<Counts>,
}

/// What is to happen to a connection.
#[derive(Clone, Copy)]
struct Plan {
    /// Which one, counted from 1.
    number: usize,
    side: Side,
    /// After so many of them.
    bytes: u64,
    flow: Flow,
}

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
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
        let shared = Arc::new(Shared {
            open: AtomicBool::new(true),
            connections: Mutex::default(),
            planned: Mutex::default(),
            first: Mutex::new(Flow::Passes),
            happened: watch::Sender::default(),
            counts: watch::Sender::default(),
        });
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if accepting.open.load(Ordering::SeqCst) {
                    tokio::spawn(Arc::clone(&accepting).connection(client, upstream));
                }
            }
        });
        Self { port, shared }
    }

    /// Does this to all connections that there are. New ones are let through.
    pub(super) fn all(&self, flow: Flow) {
        for connection in self.shared.connections.lock().unwrap().iter() {
            connection.send_replace(flow);
        }
    }

    /// Does this to the `number`th connection, counted from 1, after so many bytes from the server.
    pub(super) fn plan(&self, number: usize, bytes: u64, flow: Flow) {
        self.shared.planned.lock().unwrap().push(Plan { number, side: Side::Server, bytes, flow });
    }

    /// The same after so many bytes from the client.
    pub(super) fn plan_for_client(&self, number: usize, bytes: u64, flow: Flow) {
        self.shared.planned.lock().unwrap().push(Plan { number, side: Side::Client, bytes, flow });
    }

    /// All connections take what comes and give nothing, new ones too.
    pub(super) fn become_a_black_hole(&self) {
        *self.shared.first.lock().unwrap() = Flow::Vanishes;
        self.all(Flow::Vanishes);
    }

    /// Waits until a plan has come true.
    pub(super) async fn happened(&self) {
        self.shared.happened.subscribe().wait_for(|count| *count > 0).await.unwrap();
    }

    /// Ends all connections. New ones are let through.
    pub(super) fn cut(&self) {
        self.all(Flow::Ends);
    }

    /// Ends all connections, and new ones at once.
    pub(super) fn close(&self) {
        self.shared.open.store(false, Ordering::SeqCst);
        self.cut();
    }

    /// How many connections there have been.
    pub(super) fn accepted(&self) -> u32 {
        self.shared.counts.borrow().accepted
    }

    /// Waits until none is open.
    pub(super) async fn all_closed(&self) {
        let mut counts = self.shared.counts.subscribe();
        counts.wait_for(|counts| counts.accepted == counts.closed).await.unwrap();
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, mut client: TcpStream, upstream: u16) {
        let flow = watch::Sender::new(*self.first.lock().unwrap());
        let number = {
            let mut connections = self.connections.lock().unwrap();
            connections.push(flow.clone());
            connections.len()
        };
        self.counts.send_modify(|counts| counts.accepted += 1);
        let plan = |side| {
            let planned = self.planned.lock().unwrap();
            planned.iter().copied().find(|plan| plan.number == number && plan.side == side)
        };
        let mut server = TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
        let mut told = flow.subscribe();
        {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            let there = self.copy(from_client, to_server, &flow, plan(Side::Client));
            let back = self.copy(from_server, to_client, &flow, plan(Side::Server));
            tokio::select! {
                _ = async { tokio::join!(there, back) } => {}
                _ = told.wait_for(|flow| matches!(flow, Flow::Ends | Flow::Resets)) => {}
            }
        }
        if *flow.borrow() == Flow::Resets {
            client.set_zero_linger().unwrap();
            server.set_zero_linger().unwrap();
        }
        drop((client, server));
        self.counts.send_modify(|counts| counts.closed += 1);
    }

    /// Passes bytes on in one direction, as long as they flow; the plan may change that.
    async fn copy(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        flow: &watch::Sender<Flow>,
        mut plan: Option<Plan>,
    ) {
        let mut told = flow.subscribe();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if told.wait_for(|flow| *flow != Flow::Stands).await.is_err() {
                return;
            }
            let count = tokio::select! {
                read = from.read(&mut buffer) => read.unwrap_or(0),
                _ = told.changed() => continue,
            };
            let mut bytes = &buffer[..count];
            if let Some(Plan { bytes: left, flow: then, .. }) = &mut plan {
                let passing = bytes.len().min(usize::try_from(*left).unwrap());
                *left -= passing as u64;
                if *left == 0 {
                    drop(to.write_all(&bytes[..passing]).await);
                    bytes = &bytes[passing..];
                    flow.send_replace(*then);
                    self.happened.send_modify(|count| *count += 1);
                    plan = None;
                }
            }
            // What was read when it stood still comes when it goes on.
            let flows = told.wait_for(|flow| *flow != Flow::Stands).await.map(|flow| *flow);
            match flows {
                // Nobody learns that the other side has ended.
                Ok(Flow::Vanishes) if count == 0 => std::future::pending().await,
                Ok(Flow::Vanishes) => {}
                Ok(Flow::Passes) if count > 0 && to.write_all(bytes).await.is_ok() => {}
                _ => break,
            }
        }
        drop(to.shutdown().await);
    }
}
