//! Ends on SIGTERM, but not before every request that came is answered.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::{io, mem, ptr};

/// Waits for the signals that end the app.
pub(crate) struct Shutdown {
    signals: libc::sigset_t,
    requests: Arc<Requests>,
}

/// The requests that are being answered.
#[derive(Default)]
pub(crate) struct Requests {
    ending: AtomicBool,
    open: Mutex<usize>,
    answered: Condvar,
}

impl Shutdown {
    /// Takes SIGTERM and SIGINT from this thread and those that it will start.
    pub(crate) fn on_sigterm() -> io::Result<Self> {
        // SAFETY: the set is initialized by `sigemptyset` before it is read, and lives as long as the calls.
        let (signals, blocked) = unsafe {
            let mut signals = mem::zeroed();
            libc::sigemptyset(&mut signals);
            libc::sigaddset(&mut signals, libc::SIGTERM);
            libc::sigaddset(&mut signals, libc::SIGINT);
            (signals, libc::pthread_sigmask(libc::SIG_BLOCK, &signals, ptr::null_mut()))
        };
        match blocked {
            0 => Ok(Self { signals, requests: Arc::default() }),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }

    pub(crate) fn requests(&self) -> Arc<Requests> {
        Arc::clone(&self.requests)
    }

    /// Waits for a signal, then wakes the thread that waits for connections with one that says nothing.
    pub(crate) fn wait_then_wake(self, address: SocketAddr) {
        let mut signal = 0;
        // SAFETY: both pointers are to live values of the right types.
        unsafe { libc::sigwait(&self.signals, &mut signal) };
        self.requests.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(address);
    }
}

impl Requests {
    /// Whether a signal came.
    pub(crate) fn ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    pub(crate) fn begin(self: &Arc<Self>) -> Request {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Request(Arc::clone(self))
    }

    pub(crate) fn wait_until_answered(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let _open = self.answered.wait_while(open, |open| *open > 0).unwrap_or_else(PoisonError::into_inner);
    }
}

/// A request that is being answered, until it is dropped.
pub(crate) struct Request(Arc<Requests>);

impl Drop for Request {
    fn drop(&mut self) {
        *self.0.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.answered.notify_all();
    }
}
