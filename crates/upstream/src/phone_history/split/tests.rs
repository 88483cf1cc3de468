#![allow(clippy::unwrap_used)]

use super::*;

fn rows(csv: &[u8], limits: Limits) -> Vec<(u64, Result<Vec<String>, Fault>)> {
    let mut rows = Splitter::new(Decoder::start(csv).unwrap(), b',', 1, &limits);
    let mut all = vec![];
    while let Some(found) = rows.next().unwrap() {
        let cells = || rows.cells().iter().map(str::to_owned).collect();
        all.push((found.line, found.fault.map_or_else(|| Ok(cells()), Err)));
    }
    assert_eq!(rows.next().unwrap(), None, "the end stays the end");
    all
}

fn check(csv: &str, expected: &[(u64, &[&str])]) {
    let found: Vec<_> =
        rows(csv.as_bytes(), Limits::default()).into_iter().map(|(line, row)| (line, row.unwrap())).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, cells)| (*line, cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(found, expected, "{csv:?}");
}

#[test]
fn cells_and_lines() {
    check("", &[]);
    check("\n\r\n\r", &[]);
    check("a", &[(1, &["a"])]);
    check("a,b\n", &[(1, &["a", "b"])]);
    check("a,\n,b", &[(1, &["a", ""]), (2, &["", "b"])]);
    check("\"a\"\"b\",\"c,d\"\r\ne", &[(1, &["a\"b", "c,d"]), (2, &["e"])]);
    check("\"a\nb\r\nc\rd\"\ne", &[(1, &["a\nb\r\nc\rd"]), (5, &["e"])]);
    check("a\r\r\n\n\nb", &[(1, &["a"]), (5, &["b"])]);
    check("\n\n a \n\"\"", &[(3, &[" a "]), (4, &[""])]);
    check("5\" pipe,x", &[(1, &["5\" pipe", "x"])]);
    check("\"Hi\" he said,x", &[(1, &["Hi he said", "x"])]);
    check("a,\"b\"", &[(1, &["a", "b"])]);
}

#[test]
fn an_open_quote_is_told_from_a_closed_one_at_the_end() {
    for (csv, line) in [("\"", 1), ("a,\"b", 1), ("a,\"b\n", 2), ("a,\"b\"\"", 1), ("x\ny\n\"a\n\n\n", 6)] {
        let all = rows(csv.as_bytes(), Limits::default());
        assert_eq!(all.last().unwrap().1, Err(Fault::Unclosed { last_line: line }), "{csv:?}");
    }
}

#[test]
fn limits_hold_to_the_byte_and_the_next_row_is_read() {
    let limits = Limits { max_row_bytes: 10, max_columns: 3, max_field_bytes: 8, ..Limits::default() };
    let good = |cells: &[&str]| Ok(cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    for (row, expected) in [
        ("12345678,90", good(&["12345678", "90"])),
        ("12345678,901", Err(Fault::RowTooLong)),
        ("123456789", Err(Fault::FieldTooLong(0))),
        ("1,123456789", Err(Fault::FieldTooLong(1))),
        ("1,2,3", good(&["1", "2", "3"])),
        ("1,2,3,4", Err(Fault::TooManyColumns)),
        ("1,2,3,", Err(Fault::TooManyColumns)),
        (",,,,,,,,,,,,,", Err(Fault::TooManyColumns)),
        ("\"1234\n67890123\n\n\",x", Err(Fault::RowTooLong)),
    ] {
        let lines = row.matches('\n').count() as u64;
        for end in ["", "\n", "\r\n"] {
            let alone = rows(format!("{row}{end}").as_bytes(), limits);
            assert_eq!(alone, [(1, expected.clone())], "{row:?} {end:?}");
        }
        let followed = rows(format!("{row}\nnext").as_bytes(), limits);
        assert_eq!(followed, [(1, expected), (lines + 2, good(&["next"]))], "{row:?}");
    }
}

#[test]
fn buffers_grow_and_rows_span_blocks() {
    let long = "x".repeat(300_000);
    let many = vec!["y"; 400];
    let csv = format!("{long},1\n{}\n\"{long}\n{long}\",2", many.join(","));
    let all = rows(csv.as_bytes(), Limits::default());
    assert_eq!(all[0], (1, Ok(vec![long.clone(), "1".to_owned()])));
    assert_eq!(all[1], (2, Ok(many.iter().map(|cell| (*cell).to_owned()).collect())));
    assert_eq!(all[2], (3, Ok(vec![format!("{long}\n{long}"), "2".to_owned()])));
}

#[test]
fn memory_stays_at_the_limits() {
    let limits = Limits { max_row_bytes: 1 << 20, ..Limits::default() };
    let csv = "x,".repeat(4 << 20);
    let mut rows = Splitter::new(Decoder::start(csv.as_bytes()).unwrap(), b',', 1, &limits);
    assert_eq!(rows.next().unwrap().unwrap().fault, Some(Fault::TooManyColumns));
    assert!(rows.row.len() <= limits.max_row_bytes + 1 && rows.ends.len() <= limits.max_columns);
}

#[test]
fn nul_is_taken_out_of_the_cells_it_is_in() {
    let mut rows =
        Splitter::new(Decoder::start(b"\0a,b\0\0c,,\0,d\n".as_slice()).unwrap(), b',', 1, &Limits::default());
    assert!(rows.next().unwrap().unwrap().had_nul);
    assert_eq!(rows.cells().iter().collect::<Vec<_>>(), ["a", "bc", "", "", "d"]);
    assert_eq!(rows.cells().get(9), "");
}
