//! A canary in every encoding, cut anywhere, is found nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::{MASK, Masker, SHORTEST};

const CANARY: &str = "c4n\"ary/grün 'p&ss'";

fn masker(value: &str) -> Masker {
    Masker::new([value.as_bytes()])
}

/// The value in the encodings that a program may print it in, within a longer text.
fn encodings(value: &str, around: &str) -> Vec<(&'static str, Vec<u8>)> {
    let within = format!("{around}{value}{around}");
    let percent = |plain: &str| {
        value.bytes().fold(String::new(), |text, byte| {
            match byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) {
                true => format!("{text}{}", char::from(byte)),
                false => format!("{text}%{byte:02X}"),
            }
        })
    };
    let json = json!(value).to_string();
    vec![
        ("plain", within.clone().into_bytes()),
        ("base64", STANDARD.encode(&within).into_bytes()),
        ("base64 without padding", STANDARD_NO_PAD.encode(value).into_bytes()),
        ("base64 for URLs", URL_SAFE.encode(&within).into_bytes()),
        ("base64 for URLs without padding", URL_SAFE_NO_PAD.encode(value).into_bytes()),
        ("hex", hex::encode(&within).into_bytes()),
        ("HEX", hex::encode_upper(&within).into_bytes()),
        ("percent", percent("-_.~").into_bytes()),
        ("encodeURIComponent", percent("-_.!~*'()").into_bytes()),
        ("JSON", json.clone().into_bytes()),
        ("JSON in JSON", json!(json).to_string().into_bytes()),
        ("shell", format!("'{}'", value.replace('\'', "'\\''")).into_bytes()),
        ("printf %q", backslashed(value, " \"&'").into_bytes()),
        ("dotenv", format!("\"{}\"", backslashed(value, "\"$`")).into_bytes()),
        ("YAML", format!("'{}'", value.replace('\'', "''")).into_bytes()),
        ("spaced hex", spaced(value, " ").into_bytes()),
        ("fingerprint", spaced(value, ":").to_uppercase().into_bytes()),
        ("percent twice", percent("-_.~").replace('%', "%25").into_bytes()),
        ("reversed", value.chars().rev().collect::<String>().into_bytes()),
        (
            "HTML",
            value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&#39;")
                .into_bytes(),
        ),
    ]
}

fn backslashed(value: &str, special: &str) -> String {
    let escape =
        |character: char| if special.contains(character) { format!("\\{character}") } else { character.into() };
    value.chars().map(escape).collect()
}

fn spaced(value: &str, between: &str) -> String {
    value.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

/// What of an encoding must not be seen: all but the characters that depend on the neighbors.
fn seen(masked: &[u8], encoded: &[u8]) -> bool {
    masked == encoded || !masked.windows(MASK.len()).any(|window| window == MASK.as_bytes())
}

#[test]
fn a_canary_in_every_encoding_cut_at_every_byte() {
    let masker = masker(CANARY);
    for around in ["", "x", "xy", "xyz"] {
        for (name, encoded) in encodings(CANARY, around) {
            let whole = masker.bytes(encoded.clone());
            assert!(!seen(&whole, &encoded), "{name}: {}", String::from_utf8_lossy(&whole));
            for cut in 0..=encoded.len() {
                let mut stream = masker.stream();
                let mut masked = stream.push(&encoded[..cut]);
                masked.extend(stream.push(&encoded[cut..]));
                masked.extend(stream.finish());
                assert_eq!(masked, whole, "{name}, cut at {cut}");
            }
        }
    }
}

#[test]
fn what_surrounds_a_value_stays() {
    assert_eq!(masker("hunter22").text("password=hunter22;"), "password=***;");
    assert_eq!(masker("hunter22").text("nothing here"), "nothing here");
    let mut document = json!({ "a hunter22": ["hunter22", 7], "b": { "c": "x" } });
    masker("hunter22").json(&mut document);
    assert_eq!(document, json!({ "a ***": ["***", 7], "b": { "c": "x" } }));
}

#[test]
fn each_line_of_a_long_value_is_masked() {
    let key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXk\nAAAAC3NzaC1lZDI\n-----END KEY-----\n";
    let masker = masker(key);
    assert_eq!(masker.text("line 1: AAAAC3NzaC1lZDI"), "line 1: ***");
    assert_eq!(masker.text(&format!("<{key}>")), "<***>");
}

#[test]
fn the_lines_of_a_long_base64_are_masked() {
    let key: String = (0..20).map(|line| format!("line {line} of a key\n")).collect();
    let masker = masker(&key);
    for width in [64, 76] {
        let encoded = STANDARD.encode(&key);
        for line in encoded.as_bytes().chunks(width) {
            let masked = masker.bytes(line.to_vec());
            // The last line may end with what hangs on the neighbors.
            assert!(masked.starts_with(MASK.as_bytes()) && masked.len() <= MASK.len() + 3, "{width}: {masked:?}");
        }
    }
}

#[test]
fn without_values_nothing_is_held_back() {
    let mut stream = Masker::default().stream();
    assert_eq!(stream.push(b"abc"), b"abc");
    assert_eq!(stream.finish(), b"");
    // Too short to be masked.
    assert_eq!(masker("abc").text("abc"), "abc");
}

#[test]
fn a_value_that_is_learned_later_is_masked_by_all_clones() {
    for masker in [Masker::default(), masker("hunter22")] {
        let clone = masker.clone();
        let mut stream = clone.stream();
        assert_eq!(stream.push(b"t0ken, "), b"t0ken, ");
        masker.add(b"t0ken-of-the-answer");
        assert_eq!(clone.text("is t0ken-of-the-answer"), "is ***");
        assert_eq!(stream.push(b"t0ken-of-the-"), b"");
        assert_eq!(stream.push(b"answer."), b"***.");
    }
    assert_eq!(masker("hunter22").text("hunter22"), "***");
}

#[test]
fn of_two_values_that_begin_alike_the_longer_one_is_meant() {
    let masker = Masker::new([b"secret".as_slice(), b"secret-longer"]);
    let mut stream = masker.stream();
    let mut masked = stream.push(b"a secret");
    masked.extend(stream.push(b"-longer b secret"));
    masked.extend(stream.finish());
    assert_eq!(masked, b"a *** b ***");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever the values and wherever the pieces are cut: pieces give what the whole gives, and no value is left.
    #[test]
    fn pieces_are_masked_as_the_whole(
        values in prop::collection::vec("[ab\"/ü\n]{4,9}", 1..4),
        text in "[ab\"/ü\n]{0,60}",
        cuts in prop::collection::vec(0usize..200, 0..8),
        inserted in 0usize..60,
    ) {
        let mut text = text;
        let at = (0..=inserted.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(at, &values[0]);
        let masker = Masker::new(values.iter().map(String::as_bytes));
        let whole = masker.bytes(text.clone().into_bytes());
        for value in &values {
            prop_assert!(value.len() < SHORTEST || !whole.windows(value.len()).any(|window| window == value.as_bytes()));
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (text.len() + 1)).collect();
        cuts.sort_unstable();
        let (mut stream, mut masked, mut from) = (masker.stream(), Vec::new(), 0);
        for cut in cuts.into_iter().chain([text.len()]) {
            masked.extend(stream.push(&text.as_bytes()[from..cut]));
            from = cut;
        }
        masked.extend(stream.finish());
        prop_assert_eq!(masked, whole);
    }
}
