//! The cells of a line of CSV. None of our files has a line break in a cell.

/// The cells of a line.
pub fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_are_whole() {
        assert_eq!(cells("a,\"b, \"\"c\"\"\",\r"), ["a", "b, \"c\"", ""]);
        assert_eq!(cells(""), [""]);
    }
}
