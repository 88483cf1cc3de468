//! Tables without lines: columns that line up, and fit.

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets::NOTHING,
};

use super::Output;

/// Blanks between two columns.
const GAP: u16 = 2;
/// Text cut shorter than this says nothing; other columns go first.
const LEAST_TEXT: u16 = 16;

/// How a column is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Never cut, never wrapped: ids, times, numbers that are copied.
    Whole,
    /// As [`Column::Whole`], to the right: counts.
    Count,
    /// Takes what is left.
    Text,
    /// As [`Column::Text`], and left out where there is no room for it; the last one first.
    SpareText,
    /// As [`Column::Count`], and left out where there is no room for it.
    SpareCount,
}

impl Column {
    fn is_spare(self) -> bool {
        matches!(self, Self::SpareText | Self::SpareCount)
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::SpareText)
    }
}

/// A table.
pub struct Grid {
    table: Table,
    columns: Vec<Column>,
    out: Output,
    indent: usize,
    /// Rows keep to one line.
    is_list: bool,
}

impl Grid {
    /// A list: a row is a line, and text that does not fit is cut.
    pub fn list(out: &Output, columns: &[(&str, Column)]) -> Self {
        let mut grid = Self::new(out, columns.iter().map(|(_, column)| *column).collect(), out.width());
        grid.is_list = true;
        let heading = |(name, _): &(&str, Column)| match out.has_colours() {
            true => Cell::new(name).add_attribute(Attribute::Dim),
            false => Cell::new(name.to_uppercase()),
        };
        grid.table.set_header(columns.iter().map(heading).collect::<Vec<_>>());
        grid
    }

    /// Text in columns: what does not fit is wrapped.
    pub fn text(out: &Output, columns: &[Column]) -> Self {
        Self::new(out, columns.to_vec(), Some(out.page_width()))
    }

    fn new(out: &Output, columns: Vec<Column>, width: Option<u16>) -> Self {
        let mut table = Table::new();
        table.load_style(NOTHING);
        match width {
            Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        if out.has_colours() {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        Self { table, columns, out: *out, indent: 0, is_list: false }
    }

    /// The same, moved to the right.
    #[must_use]
    pub fn indented(mut self, indent: usize) -> Self {
        self.indent = indent;
        if let Some(width) = self.table.width() {
            self.table.set_width(width.saturating_sub(indent.try_into().unwrap_or(0)));
        }
        self
    }

    /// Adds a row.
    pub fn row<T: ToString>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.add(cells.into_iter().map(|cell| Cell::new(cell.to_string())).collect());
    }

    /// Adds a row whose first cell is a light label.
    pub fn fact<T: ToString>(&mut self, label: &str, cells: impl IntoIterator<Item = T>) {
        let mut row = vec![Cell::new(label).add_attribute(Attribute::Dim)];
        row.extend(cells.into_iter().map(|cell| Cell::new(cell.to_string())));
        self.add(row);
    }

    fn add(&mut self, cells: Vec<Cell>) {
        let mut row = Row::from(cells);
        if self.is_list && self.out.width().is_some() {
            row.max_height(1);
        }
        self.table.add_row(row);
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table as text, a line each.
    pub fn render(mut self) -> String {
        let widths = self.table.column_max_content_widths();
        self.leave_out(&widths);
        let last = self.columns.len().saturating_sub(1);
        for (index, kind) in self.columns.iter().enumerate() {
            let Some(column) = self.table.column_mut(index) else { continue };
            let gap = if index == last { 0 } else { GAP };
            column.set_padding((0, gap));
            if matches!(kind, Column::Count | Column::SpareCount) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if !kind.is_text() && !column.is_hidden() {
                let content = widths.get(index).copied().unwrap_or_default();
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(content + gap)));
            }
        }
        let indent = " ".repeat(self.indent);
        let lines = self.table.trim_fmt();
        let indented = lines.lines().map(|line| format!("{indent}{line}").trim_end().to_owned() + "\n");
        indented.collect()
    }
}

