//! Text from elsewhere made safe and fitting for a terminal.

/// One line without escape sequences and control characters: a log cannot move the cursor of who reads it.
pub fn clean(line: &str) -> String {
    // What a progress bar overwrote is not what it said.
    let shown = line.trim_end().rsplit('\r').next().unwrap_or_default();
    anstream::adapter::strip_str(shown)
        .to_string()
        .chars()
        .map(|letter| if letter == '\t' { ' ' } else { letter })
        .filter(|letter| !letter.is_control())
        .collect()
}

/// Several lines, cleaned; those after the first are indented.
pub fn clean_block(block: &str, indent: &str) -> String {
    block.trim_end().lines().map(clean).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// The first line, for places that have room for one.
pub fn first_line(block: &str) -> String {
    clean(block.trim_start().lines().next().unwrap_or_default())
}

/// At most `width` characters, the last an ellipsis where some are missing.
pub fn truncate(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        short.push('…');
    }
    short
}

/// A size for people, in powers of 1024.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// `1 change`, `2 changes`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_cannot_drive_the_terminal() {
        assert_eq!(clean("\x1b[31mred\x1b[0m\x1b]0;title\x07 \x08\tend\r\n"), "red  end");
        assert_eq!(clean("10%\r50%\r100%"), "100%");
    }

    #[test]
    fn the_lines_after_the_first_are_indented() {
        assert_eq!(
            clean_block("12/12: GET :3000/health → 503\napp: KeyError\n", "  "),
            "12/12: GET :3000/health → 503\n  app: KeyError"
        );
        assert_eq!(first_line("\n one\ntwo"), "one");
    }

    #[test]
    fn long_lines_end_in_an_ellipsis() {
        assert_eq!(truncate("healthy", 7), "healthy");
        assert_eq!(truncate("healthy", 5), "heal…");
        assert_eq!(truncate("healthy", 0), "");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            [0, 1023, 1024, 1_572_864, 1_048_575].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "1.0 MiB"]
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_cleaned_controls(line in ".*") {
            prop_assert!(!clean(&line).chars().any(char::is_control));
        }
    }
}
