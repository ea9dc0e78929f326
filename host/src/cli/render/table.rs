//! Tables: columns as wide as their contents, two spaces between.

use super::style::{DIM, PLAIN, paint};
use anstyle::Style;

/// A cell with its style.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, PLAIN)
    }
}

/// Rows of cells under headings, or without.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    indent: &'static str,
}

impl Table {
    pub fn new(headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| Cell::new(*heading, DIM)).collect();
        Self { rows: vec![headings], indent: "" }
    }

    /// With headings, each line indented.
    pub fn indented(indent: &'static str, headings: &[&str]) -> Self {
        Self { indent, ..Self::new(headings) }
    }

    /// Without headings, each line indented.
    pub fn bare(indent: &'static str) -> Self {
        Self { rows: Vec::new(), indent }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let widths = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count());
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            text.push_str(self.indent);
            let last = row.iter().rposition(|cell| !cell.text.is_empty()).unwrap_or(0);
            for (column, cell) in row.iter().enumerate().take(last + 1) {
                text.push_str(&paint(cell.style, &cell.text));
                if column < last {
                    text.push_str(&" ".repeat(widths[column] - cell.text.chars().count() + 2));
                }
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::style::SUCCESS;

    #[test]
    fn columns_are_as_wide_as_their_contents() {
        let mut table = Table::new(&["NAME", "STATE", "NOTE"]);
        table.row(["web-1".into(), Cell::new("✓ up", SUCCESS), "".into()]);
        table.row(["a-long-name".into(), "?".into(), "odd".into()]);
        let text = anstream::adapter::strip_str(&table.render()).to_string();
        assert_eq!(text, "NAME         STATE  NOTE\nweb-1        ✓ up\na-long-name  ?      odd\n");
    }
}