impl Grid {
    /// Hides spare columns that say nothing, then others until the rest have room.
    fn leave_out(&mut self, widths: &[u16]) {
        let Some(room) = self.table.width().filter(|_| self.is_list && self.out.width().is_some()) else { return };
        let is_blank = |index: usize| {
            let mut cells = self.table.column_cells_iter(index);
            cells.all(|cell| cell.is_none_or(|cell| cell.content().is_empty()))
        };
        let columns = 0..self.columns.len();
        let (mut hidden, mut shown): (Vec<_>, Vec<_>) =
            columns.partition(|index| self.columns[*index].is_spare() && is_blank(*index));
        let least = |index: &usize| {
            let content = widths.get(*index).copied().unwrap_or_default();
            GAP + if self.columns[*index].is_text() { content.min(LEAST_TEXT) } else { content }
        };
        let needed = |shown: &[usize]| shown.iter().map(least).sum::<u16>().saturating_sub(GAP);
        while needed(&shown) > room
            && let Some(place) = shown.iter().rposition(|index| self.columns[*index].is_spare())
        {
            hidden.push(shown.remove(place));
        }
        for index in hidden {
            if let Some(column) = self.table.column_mut(index) {
                column.set_constraint(ColumnConstraint::Hidden);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "cus_01h455vb4pex5vsknk084sn02q";

    fn sample(width: Option<u16>) -> String {
        let out = Output::of_width(width);
        let mut grid = Grid::list(&out, &[("id", Column::Whole), ("name", Column::Text), ("rows", Column::Count)]);
        grid.row([ID, "The Long Named Property Management Company of Quincy, Massachusetts", "1,234"]);
        grid.row([ID, "Ann", "7"]);
        grid.render()
    }

    #[test]
    fn ids_and_counts_stay_whole_and_text_gives_way() {
        for width in [48, 60, 80, 140] {
            let text = sample(Some(width));
            assert_eq!(text.matches(ID).count(), 2, "{width}\n{text}");
            assert!(text.contains("1,234"), "{width}\n{text}");
            assert_eq!(text.lines().count(), 3, "{width}\n{text}");
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}\n{text}");
        }
        assert!(sample(Some(60)).contains('…'));
        assert!(sample(None).contains("Quincy, Massachusetts"), "a pipe gets all of it");
        assert!(sample(None).lines().all(|line| line == line.trim_end()));
    }

    #[test]
    fn what_is_spare_goes_where_there_is_no_room() {
        let render = |width| {
            let out = Output::of_width(width);
            let columns = [
                ("name", Column::Text),
                ("e-mail", Column::SpareText),
                ("rows", Column::SpareCount),
                ("id", Column::Whole),
            ];
            let mut grid = Grid::list(&out, &columns);
            grid.row(["Ann Margaret Miller", "ann.margaret@harbor.example", "12", ID]);
            grid.render()
        };
        let heading = |width| render(width).lines().next().map(str::to_owned).unwrap_or_default();
        assert_eq!(heading(Some(100)).split_whitespace().collect::<Vec<_>>(), ["NAME", "E-MAIL", "ROWS", "ID"]);
        assert_eq!(heading(Some(68)).split_whitespace().collect::<Vec<_>>(), ["NAME", "E-MAIL", "ID"]);
        assert_eq!(heading(Some(60)).split_whitespace().collect::<Vec<_>>(), ["NAME", "ID"]);
        assert!(render(Some(60)).contains("Ann Margaret Miller"));
        assert!(render(None).contains("harbor.example"));
    }

    #[test]
    fn text_is_wrapped_under_its_own_column() {
        let mut grid = Grid::text(&Output::of_width(Some(40)), &[Column::Whole, Column::Text]).indented(2);
        grid.fact("notes", ["gate code is with the neighbour, dog is friendly"]);
        let text = grid.render();
        assert_eq!(text, "  notes  gate code is with the\n         neighbour, dog is friendly\n");
    }
}
