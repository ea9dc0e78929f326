//! How programs print a secret. Made here once more, by the rules of the encodings, and not by the masker's code.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// A secret in one encoding.
pub(super) struct Form {
    /// Also the name of a file.
    pub(super) name: String,
    /// What a program prints.
    pub(super) printed: Vec<u8>,
    /// What of it must not be seen: without what hangs on the neighbors, and without what is no secret.
    pub(super) secret: Vec<u8>,
}

/// A form that is printed as it is.
fn form(name: &str, text: impl AsRef<[u8]>) -> Form {
    Form { name: name.to_owned(), printed: text.as_ref().to_vec(), secret: text.as_ref().to_vec() }
}

/// A form of a longer text, of which so many bytes at the ends hang on the neighbors.
fn within(name: &str, printed: String, before: usize, after: usize) -> Form {
    let secret = printed.as_bytes()[before..printed.len() - after].to_vec();
    Form { name: name.to_owned(), printed: printed.into_bytes(), secret }
}

/// The encodings of a secret of one line.
pub(super) fn of(value: &str) -> Vec<Form> {
    let json = serde_json::to_string(value).expect("a text is JSON");
    let inner = &json[1..json.len() - 1];
    let hex = |byte: u8| format!("{byte:02x}");
    let bytes: Vec<String> = value.bytes().map(hex).collect();
    vec![
        form("raw", value),
        form("base64", STANDARD.encode(value)),
        form("base64-no-padding", STANDARD_NO_PAD.encode(value)),
        form("base64-url", URL_SAFE.encode(value)),
        form("base64-url-no-padding", URL_SAFE_NO_PAD.encode(value)),
        within("base64-aligned-1", STANDARD.encode(format!("x{value}yz")), 2, 4),
        within("base64-aligned-2", STANDARD.encode(format!("xy{value}z")), 3, 4),
        within("base64-url-aligned-1", URL_SAFE.encode(format!("x{value}yz")), 2, 4),
        form("hex", bytes.concat()),
        form("hex-upper", bytes.concat().to_uppercase()),
        form("hex-spaced", bytes.join(" ")),
        form("hex-colons", bytes.join(":")),
        form("url", percent(value, "-_.~", "%20")),
        form("url-lower", lower(&percent(value, "-_.~", "%20"))),
        form("url-form", percent(value, "-_.*", "+")),
        form("url-twice", percent(&percent(value, "-_.~", "%20"), "-_.~", "%20")),
        form("json", inner),
        form("json-in-json", inner.replace('\\', "\\\\").replace('"', "\\\"")),
        form("json-ascii", inner.replace('ü', "\\u00fc")),
        form("shell-single", value.replace('\'', "'\\''")),
        form("shell-double", backslashed(value, "\\\"$`")),
        form("shell-printf-q", backslashed(value, "\\\"$`' &<>")),
        form("shell-ansi-c", backslashed(value, "\\'")),
        form("dotenv", format!("\"{}\"", backslashed(value, "\\\"$`"))),
        form("dotenv-dollar", backslashed(value, "\\\"$")),
        form("sql-yaml", value.replace('\'', "''")),
        form("html", html(value)),
        form("reversed", value.chars().rev().collect::<String>()),
    ]
}

/// The encodings of a secret of several lines: in lines too.
pub(super) fn of_long(name: &str, value: &str) -> Vec<Form> {
    let named = |form: &str| format!("{name}-{form}");
    let inner = serde_json::to_string(value).expect("a text is JSON");
    let base64 = STANDARD.encode(value);
    let mut forms = vec![
        form(&named("json"), &inner[1..inner.len() - 1]),
        form(&named("base64"), &base64),
        form(&named("url"), percent(value, "-_.~", "%20")),
        form(&named("dotenv"), value.replace('\n', "\\n")),
    ];
    // As `base64`, PEM and `xxd` break lines.
    for width in [76, 64] {
        forms.push(form(&named(&format!("base64-{width}")), lines(&base64, width)));
    }
    forms.push(form(&named("raw"), value));
    forms
}

fn lines(text: &str, width: usize) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    lines.join("\n")
}

fn percent(value: &str, plain: &str, space: &str) -> String {
    let encode = |byte: u8| match byte {
        b' ' => space.to_owned(),
        byte if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

/// With the hexadecimal digits in lower case.
fn lower(percent: &str) -> String {
    let mut parts = percent.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..]))
}

fn backslashed(value: &str, special: &str) -> String {
    let escape = |character: char| match special.contains(character) {
        true => format!("\\{character}"),
        false => character.to_string(),
    };
    value.chars().map(escape).collect()
}

fn html(value: &str) -> String {
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}
