//! What browsers fetch once and keep: the script, the style, the icons. They are made when the program is built
//! (build.rs), each under a name that changes with its content, so that a browser never asks twice and never has an old
//! one.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, Result};

/// One file.
pub(crate) struct Asset {
    /// What it is called in the code.
    pub name: &'static str,
    /// Where it is served.
    pub path: &'static str,
    /// Its type.
    pub kind: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The route of all of them.
pub(crate) const ROUTE: &str = "/assets/{name}";
/// For as long as browsers keep anything: the content of a name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where the file of that name is served.
pub(crate) fn path(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/missing", |asset| asset.path)
}

/// Bytes of what every page fetches, as a browser of today takes them.
pub fn compressed_bytes() -> usize {
    ASSETS.iter().filter(|asset| asset.name != "favicon.svg").map(|asset| asset.brotli.len()).sum()
}

/// Serves one.
pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response> {
    let found = ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(name.as_str()));
    let asset = found.ok_or_else(|| {
        Problem::not_found("There is no such file. After an upgrade its name is another: load the page again.")
    })?;
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |coding: &str| {
        let mut codings = accepted.split(',').map(|one| one.split(';').map(str::trim));
        codings.any(|mut one| one.next() == Some(coding) && one.all(|weight| !matches!(weight, "q=0" | "q=0.0")))
    };
    let (coding, bytes) = match (takes("br"), takes("gzip")) {
        (true, _) => (Some("br"), asset.brotli),
        (false, true) => (Some("gzip"), asset.gzip),
        (false, false) => (None, asset.plain),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_are_small() {
        assert!(compressed_bytes() < 30 * 1024, "{}", compressed_bytes());
    }

    #[test]
    fn a_name_changes_with_the_content() {
        for asset in ASSETS {
            let (stem, ending) = asset.name.split_once('.').unwrap();
            let hash = asset.path.strip_prefix(&format!("/assets/{stem}-")).unwrap();
            assert_eq!(hash.strip_suffix(&format!(".{ending}")).map(str::len), Some(10), "{}", asset.path);
        }
    }
}
