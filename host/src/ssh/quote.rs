//! Quoting for the POSIX shell: the only place that turns a text into a shell word.

/// Writes `text` as one word of a POSIX shell's command line, which the shell reads back exactly.
///
/// `text` must not contain NUL: no shell and no `argv` can carry it, so requests are checked before.
pub fn quote(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut word = String::with_capacity(text.len() + 2);
    word.push('\'');
    for part in text.split_inclusive('\'') {
        match part.strip_suffix('\'') {
            Some(before) => {
                word.push_str(before);
                word.push_str(r"'\''");
            }
            None => word.push_str(part),
        }
    }
    word.push('\'');
    word
}

/// Whether a byte means itself everywhere in a word. `=` is not among them: `a=b` in front of a
/// command is an assignment. Neither is `~`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&byte)
}

#[cfg(test)]
mod tests;
