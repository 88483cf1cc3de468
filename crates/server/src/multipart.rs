//! Forms with files (`multipart/form-data`, RFC 7578), read piece by piece: what comes in is never held whole.

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode, header};
use doorstep_engine::import::Upload;
use futures_util::StreamExt;

use crate::App;
use crate::problem::{Problem, Result};

/// Pieces of a file are gathered to this size: fewer and larger writes.
const PIECE_BYTES: usize = 1024 * 1024;
/// Longest line that separates parts (RFC 2046, 5.1.1).
const MAX_BOUNDARY_BYTES: usize = 70;
/// Longest head of a part.
const MAX_HEAD_BYTES: usize = 8 * 1024;
/// Longest text of a field that is no file.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Parts of one form: there are a handful of fields.
const MAX_PARTS: usize = 20;

/// A form that is coming in.
pub(crate) struct Multipart {
    pieces: BodyDataStream,
    pause: std::time::Duration,
    /// What came and was not given on yet.
    held: Vec<u8>,
    /// The line break, the two dashes and the boundary.
    delimiter: Vec<u8>,
    parts: usize,
    is_over: bool,
}

/// The head of a part.
pub(crate) struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name as the sender gave it, where it is a file.
    pub file_name: Option<String>,
}

impl Multipart {
    /// A form, by what its request's head says.
    ///
    /// # Errors
    /// It is none.
    pub fn new(app: &App, headers: &HeaderMap, body: Body) -> Result<Self> {
        let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = boundary(said).ok_or_else(|| {
            let detail = "Send a form with a file: `Content-Type: multipart/form-data` with its boundary.";
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", "The body is of another type", detail)
        })?;
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        // As if there were a line before the first one: then all delimiters look alike.
        let held = b"\r\n".to_vec();
        let pause = app.settings.limits.body_pause;
        Ok(Self { pieces: body.into_data_stream(), pause, held, delimiter, parts: 0, is_over: false })
    }

    /// More of the body; `false` at its end.
    async fn more(&mut self) -> Result<bool> {
        let next = tokio::time::timeout(self.pause, self.pieces.next()).await;
        match next.map_err(|_| Problem::too_slow())? {
            None => Ok(false),
            Some(piece) => {
                self.held.extend_from_slice(&piece.map_err(|_| cut_off())?);
                Ok(true)
            }
        }
    }

    /// The next part, whose predecessor was read to its end; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Part>> {
        if self.parts == 0 {
            // What stands before the first part is for nobody.
            while self.piece().await?.is_some() {}
        }
        if self.is_over {
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(Problem::bad_request(format!("The form has more than {MAX_PARTS} fields.")));
        }
        let end = loop {
            if let Some(end) = find(&self.held, b"\r\n\r\n") {
                break end;
            }
            if self.held.len() > MAX_HEAD_BYTES {
                return Err(Problem::bad_request("A field of the form has a head without an end."));
            }
            if !self.more().await? {
                return Err(cut_off());
            }
        };
        let head = String::from_utf8_lossy(&self.held[..end]).into_owned();
        self.held.drain(..end + 4);
        // An empty field's delimiter begins where its head ends.
        let part = part(&head).ok_or_else(|| Problem::bad_request("A field of the form has no name."))?;
        Ok(Some(part))
    }

    /// The next piece of the part; `None` at its end.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = find(&self.held, &self.delimiter) {
                if end > 0 {
                    return Ok(Some(self.held.drain(..end).collect()));
                }
                self.pass_delimiter().await?;
                return Ok(None);
            }
            // The end of what is held may be the beginning of a delimiter.
            let safe = self.held.len().saturating_sub(self.delimiter.len());
            if safe > 0 {
                return Ok(Some(self.held.drain(..safe).collect()));
            }
            if !self.more().await? {
                return Err(cut_off());
            }
        }
    }

    /// Takes a delimiter from the beginning of what is held, and sees whether it is the last.
    async fn pass_delimiter(&mut self) -> Result<()> {
        let length = self.delimiter.len();
        while self.held.len() < length + 2 {
            if !self.more().await? {
                return Err(cut_off());
            }
        }
        self.is_over = &self.held[length..length + 2] == b"--";
        if !self.is_over && &self.held[length..length + 2] != b"\r\n" {
            return Err(Problem::bad_request("The form cannot be read: a boundary is followed by something."));
        }
        // The line break stays where the head may be empty; nobody sends that, and it is refused for its name.
        self.held.drain(..length + 2);
        self.parts += usize::from(self.parts == 0);
        Ok(())
    }

    /// Puts the whole part, which is a file, into an upload as it comes.
    pub async fn keep(&mut self, mut upload: Upload) -> Result<Upload> {
        let mut gathered = Vec::new();
        while let Some(piece) = self.piece().await? {
            gathered.extend(piece);
            if gathered.len() >= PIECE_BYTES {
                upload.write(std::mem::take(&mut gathered)).await?;
            }
        }
        upload.write(gathered).await?;
        Ok(upload)
    }

    /// The whole text of a part that is no file.
    pub async fn text(&mut self) -> Result<String> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > MAX_TEXT_BYTES {
                return Err(Problem::too_large(MAX_TEXT_BYTES));
            }
            whole.extend(piece);
        }
        let text = String::from_utf8(whole).ok().filter(|text| !text.contains('\0'));
        text.ok_or_else(|| Problem::bad_request("A field of the form is not UTF-8, or holds a NUL character."))
    }
}

