//! Makes what browsers fetch, once: one script out of three, each file in plain, gzip and brotli, under a name that
//! changes with its content. Done here and not when the program starts, which must be ready in a blink.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where they are.
const FOLDER: &str = "assets";

/// What is served: its name, its type, and the files that it is put together from. In one script, in this order: with
/// several, htmx's start runs before its extension is there, and the live stream never opens.
const ASSETS: &[(&str, &str, &[&str])] = &[
    ("app.js", "text/javascript; charset=utf-8", &["vendor/htmx.min.js", "vendor/hx-sse.min.js", "app.js"]),
    ("app.css", "text/css; charset=utf-8", &["tokens.css", "base.css", "parts.css", "pages.css"]),
    ("icons.svg", "image/svg+xml", &["icons.svg"]),
    ("favicon.svg", "image/svg+xml", &["favicon.svg"]),
];

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed={FOLDER}");
    #[allow(clippy::disallowed_methods, reason = "this is how cargo says where the output goes")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut table = String::from("pub(crate) const ASSETS: &[Asset] = &[\n");
    for (name, kind, parts) in ASSETS {
        let plain = put_together(parts)?;
        let (stem, ending) = name.split_once('.').ok_or("a name without an ending")?;
        let hash: String = Sha256::digest(&plain)[..5].iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(out.join(name), &plain)?;
        std::fs::write(out.join(format!("{name}.br")), as_brotli(&plain)?)?;
        std::fs::write(out.join(format!("{name}.gz")), as_gzip(&plain)?)?;
        let bytes = |suffix: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}{suffix}\"))");
        writeln!(
            table,
            "Asset {{ name: {name:?}, path: \"/assets/{stem}-{hash}.{ending}\", kind: {kind:?}, plain: {}, brotli: {}, \
             gzip: {} }},",
            bytes(""),
            bytes(".br"),
            bytes(".gz")
        )?;
    }
    table.push_str("];\n");
    std::fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

fn put_together(parts: &[&str]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    for part in parts {
        let text = std::fs::read(Path::new(FOLDER).join(part)).map_err(|error| format!("{part}: {error}"))?;
        whole.extend(text);
        // A file that ends without a semicolon must not swallow the beginning of the next.
        whole.extend(if part.ends_with(".js") { &b"\n;\n"[..] } else { &b"\n"[..] });
    }
    Ok(whole)
}

fn as_brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 18, ..Default::default() };
    brotli::BrotliCompress(&mut &plain[..], &mut out, &settings)?;
    Ok(out)
}

fn as_gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}
