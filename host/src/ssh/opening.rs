//! Reads the line with which a program on the target opens its output.

use super::command::Token;

/// How much noise may come before the opening line; the oldest is forgotten.
const NOISE: usize = 64 * 1024;

/// What a program on the target says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The command runs, in this process group.
    Started {
        group: u32,
    },
    /// A command with this key has been started before.
    Exists,
    /// No command with this key was started, and none will be by an earlier request.
    Absent,
    /// It has been claimed and its process is not noted yet.
    Starting,
    Running,
    /// It ended with this status, as a shell tells it.
    Ended {
        status: u32,
    },
    /// Its process is gone and left no status.
    Lost,
    /// The working directory cannot be entered.
    Directory,
    /// Another server has taken over its deployment.
    Fenced,
    /// The target cannot run it; the reason is the target's.
    Refused {
        reason: String,
    },
}

impl Opening {
    fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "started" => Self::Started { group: rest.parse().ok()? },
            "exists" => Self::Exists,
            "absent" => Self::Absent,
            "starting" => Self::Starting,
            "running" => Self::Running,
            "ended" => Self::Ended { status: rest.parse().ok()? },
            "lost" => Self::Lost,
            "directory" => Self::Directory,
            "fenced" => Self::Fenced,
            "refused" => Self::Refused { reason: rest.to_owned() },
            _ => return None,
        })
    }
}

/// Waits for a token in a stream and drops what comes before it.
#[derive(Debug)]
pub(super) struct Seeker {
    token: Token,
    noise: Vec<u8>,
}

/// A token was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The rest of the token's line.
    pub(super) line: String,
    /// What came after the line.
    pub(super) rest: Vec<u8>,
}

impl Seeker {
    pub(super) fn new(token: Token) -> Self {
        Self { token, noise: Vec::new() }
    }

    /// Takes the next bytes of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<Found> {
        self.noise.extend_from_slice(bytes);
        let token = self.token.as_str().as_bytes();
        if let Some(start) = self.noise.windows(token.len()).position(|window| window == token) {
            let after = start + token.len();
            let end = after + self.noise[after..].iter().position(|byte| *byte == b'\n')?;
            let line = String::from_utf8_lossy(&self.noise[after..end]).trim().to_owned();
            let rest = self.noise.split_off(end + 1);
            self.noise.truncate(start);
            return Some(Found { line, rest });
        }
        let excess = self.noise.len().saturating_sub(NOISE);
        self.noise.drain(..excess);
        None
    }

    /// What came before the token, as text.
    pub(super) fn noise(&self) -> String {
        String::from_utf8_lossy(&self.noise).trim().to_owned()
    }
}

/// The opening that a found line holds.
pub(super) fn parse(found: &Found) -> Option<Opening> {
    Opening::parse(&found.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed_all(parts: &[&str]) -> (Option<Opening>, String) {
        let mut seeker = Seeker::new(Token::fixed("windlass-1"));
        let mut opening = None;
        let mut output = Vec::new();
        for part in parts {
            if opening.is_some() {
                output.extend_from_slice(part.as_bytes());
            } else if let Some(found) = seeker.feed(part.as_bytes()) {
                opening = parse(&found);
                output = found.rest;
            }
        }
        (opening, String::from_utf8(output).unwrap())
    }

    #[test]
    fn finds_the_line_after_noise_and_keeps_the_output() {
        let (opening, output) = feed_all(&["Welcome!\nwindlass-1 started 42\nhello\n"]);
        assert_eq!(opening, Some(Opening::Started { group: 42 }));
        assert_eq!(output, "hello\n");
    }

    #[test]
    fn finds_a_line_cut_anywhere() {
        let whole = "noise windlass-1 ended 3\nrest";
        for cut in 0..whole.len() {
            let (opening, output) = feed_all(&[&whole[..cut], &whole[cut..]]);
            assert_eq!(opening, Some(Opening::Ended { status: 3 }), "cut at {cut}");
            assert_eq!(output, "rest", "cut at {cut}");
        }
    }

    #[test]
    fn noise_is_bounded() {
        let mut seeker = Seeker::new(Token::fixed("windlass-1"));
        for _ in 0..100 {
            assert!(seeker.feed(&[b'x'; 4096]).is_none());
        }
        assert!(seeker.noise.len() <= NOISE);
        assert!(seeker.feed(b"windlass-1 absent\n").is_some());
    }
}