fn cut_off() -> Problem {
    Problem::bad_request("The form ended before all of it had arrived. Nothing of it was kept; send it again.")
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

fn boundary(kind: &str) -> Option<String> {
    let (kind, rest) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut pairs = rest.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?.1.trim_matches('"');
    let fits =
        !value.is_empty() && value.len() <= MAX_BOUNDARY_BYTES && value.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| value.to_owned())
}

fn part(head: &str) -> Option<Part> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let value = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?.1;
    let name = quoted(value, "name=")?;
    // Only the last of a path: what a browser or a program says of other folders is nobody's business.
    let file_name = quoted(value, "filename=")
        .map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect());
    Some(Part { name, file_name })
}

/// The value of `name="…"`, with quotes inside as browsers write them (`%22`, or with a backslash).
fn quoted(value: &str, name: &str) -> Option<String> {
    let mut from = 0;
    let at = loop {
        let found = from + value.get(from..)?.find(name)?;
        // `name=` also stands within `filename=`.
        if value[..found].ends_with([' ', ';']) {
            break found + name.len();
        }
        from = found + name.len();
    };
    let rest = value.get(at..)?;
    let Some(inner) = rest.strip_prefix('"') else {
        return Some(rest.split(';').next().unwrap_or_default().trim().to_owned());
    };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        match c {
            '"' if !escaped => return Some(text.replace("%22", "\"")),
            '\\' if !escaped => escaped = true,
            c => {
                text.push(c);
                escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;

    fn form(body: &[u8], step: usize) -> Multipart {
        let pieces: Vec<std::io::Result<Bytes>> = body.chunks(step).map(|piece| Ok(piece.to_vec().into())).collect();
        Multipart {
            pieces: Body::from_stream(stream::iter(pieces)).into_data_stream(),
            pause: std::time::Duration::from_secs(5),
            held: b"\r\n".to_vec(),
            delimiter: b"\r\n--xx".to_vec(),
            parts: 0,
            is_over: false,
        }
    }

    const FORM: &str = "--xx\r\nContent-Disposition: form-data; name=\"notes\"\r\n\r\nHi\r\n--x\r\n\r\n--xx\r\n\
                        content-disposition: form-data; name=\"file\"; filename=\"C:\\\\a b.zip\"\r\n\
                        Content-Type: application/zip\r\n\r\n\r\n--xx--\r\n";

    #[tokio::test]
    async fn parts_are_read_whatever_the_pieces() {
        for step in [1, 2, 3, 7, 1_000] {
            let mut form = form(FORM.as_bytes(), step);
            let notes = form.next().await.unwrap().unwrap();
            assert_eq!((notes.name.as_str(), notes.file_name), ("notes", None));
            assert_eq!(form.text().await.unwrap(), "Hi\r\n--x\r\n", "{step}");
            let file = form.next().await.unwrap().unwrap();
            assert_eq!((file.name.as_str(), file.file_name.as_deref()), ("file", Some("a b.zip")));
            assert_eq!(form.text().await.unwrap(), "", "{step}");
            assert!(form.next().await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_anywhere_is_refused() {
        for end in 0..FORM.len() - 4 {
            let mut form = form(&FORM.as_bytes()[..end], 5);
            let read = async {
                while form.next().await?.is_some() {
                    form.text().await?;
                }
                Ok::<_, Problem>(())
            };
            assert!(read.await.is_err(), "{end}");
        }
    }

    #[test]
    fn a_boundary_is_what_the_head_says() {
        let check = |kind: &str, expected: Option<&str>| assert_eq!(boundary(kind).as_deref(), expected, "{kind}");
        check("multipart/form-data; boundary=----a1", Some("----a1"));
        check("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", None);
        check("multipart/form-data; boundary=\"ab\"", Some("ab"));
        check("multipart/form-data", None);
        check("multipart/mixed; boundary=a", None);
        check(&format!("multipart/form-data; boundary={}", "a".repeat(71)), None);
    }
}
