//! The same bytes give the same lines and tails, however they arrive.

use super::*;
use proptest::prelude::*;

/// The lines and the tail of one stream that arrives in these pieces.
fn read(masker: &Masker, pieces: &[&[u8]], keep: usize) -> (Vec<String>, Vec<u8>, u64) {
    let masked = masker.stream();
    let name = OutputStream::Stdout;
    let mut stream = Stream { name, masked, line: Vec::new(), tail: VecDeque::new(), keep, dropped: 0 };
    let mut lines = Vec::new();
    for piece in pieces {
        let shown = stream.masked.push(piece);
        stream.keep_tail(&shown);
        lines.extend(stream.lines(&shown));
    }
    let held = stream.masked.finish();
    stream.keep_tail(&held);
    lines.extend(stream.lines(&held));
    if !stream.line.is_empty() {
        lines.push(String::from_utf8_lossy(&stream.line).into_owned());
    }
    let tail = stream.tail();
    (lines, tail.bytes, tail.dropped)
}

/// Cuts a text at places that are given as parts of its length.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    at.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in at.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[from..to]);
        from = to;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_change_nothing(
        // Secrets, parts of secrets, ends of lines, long lines, characters of several bytes, no characters.
        parts in prop::collection::vec(prop_oneof![
            Just(b"hunter2-hunter2".to_vec()), Just(b"hunter2".to_vec()), Just(b"two\nlines".to_vec()), Just(b"\n".to_vec()),
            Just(b"\r\n".to_vec()), Just("é☃🦀".repeat(700).into_bytes()), Just(vec![b'x'; 16 * 1024 - 1]),
            Just(vec![0xa9; 9_000]), prop::collection::vec(any::<u8>(), 0..40),
        ], 0..12),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let masker = Masker::new([&b"hunter2-hunter2"[..], b"two\nlines", b"er2\nhunt"]);
        let bytes = parts.concat();
        prop_assert_eq!(read(&masker, &[&bytes], 50), read(&masker, &cut(&bytes, &places), 50));
    }
}

fn lengths(text: &str) -> Vec<usize> {
    let (lines, ..) = read(&Masker::default(), &[text.as_bytes()], 0);
    lines.iter().map(String::len).collect()
}

#[test]
fn a_line_too_long_is_cut_at_a_character() {
    let longest = LONGEST_LINE;
    assert_eq!(lengths(&("x".repeat(longest) + "\ny")), [longest, 1]);
    assert_eq!(lengths(&("x".repeat(longest + 1) + "\ny")), [longest, 1, 1]);
    // Three bytes each: the one that would be cut begins the next piece.
    assert_eq!(lengths(&"☃".repeat(longest / 3 + 2)), [longest - 1, 6]);
    let (lines, ..) = read(&Masker::default(), &[&vec![0x80; longest + 2]], 0);
    assert_eq!(lines.len(), 2, "no character begins there");
}
