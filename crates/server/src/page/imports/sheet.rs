//! The problems of an import as a file for a spreadsheet, in which nothing is a formula.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorstep_core::tenant::Permission;

use super::import_id;
use crate::App;
use crate::auth::Principal;
use crate::problem::Result;

/// Problems read at once.
const PAGE: i64 = 1_000;
/// Problems in the file: as many as an import keeps, so that the file is whole.
const MAX: u64 = 100_000;

pub(super) async fn problems(State(app): State<App>, principal: Principal, Path(id): Path<String>) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    app.engine.import(&principal.scope, id).await?;
    let mut text = String::from("file,line,problem\r\n");
    let mut position = 0;
    while position < MAX {
        let read = app.engine.import_problems(&principal.scope, id, position, PAGE).await?;
        let is_last = (read.len() as i64) < PAGE;
        position += read.len() as u64;
        for problem in read {
            text.push_str(&format!("{},{},{}\r\n", cell(&problem.file), problem.line, cell(&problem.reason)));
        }
        if is_last {
            break;
        }
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"problems.csv\""));
    Ok(response)
}

/// A cell that spreadsheets show and do not run: quoted, and led by an apostrophe where it looks like a formula.
fn cell(text: &str) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r', '\n']);
    let lead = if is_formula { "'" } else { "" };
    format!("\"{lead}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_spreadsheet_is_run() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected, "{text:?}");
        check("plain", "\"plain\"");
        check("a \"b\", c", "\"a \"\"b\"\", c\"");
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"] {
            check(text, &format!("\"'{text}\""));
        }
        check("two\nlines", "\"two\nlines\"");
    }
}
