//! Reads a stream of server-sent events (WHATWG HTML, "Server-sent events") out of chunks of bytes.

#[cfg(test)]
mod tests;

/// One message. A field that the stream did not send is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The last id so far: it stays until another is sent.
    pub id: String,
    /// The name of the event; `message` where none was sent.
    pub event: String,
    pub data: String,
}

/// A message larger than anything a Windlass server sends (a batch of 1,000 events with large values) is
/// somebody else's stream, and must not eat the memory.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// A message larger than any that Windlass sends.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of more than {MAX_MESSAGE} bytes")]
pub struct TooLarge;

/// Takes chunks as they come, split anywhere, and gives the messages that they complete.
#[derive(Default)]
pub struct Parser {
    line: Vec<u8>,
    /// The last byte ended a line with a carriage return: a newline right after belongs to it.
    after_return: bool,
    first_line_read: bool,
    id: String,
    event: String,
    data: String,
    has_data: bool,
}

impl Parser {
    /// The messages that end within `chunk`.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<Message>, TooLarge> {
        let mut messages = Vec::new();
        let mut rest = chunk;
        if self.after_return && !rest.is_empty() {
            self.after_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            messages.extend(self.take_line());
            let ended_by_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if ended_by_return {
                self.after_return = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.line.extend_from_slice(rest);
        if self.line.len() + self.data.len() > MAX_MESSAGE {
            return Err(TooLarge);
        }
        Ok(messages)
    }

    fn take_line(&mut self) -> Option<Message> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        let line = if self.first_line_read { &line } else { line.strip_prefix('\u{feff}').unwrap_or(&line) };
        self.first_line_read = true;
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event = value.to_owned(),
            "id" if !value.contains('\0') => self.id = value.to_owned(),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            // An empty field is a comment: a keepalive. Others are for browsers.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Message> {
        let event = std::mem::take(&mut self.event);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let event = if event.is_empty() { "message".into() } else { event };
        Some(Message { id: self.id.clone(), event, data: std::mem::take(&mut self.data) })
    }
}
