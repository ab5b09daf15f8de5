//! The HTML file: page, style, script and data in one, and nothing from elsewhere.
//!
//! A content security policy allows the one script and the one style by their hashes, and no request at all. Data are
//! base64, in which nothing of a dump can end an element.
use std::io::Write;

use base64::engine::general_purpose::STANDARD;
use base64::{Engine, write::EncoderWriter};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::assets::{BODY, SCRIPTS, STYLES};
use super::binary::Form;
use super::html::{escaped, plain};
use super::model::Model;

/// The page of a model.
pub fn page(model: &Model) -> Vec<u8> {
    written(model, None)
}

/// The page of two models, which are compared.
pub fn pair(model: &Model, other: &Model) -> Vec<u8> {
    written(model, Some(other))
}

fn written(model: &Model, other: Option<&Model>) -> Vec<u8> {
    let (script, style) = (script(), style());
    let mut out = Vec::new();
    let head = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{} – rtcstats</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <noscript>{}</noscript>\n{BODY}<script type=\"application/octet-stream\" id=\"data\">",
        policy(),
        escaped(&model.head.source.name),
        plain(&model.head),
    );
    out.extend_from_slice(head.as_bytes());
    write_data(model, &mut out);
    if let Some(other) = other {
        out.extend_from_slice(b"</script>\n<script type=\"application/octet-stream\" id=\"data2\">");
        write_data(other, &mut out);
    }
    out.extend_from_slice(b"</script>\n<script>");
    out.extend_from_slice(script.as_bytes());
    out.extend_from_slice(b"</script>\n</body>\n</html>\n");
    out
}

/// Without indentation, and without lines that are empty or only a comment. No text of the assets goes over several
/// lines, so nothing else changes (a test holds them to that).
fn lean(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let kept = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.flat_map(|line| [line, "\n"]).collect()
}

fn script() -> String {
    format!("(() => {{\n'use strict';\n{}}})();\n", lean(&SCRIPTS.concat()))
}

fn style() -> String {
    lean(&STYLES.concat())
}

/// The content security policy of every page. A server may send it as well.
pub fn policy() -> String {
    let hash = |text: String| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(script()),
        hash(style())
    )
}

/// Appends the data block: base64 of gzip of the head's length, the head and the binary part.
fn write_data(model: &Model, out: &mut Vec<u8>) {
    let mut head = Vec::new();
    model.write_head(Form::Places, &mut head);
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
    let mut packed = GzEncoder::new(EncoderWriter::new(out, &STANDARD), Compression::new(PACK_LEVEL));
    let written = packed
        .write_all(&length.to_le_bytes())
        .and_then(|()| packed.write_all(&head))
        .and_then(|()| model.binary.with(|bytes| packed.write_all(bytes)))
        .and_then(|()| packed.finish()?.finish().map(drop));
    written.expect("a vector can always be written");
}

/// Pages are sent by mail and kept in tickets, and are made once.
const PACK_LEVEL: u32 = 9;
