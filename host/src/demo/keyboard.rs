//! Keys: one at a time from a terminal, the first of each line from anything else.

use std::io::{BufRead, IsTerminal, Read, stdin};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::mpsc;

/// Keys that were pressed while the demo was busy; more than anyone means.
const WAITING_KEYS: usize = 64;

/// Where keys come from.
pub(super) struct Keyboard {
    keys: mpsc::Receiver<char>,
    terminal: Option<Quiet>,
}

/// A terminal that hands out each key at once and shows none. Ctrl-C stays a signal, and a line break in
/// the output stays one. Dropping it puts the terminal back.
struct Quiet {
    before: Termios,
}

impl Keyboard {
    pub(super) fn open() -> Self {
        let terminal = stdin().is_terminal().then(Quiet::new).flatten();
        let (sender, keys) = mpsc::channel(WAITING_KEYS);
        let one_by_one = terminal.is_some();
        // A thread of its own: the runtime would wait for its read when the program ends.
        std::thread::spawn(move || if one_by_one { read_keys(&sender) } else { read_lines(&sender) });
        Self { keys, terminal }
    }

    /// The next key, in lower case; never, once there is nothing to read.
    pub(super) async fn next(&mut self) -> char {
        match self.keys.recv().await {
            Some(key) => key.to_ascii_lowercase(),
            None => std::future::pending().await,
        }
    }

    /// Forgets keys pressed before anything was offered. Lines of a script were all written before.
    pub(super) fn forget_early(&mut self) {
        while self.terminal.is_some() && self.keys.try_recv().is_ok() {}
    }
}

impl Quiet {
    fn new() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Now, &quiet).ok()?;
        Some(Self { before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

fn read_keys(keys: &mpsc::Sender<char>) {
    for byte in stdin().lock().bytes() {
        let Ok(byte) = byte else { return };
        if keys.blocking_send(char::from(byte)).is_err() {
            return;
        }
    }
}

fn read_lines(keys: &mpsc::Sender<char>) {
    for line in stdin().lock().lines() {
        let Ok(line) = line else { return };
        if let Some(key) = line.trim().chars().next()
            && keys.blocking_send(key).is_err()
        {
            return;
        }
    }
}
