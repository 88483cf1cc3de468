//! CSV as RFC 4180 has it: fields with a comma, a quote or a line break are quoted, quotes doubled, rows end in CRLF.

use std::io::{self, Write};

/// A table being written, field by field.
pub struct Table<W> {
    out: W,
    row: Vec<u8>,
}

impl<W: Write> Table<W> {
    /// A table with its header.
    pub fn new(out: W, header: &[&str]) -> io::Result<Self> {
        let mut table = Self { out, row: Vec::new() };
        for name in header {
            table.field(name);
        }
        table.end_row()?;
        Ok(table)
    }

    /// Adds a field to the row.
    pub fn field(&mut self, text: &str) {
        if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            self.row.extend_from_slice(text.as_bytes());
        } else {
            self.row.push(b'"');
            for byte in text.bytes() {
                if byte == b'"' {
                    self.row.push(b'"');
                }
                self.row.push(byte);
            }
            self.row.push(b'"');
        }
        self.row.push(b',');
    }

    /// Writes the row.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.row.pop();
        self.row.extend_from_slice(b"\r\n");
        self.out.write_all(&self.row)?;
        self.row.clear();
        Ok(())
    }

    /// Writes what is still held back.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, &["a", "b,c"]).unwrap();
        table.field("say \"hi\"");
        table.field("two\nlines");
        table.end_row().unwrap();
        table.field("");
        table.field("plain; text");
        table.end_row().unwrap();
        table.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a,\"b,c\"\r\n\"say \"\"hi\"\"\",\"two\nlines\"\r\n,plain; text\r\n"
        );
    }
}
