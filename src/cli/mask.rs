//! `dump mask`: does to a file or a stream what the server does to a dump before it stores it.
//!
//! It masks everything whatever the configuration says, because a person who calls it by hand wants that. What the
//! spool keeps beside the lines (the ticket, the seal) is taken out. Every other byte is copied. The memory is one
//! line. Failures: the input cannot be read or is not a dump; what was written until then is masked, too.
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, Read, Write};
use std::path::PathBuf;

use flate2::bufread::MultiGzDecoder;

use super::failure::Failure;
use crate::dump::header::{SIGNATURE, read_close, write_close};
use crate::dump::reader::{Content, HeadError, LineEnd, Reader};
use crate::dump::{MaskRules, Masker};

/// Reads a dump, plain or gzip-compressed, and writes it masked and plain to standard output.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The dump; - is standard input
    file: PathBuf,
}

/// What every gzip stream begins with (RFC 1952 §2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why the input was not masked to its end.
#[derive(Debug, thiserror::Error)]
enum MaskError {
    #[error("{0}")]
    NoDump(&'static str),
    #[error("{0}")]
    Input(io::Error),
    #[error("{0}")]
    Output(io::Error),
}

impl From<HeadError> for MaskError {
    fn from(error: HeadError) -> MaskError {
        MaskError::NoDump(match error {
            HeadError::Io(error) => return MaskError::Input(error),
            HeadError::Signature | HeadError::TornSignature => "is no dump: its first line is not RTCStatsDump",
            HeadError::Metadata(_) | HeadError::TornMetadata => "is no dump: its second line is no metadata object",
        })
    }
}

/// Masks the file to standard output.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let named = arguments.file.as_os_str() != "-";
    let name = if named {
        arguments.file.display().to_string()
    } else {
        "standard input".to_string()
    };
    let input: Box<dyn Read> = if named {
        Box::new(File::open(&arguments.file).map_err(|error| Failure::runtime(&name, error))?)
    } else {
        Box::new(io::stdin().lock())
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let masked = plain(input)
        .map_err(MaskError::Input)
        .and_then(|input| mask(input, &mut output));
    let flushed = output.flush().map_err(|error| Failure::output(&error));
    match masked {
        Ok(()) => flushed,
        Err(MaskError::Output(error)) => Err(Failure::output(&error)),
        Err(error) => Err(Failure::runtime(name, error)),
    }
}

/// The input without its compression. A pipe may give its first bytes one by one, so the first two are read separately.
fn plain<'a>(mut input: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut start = Vec::new();
    input.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut start)?;
    let compressed = start == GZIP_MAGIC;
    let input = BufReader::new(Cursor::new(start).chain(input));
    Ok(if compressed {
        Box::new(BufReader::new(MultiGzDecoder::new(input)))
    } else {
        Box::new(input)
    })
}

fn mask(input: impl BufRead, output: &mut impl Write) -> Result<(), MaskError> {
    let mut masker = Masker::new(MaskRules::default(), None);
    let mut reader = Reader::new(input);
    let head = reader.head()?;
    let mut metadata = head.metadata;
    masker.metadata(&mut metadata);
    output.write_all(SIGNATURE).map_err(MaskError::Output)?;
    let mut masked = serde_json::to_vec(&metadata).map_err(|error| MaskError::Input(error.into()))?;
    if head.end == LineEnd::Feed {
        masked.push(b'\n');
    }
    output.write_all(&masked).map_err(MaskError::Output)?;
    while let Some(line) = reader.line().map_err(MaskError::Input)? {
        masked.clear();
        mask_line(&line.content, &mut masker, &mut masked);
        output.write_all(&masked).map_err(MaskError::Output)?;
    }
    Ok(())
}

/// Writes a line with the line end that it has: in dumps of other servers the closing line has none.
fn mask_line(content: &Content, masker: &mut Masker, masked: &mut Vec<u8>) {
    match content {
        Content::Close(close) => write_close(&close.stored(), masked),
        Content::Event(line) | Content::Hole(line) => masker.line(line, masked),
        Content::Torn(line) => {
            match read_close(line) {
                Some(close) => write_close(&close.stored(), masked),
                None => masker.line(line, masked),
            }
            return;
        }
    }
    masked.push(b'\n');
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1,\"fileFormat\":3}\n";

    fn masked(input: &[u8]) -> Result<String, String> {
        let mut output = Vec::new();
        let input = plain(input).unwrap();
        mask(input, &mut output)
            .map(|()| String::from_utf8(output).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_dump_is_taken_plain_or_compressed_in_any_number_of_members() {
        let dump = format!("{HEAD}[1,null,2,3]\n[\"close\",null,1000,5]");
        assert_eq!(masked(dump.as_bytes()).unwrap(), dump);
        let (head, rest) = dump.as_bytes().split_at(30);
        let compress = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(masked(&compress(dump.as_bytes())).unwrap(), dump);
        assert_eq!(masked(&[compress(head), compress(rest)].concat()).unwrap(), dump);
        let torn = &compress(dump.as_bytes())[..40];
        assert!(masked(torn).is_err(), "a torn file is no success");
    }

    #[test]
    fn what_the_spool_adds_is_taken_out() {
        let spooled = "RTCStatsDump\n{\"url\":\"/\",\"rtcstatsServer\":{\"user\":\"alice\"}}\n[1,null,2,3]\n[\"close\",null,1000,{\"end\":9,\"recovered\":false},5]\n";
        let expected = "RTCStatsDump\n{\"url\":\"/\"}\n[1,null,2,3]\n[\"close\",null,1000,5]\n";
        assert_eq!(masked(spooled.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_no_dump_is_refused_without_being_quoted() {
        for input in [
            "",
            "x",
            "secret\n{}\n",
            "RTCStatsDump",
            "RTCStatsDump\n",
            "RTCStatsDump\nsecret\n",
            "RTCStatsDump\n[\"secret\"]\n",
        ] {
            let told = masked(input.as_bytes()).unwrap_err();
            assert!(
                told.starts_with("is no dump") && !told.contains("secret"),
                "{input:?}: {told}"
            );
        }
    }
}
