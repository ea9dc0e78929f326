//! How a value looks after the encodings that programs put texts through.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How long the lines of base64 are that `base64` and PEM write.
const BASE64_LINES: [usize; 2] = [76, 64];

/// All forms of a value that are worth masking; none of a value that is too short.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for text in texts(value) {
        if text.len() < super::SHORTEST {
            continue;
        }
        forms.push(text.to_vec());
        forms.extend(hex_forms(text).map(String::into_bytes));
        forms.extend(base64_forms(text));
        forms.extend(BASE64_LINES.into_iter().flat_map(|width| base64_lines(text, width)));
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
    let whole = trimmed.len();
    let lines = trimmed.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // A short line of a long value, such as a brace, is no secret by itself.
    let lines = lines.filter(move |line| line.len() < whole && line.len() >= 2 * super::SHORTEST);
    // Mostly they are the same.
    let trimmed = (trimmed.len() < value.len()).then_some(trimmed);
    std::iter::once(value).chain(trimmed).chain(lines)
}

/// Together, and as dumps and fingerprints write it.
fn hex_forms(text: &[u8]) -> [String; 6] {
    let apart = |between: &str, byte: fn(&u8) -> String| text.iter().map(byte).collect::<Vec<_>>().join(between);
    let (lower, upper) = (|byte: &u8| format!("{byte:02x}"), |byte: &u8| format!("{byte:02X}"));
    let (together, together_upper) = (hex::encode(text), hex::encode_upper(text));
    [together, together_upper, apart(" ", lower), apart(" ", upper), apart(":", lower), apart(":", upper)]
}

/// The lines of a long value's base64: none where it has only one. What hangs on the neighbors is left out.
fn base64_lines(text: &[u8], width: usize) -> Vec<Vec<u8>> {
    let encoded = STANDARD_NO_PAD.encode(text);
    let known = encoded.len() - usize::from(!text.len().is_multiple_of(3));
    if encoded.len() <= width {
        return Vec::new();
    }
    let lines = encoded.as_bytes()[..known].chunks(width).map(<[u8]>::to_vec);
    // The end of a long value alone is no secret, and would be found by chance.
    lines.filter(|line| line.len() >= 2 * super::SHORTEST).collect()
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
    let mut forms = url_forms(text);
    forms.extend(json_forms(text));
    forms.extend(quoted_forms(text));
    forms.extend([html(text, "&#39;"), html(text, "&#x27;"), text.chars().rev().collect()]);
    forms
}

fn url_forms(text: &str) -> Vec<String> {
    let mut forms = vec![
        url(text),
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte), "%20", false),
        // As forms and query strings do it.
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte), "+", true),
        // As `encodeURIComponent` and `encodeURI` do it.
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte), "%20", true),
        percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.!~*'();/?:@&=+$,#".contains(&byte), "%20", true),
    ];
    // A URL as a parameter of another.
    let twice: Vec<String> = forms.iter().map(|form| form.replace('%', "%25")).collect();
    forms.extend(twice);
    forms
}

/// Inside of JSON, of JSON in JSON, and where nothing but ASCII is let through.
fn json_forms(text: &str) -> Vec<String> {
    let json = json(text);
    vec![json.replace('\\', "\\\\").replace('"', "\\\""), json.replace('/', "\\/"), ascii_json(&json), json]
}

/// As shells, dotenv files, YAML and SQL quote.
fn quoted_forms(text: &str) -> Vec<String> {
    let mut forms = vec![
        shell(text),
        dotenv(text),
        // Inside of the single quotes of YAML and SQL.
        text.replace('\'', "''"),
    ];
    // Inside of double quotes, of a shell's `$'…'`, and without quotes.
    for special in ["\\\"$`", "\\\"$", "\\'", "\\\"", " !\"#$&'()*,;<>?[\\]^`{|}~", " \"$&'<>\\`"] {
        let escaped = backslashed(text, special);
        // Where a line break is written out.
        forms.push(escaped.replace('\n', "\\n"));
        forms.push(escaped);
    }
    forms
}

fn backslashed(text: &str, special: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        if special.contains(character) {
            out.push('\\');
        }
        out.push(character);
        out
    })
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
