//! The page of figures: each measurement's stand between two marks, everything else is a person's.

/// What a page begins with when there is none.
const NEW: &str =
    "# Performance\n\nWritten by `cargo xtask bench --write`; ratios are within one run on one machine.\n";

/// The page with the figures of one measurement replaced, or added at the end.
pub fn with_figures(page: &str, name: &str, machine: &str, figures: &str) -> String {
    let (start, end) = (format!("<!-- figures of {name} -->"), format!("<!-- end of {name} -->"));
    let block = format!("{start}\n{}\n\nMeasured on {machine}.\n{end}", figures.trim_end());
    if let Some((before, rest)) = page.split_once(&start)
        && let Some((_, after)) = rest.split_once(&end)
    {
        return format!("{before}{block}{after}");
    }
    let page = if page.trim().is_empty() { NEW } else { page };
    format!("{}\n\n## {name}\n\n{block}\n", page.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_added_and_replaced_between_their_marks() {
        let first = with_figures("", "a", "m", "| 1 |\n");
        assert!(first.starts_with("# Performance\n"), "{first}");
        let second = with_figures(&first, "b", "m", "| 2 |\n");
        let edited = second.replace("## a\n", "## a\n\nA remark.\n");
        let third = with_figures(&edited, "a", "n", "| 3 |\n");
        let expected =
            edited.replace("| 1 |\n\nMeasured on m.\n<!-- end of a -->", "| 3 |\n\nMeasured on n.\n<!-- end of a -->");
        assert_eq!(third, expected);
        assert!(third.contains("A remark.") && third.contains("| 2 |") && !third.contains("| 1 |"));
    }
}
