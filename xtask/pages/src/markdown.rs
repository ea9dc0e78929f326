//! Pieces of Markdown.

/// A table; none where there are no rows.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(headings.iter().map(|heading| (*heading).to_owned()).collect());
    text.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
    for row in rows {
        text.push_str(&line(row.iter().map(|cell| inline(cell)).collect()));
    }
    text
}

/// A text as the cell of a table: one line, without a border in it.
fn inline(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    prose(&words.join(" ")).replace('|', "\\|")
}

/// A text whose angle brackets are no HTML, outside of what is code.
pub(crate) fn prose(text: &str) -> String {
    let (mut out, mut fenced, mut quoted) = (Vec::new(), false, false);
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let code = fenced || line.starts_with("```") || line.starts_with("    ");
        out.push(if code { line.to_owned() } else { escaped(line, &mut quoted) });
    }
    out.join("\n")
}

/// A line; `quoted` says whether it begins, and then ends, between backticks.
fn escaped(line: &str, quoted: &mut bool) -> String {
    let mut out = String::new();
    for character in line.chars() {
        *quoted ^= character == '`';
        match character {
            '<' if !*quoted => out.push_str("&lt;"),
            character => out.push(character),
        }
    }
    out
}

/// As code.
pub(crate) fn code(text: &str) -> String {
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// With a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let ended = text.is_empty() || text.ends_with(['.', ':', '!', '?']);
    if ended { text.to_owned() } else { format!("{text}.") }
}

/// The first sentence of a text, in one line.
pub(crate) fn first_sentence(text: &str) -> String {
    let words: Vec<&str> = text.split("\n\n").next().unwrap_or_default().split_whitespace().collect();
    let text = words.join(" ");
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => sentence(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_line_without_borders() {
        let text = table(&["key", "meaning"], &[vec!["a|b".into(), "one\n  two".into()]]);
        assert_eq!(text, "| key | meaning |\n|---|---|\n| a\\|b | one two |\n");
        assert_eq!(table(&["key"], &[]), "");
    }

    #[test]
    fn angle_brackets_are_no_html() {
        assert_eq!(prose("in a/<b>/, `a/<b>/`, `x\n<y>` <z>"), "in a/&lt;b>/, `a/<b>/`, `x\n<y>` &lt;z>");
        assert_eq!(prose("    a/<b>\n```\n<c>\n```\n<d>"), "    a/<b>\n```\n<c>\n```\n&lt;d>");
    }

    #[test]
    fn the_first_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("What a\nrelease carries. More.\n\nYet more."), "What a release carries.");
        assert_eq!(first_sentence("Waits: 1.5 s"), "Waits: 1.5 s.");
    }
}
