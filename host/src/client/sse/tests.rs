use super::*;
use proptest::prelude::*;

fn all(chunks: &[&[u8]]) -> Vec<Message> {
    let mut parser = Parser::default();
    chunks.iter().flat_map(|chunk| parser.push(chunk).unwrap()).collect()
}

fn message(id: &str, event: &str, data: &str) -> Message {
    Message { id: id.into(), event: event.into(), data: data.into() }
}

#[test]
fn a_batch_has_its_id_name_and_data() {
    assert_eq!(all(&[b"id: 7\nevent: events\ndata: [1]\n\n"]), [message("7", "events", "[1]")]);
}

#[test]
fn lines_of_data_are_joined_and_comments_ignored() {
    assert_eq!(all(&[b": keepalive\n\ndata: a\ndata:\ndata:  b\n\n"]), [message("", "message", "a\n\n b")]);
}

#[test]
fn an_id_stays_and_a_name_does_not() {
    assert_eq!(
        all(&[b"id: 1\nevent: x\ndata: a\n\ndata: b\n\n"]),
        [message("1", "x", "a"), message("1", "message", "b")]
    );
}

#[test]
fn a_message_without_its_empty_line_is_not_given_out() {
    assert_eq!(all(&[b"data: a\n"]), []);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(all(&["\u{feff}data: a\n\n".as_bytes()]), [message("", "message", "a")]);
}

#[test]
fn an_endless_line_is_refused() {
    let mut parser = Parser::default();
    let chunk = vec![b'x'; MAX_MESSAGE / 2 + 1];
    assert_eq!(parser.push(&chunk), Ok(vec![]));
    assert_eq!(parser.push(&chunk), Err(TooLarge));
}

fn any_message() -> impl Strategy<Value = Message> {
    ("[0-9]{1,5}", "[a-z]{1,8}", "[^\r]{0,40}").prop_map(|(id, event, data)| Message { id, event, data })
}

/// Writes messages as a server may, with any of the three line ends.
fn encode(messages: &[Message], end: &str) -> Vec<u8> {
    let mut text = String::new();
    for message in messages {
        text.push_str(&format!("id: {}{end}:keepalive{end}event:{}{end}", message.id, message.event));
        for line in message.data.split('\n') {
            text.push_str(&format!("data: {line}{end}"));
        }
        text.push_str(end);
    }
    text.into_bytes()
}

proptest! {
    #[test]
    fn chunks_may_be_split_anywhere(
        messages in prop::collection::vec(any_message(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let bytes = encode(&messages, end);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        prop_assert_eq!(all(&chunks), messages);
    }
}
