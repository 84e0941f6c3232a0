//! Aligned columns, and text of others made safe for a terminal.

/// Blanks between two columns.
const GAP: &str = "  ";

/// Rows of cells whose columns begin under each other. Cells are cleaned, so a name cannot move the cursor.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        self.rows.push(cells.into_iter().map(|it| clean(it.as_ref())).collect());
    }

    /// The rows as lines. Width is counted in characters: names rarely hold double-width ones, and then only the look
    /// suffers.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|it| it.get(column)).map(|it| it.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |cells: &Vec<String>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(it, width)| format!("{it:width$}")).collect();
            format!("{}\n", padded.join(GAP).trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// One line of text that came from others, for a terminal: control characters and those that turn the direction of
/// writing become visible marks, line ends become blanks.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|it| match it {
            '\n' | '\t' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
            it if it.is_control() => char::REPLACEMENT_CHARACTER,
            it => it,
        })
        .collect()
}
