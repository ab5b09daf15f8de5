//! The HTML file: page, style, script and data in one, and nothing from elsewhere.
//!
//! A content security policy allows the scripts and the style by their hashes, and no request at all. All of the script
//! but its loader is gzip in base64, like the data, in which nothing of a dump can end an element.
use std::io::{self, Write};
use std::sync::LazyLock;

use base64::engine::general_purpose::STANDARD;
use base64::{Engine, write::EncoderWriter};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::assets::{BODY, LOADER, SCRIPTS, STYLES};
use super::binary::Form;
use super::html::{escaped, plain};
use super::model::Model;

/// The page of a model.
pub fn page(model: &Model) -> Vec<u8> {
    written(model, None, &Home::File)
}

/// The page of a model for a site of which it may ask more: `series` is the path that has its values by part. `lead` is
/// markup of the site, such as the way back to its catalogue.
pub fn served(lead: &str, model: &Model, series: &str) -> Vec<u8> {
    let series = Some(series);
    written(model, None, &Home::Site { lead, series })
}

/// The page of two models for a site.
pub fn served_pair(lead: &str, model: &Model, other: &Model) -> Vec<u8> {
    written(model, Some(other), &Home::Site { lead, series: None })
}

/// The page of two models, which are compared.
pub fn pair(model: &Model, other: &Model) -> Vec<u8> {
    written(model, Some(other), &Home::File)
}

/// Where a page is read.
enum Home<'a> {
    /// Anywhere; it asks for nothing.
    File,
    /// On a site, which may have more, at this path.
    Site { lead: &'a str, series: Option<&'a str> },
}

fn written(model: &Model, other: Option<&Model>, home: &Home<'_>) -> Vec<u8> {
    let Fixed {
        style,
        loader,
        script,
        policy,
    } = &*FIXED;
    let mut out = Vec::new();
    let (policy, lead, series) = match home {
        Home::File => (policy.clone(), "", None),
        Home::Site { lead, series } => (served_policy(), *lead, *series),
    };
    let series = series.map_or_else(String::new, |path| format!(" data-series=\"{}\"", escaped(path)));
    let head = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{} – rtcstats</title>\n<style>{style}</style>\n</head>\n<body>\n{lead}\
         <noscript>{}</noscript>\n{BODY}",
        escaped(&model.head.source.name),
        plain(&model.head),
    );
    out.extend_from_slice(head.as_bytes());
    let element = |id: &str, out: &mut Vec<u8>, content: &dyn Fn(&mut Vec<u8>)| {
        let more = if id == "data" { &*series } else { "" };
        out.extend_from_slice(format!("<script type=\"application/octet-stream\" id=\"{id}\"{more}>").as_bytes());
        content(out);
        out.extend_from_slice(b"</script>\n");
    };
    element("data", &mut out, &|out| write_data(model, out));
    if let Some(other) = other {
        element("data2", &mut out, &|out| write_data(other, out));
    }
    element("script", &mut out, &|out| out.extend_from_slice(script.as_bytes()));
    out.extend_from_slice(format!("<script>{loader}</script>\n</body>\n</html>\n").as_bytes());
    out
}

/// What is the same in all pages.
struct Fixed {
    style: String,
    loader: String,
    /// Packed.
    script: String,
    policy: String,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let script = format!("(() => {{\n'use strict';\n{}}})();\n", lean(&SCRIPTS.concat()));
    let (style, loader) = (lean(&STYLES.concat()), lean(LOADER));
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(&loader),
        hash(&script),
        hash(&style)
    );
    let mut packed = Vec::new();
    write_packed(&mut packed, |out| out.write_all(script.as_bytes()));
    Fixed {
        style,
        loader,
        script: String::from_utf8(packed).expect("base64 is text"),
        policy,
    }
});

/// Without indentation, and without lines that are empty or only a comment. No text of the assets goes over several
/// lines, so nothing else changes (a test holds them to that).
fn lean(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let kept = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// The content security policy of a page on a site, which may send it as well. It may ask this site.
pub fn served_policy() -> String {
    format!("{}; connect-src 'self'", FIXED.policy)
}

/// Appends the data block: base64 of gzip of the head's length, the head and the binary part.
fn write_data(model: &Model, out: &mut Vec<u8>) {
    // The head of a large dump takes some MB, so that it is written twice rather than kept.
    let mut length = Length(0);
    model.write_head(Form::Places, &mut length);
    let length = u32::try_from(length.0).unwrap_or(u32::MAX);
    write_packed(out, |packed| {
        packed.write_all(&length.to_le_bytes())?;
        model.write_head(Form::Places, &mut *packed);
        model.binary.with(|bytes| packed.write_all(bytes))
    });
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends base64 of gzip of what is written.
fn write_packed(out: &mut Vec<u8>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut packed = GzEncoder::new(EncoderWriter::new(out, &STANDARD), Compression::new(PACK_LEVEL));
    let written = write(&mut packed).and_then(|()| packed.finish()?.finish().map(drop));
    written.expect("a vector can always be written");
}

/// Level 9 takes twice as long for one part in a hundred.
const PACK_LEVEL: u32 = 6;
