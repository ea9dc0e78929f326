//! How a value looks after the encodings that programs put texts through.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// All forms of a value that are worth masking; none of a value that is too short.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for text in texts(value) {
        if text.len() < super::SHORTEST {
            continue;
        }
        forms.push(text.to_vec());
        forms.extend([hex::encode(text), hex::encode_upper(text)].map(String::into_bytes));
        forms.extend(base64_forms(text));
        if let Ok(text) = std::str::from_utf8(text) {
            forms.extend(escaped_forms(text).into_iter().map(String::into_bytes));
        }
    }
    forms.retain(|form| form.len() >= super::SHORTEST);
    forms
}

/// The value, and each of its lines: a log takes a text line by line.
fn texts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let trimmed = value.trim_ascii_end();
    let lines = trimmed.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // A short line of a long value, such as a brace, is no secret by itself.
    let lines = lines.filter(move |line| line.len() < trimmed.len() && line.len() >= 2 * super::SHORTEST);
    [value, trimmed].into_iter().chain(lines)
}

/// Base64 of the value wherever it begins within a longer text: three ways, of which the characters that
/// depend on the neighbors are left out. Both alphabets.
fn base64_forms(text: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for lead in 0..3 {
        let mut padded = vec![0; lead];
        padded.extend_from_slice(text);
        // Characters that hold bits of what comes before, and of what comes after.
        let (before, after) = ([0, 2, 3][lead], usize::from(!padded.len().is_multiple_of(3)));
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            forms.push(encoded.as_bytes()[before..encoded.len() - after].to_vec());
        }
    }
    forms
}

fn escaped_forms(text: &str) -> Vec<String> {
    let json = json(text);
    vec![
        url(text),
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte), "%20", false),
        // As forms and query strings do it.
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte), "+", true),
        // As `encodeURIComponent` and `encodeURI` do it.
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte), "%20", true),
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.!~*'();/?:@&=+$,#".contains(&byte), "%20", true),
        // Inside of JSON, of JSON in JSON, and where nothing but ASCII is let through.
        json.replace('\\', "\\\\").replace('"', "\\\""),
        json.replace('/', "\\/"),
        ascii_json(&json),
        json,
        dotenv(text),
        shell(text),
        html(text, "&#39;"),
        html(text, "&#x27;"),
    ]
}

/// Inside of a JSON string.
pub(super) fn json(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json[1..json.len().saturating_sub(1).max(1)].to_owned()
}

/// Inside of a URL.
pub(super) fn url(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte), "%20", true)
}

/// Inside of a shell's single quotes.
pub(super) fn shell(text: &str) -> String {
    text.replace('\'', "'\\''")
}

/// Inside of the double quotes of a `.env` file.
pub(super) fn dotenv(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
    escaped.replace('\n', "\\n").replace('\r', "\\r")
}

fn percent(text: &str, plain: impl Fn(u8) -> bool, space: &str, upper: bool) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' ' => out.push_str(space),
            byte if plain(byte) => out.push(char::from(byte)),
            byte if upper => out.push_str(&format!("%{byte:02X}")),
            byte => out.push_str(&format!("%{byte:02x}")),
        }
        out
    })
}

fn ascii_json(json: &str) -> String {
    let mut units = [0; 2];
    json.chars().fold(String::new(), |mut out, character| {
        if character.is_ascii() {
            out.push(character);
        } else {
            out.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
        out
    })
}

fn html(text: &str, apostrophe: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', apostrophe)
}
