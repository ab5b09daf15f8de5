//! What is extracted from the masked lines of one dump, features and findings in one pass: what packing makes of them
//! while it writes them, and what is made of a stored dump later, byte for byte the same.
//!
//! A fault in the code of features or of findings ends here. The dump goes on without them, and the other of the two is
//! extracted nevertheless; `Missing` says so. What that code has left behind by then is never used again. Nothing is
//! known here of files.
use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::dump::decode::{Decoder, Event, LineError, Restore};
use crate::dump::statistics::Selection;
use crate::fault;
use crate::features::{self, Extractor, FeaturesOptions};
use crate::findings::{self, End, Examination, Findings, Settings};

/// What is to be extracted.
#[derive(Clone, Debug)]
pub enum ToExtract {
    Features,
    Findings(Settings),
    Both(Settings),
}

impl ToExtract {
    /// What the options say; nothing if both are off. Without settings, dumps are not examined.
    pub fn of(features: FeaturesOptions, findings: Option<&Settings>) -> Option<ToExtract> {
        match (features.enabled, findings.cloned()) {
            (true, Some(settings)) => Some(ToExtract::Both(settings)),
            (true, None) => Some(ToExtract::Features),
            (false, Some(settings)) => Some(ToExtract::Findings(settings)),
            (false, None) => None,
        }
    }
}

impl Default for ToExtract {
    fn default() -> ToExtract {
        ToExtract::Both(Settings::default())
    }
}

/// What was extracted. What was not wanted is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// The content of ID.features.json. It has the findings too, if there are any and nothing has failed.
    pub features: Option<Result<Vec<u8>, Missing>>,
    /// What a row has of the findings: a JSON object of the rules that fired, each with its highest severity.
    pub findings: Option<Result<String, Missing>>,
}

/// Why a dump has no features or no findings. The text is part of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("the program failed at them")]
    Failed,
}

/// Takes the lines of one dump.
pub struct Extraction {
    decoder: Result<Box<Decoder>, Missing>,
    features: Option<Part<Extractor>>,
    findings: Option<Part<Examination>>,
}

/// One of the two, until its code fails.
type Part<T> = Result<Box<T>, Missing>;

/// What features and findings ask of reports, in one decoder.
static ASKED: Selection = features::ASKED.with(findings::ASKED);

type Decode = for<'a> fn(&'a mut Decoder, &'a [u8]) -> Result<Option<Event<'a>>, LineError>;

impl Extraction {
    pub fn new(what: &ToExtract) -> Extraction {
        let extractor = || contained(FEATURES, || Box::new(Extractor::new()));
        let examination = |settings| contained(FINDINGS, || Box::new(Examination::new(settings)));
        let (features, findings) = match what {
            ToExtract::Features => (Some(extractor()), None),
            ToExtract::Findings(settings) => (None, Some(examination(settings))),
            ToExtract::Both(settings) => (Some(extractor()), Some(examination(settings))),
        };
        let mut decoder = Box::new(match what {
            ToExtract::Features => Extractor::decoder(),
            ToExtract::Findings(_) | ToExtract::Both(_) => Decoder::selective(&ASKED),
        });
        if findings.is_some() {
            // They tell what the page has changed between creating and setting a description.
            decoder.restore(Restore::Fully);
        }
        Extraction {
            decoder: Ok(decoder),
            features,
            findings,
        }
    }

    /// Takes the next line behind the head of the dump, as the masking has just made it and without its line feed. So
    /// it is JSON, which is not checked again. The closing line is one.
    pub fn masked(&mut self, line: &[u8]) {
        self.take(line, Decoder::valid_line);
    }

    /// The same for a line that may be anything.
    pub fn line(&mut self, line: &[u8]) {
        self.take(line, Decoder::line);
    }

    /// A line that is no event has neither.
    fn take(&mut self, line: &[u8], decode: Decode) {
        let Ok(decoder) = &mut self.decoder else { return };
        match contained(DECODER, || decode(decoder, line)) {
            Ok(Ok(Some(event))) => {
                give(FEATURES, &mut self.features, |features| features.event(&event));
                give(FINDINGS, &mut self.findings, |findings| findings.event(&event));
            }
            Ok(Ok(None) | Err(_)) => {}
            Err(missing) => self.decoder = Err(missing),
        }
    }

    /// There are no more lines.
    pub fn finish(self) -> Extracted {
        let decoder = self.decoder;
        // Whoever has missed a line does not know the dump.
        let decoder = decoder.as_ref().map_err(|missing| *missing);
        let told = self.findings.map(|part| {
            let examination = decoder.and(part)?;
            contained(FINDINGS, || Told::of(&examination.finish(End::Whole)))
        });
        let features = self.features.map(|part| {
            let (decoder, extractor) = (decoder?, part?);
            let mut text = contained(FEATURES, || text(*extractor, decoder))?;
            if let Some(Ok(told)) = &told {
                join(&mut text, &told.object);
            }
            Ok(text)
        });
        let findings = told.map(|told| told.map(|told| told.severities));
        Extracted { features, findings }
    }
}

/// What is extracted of a masked dump, which `input` gives from its beginning, unpacked.
///
/// # Errors
/// Those of `input`.
pub fn extracted(input: &mut dyn BufRead, what: &ToExtract) -> io::Result<Extracted> {
    let (mut extraction, mut line) = (Extraction::new(what), Vec::new());
    for number in 0_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if number >= HEAD_LINES {
            extraction.line(line.strip_suffix(b"\n").unwrap_or(&line));
        }
    }
    Ok(extraction.finish())
}

/// Signature and metadata.
const HEAD_LINES: u64 = 2;

/// The findings of a dump as they are told.
struct Told {
    object: Vec<u8>,
    severities: String,
}

impl Told {
    fn of(findings: &Findings) -> Told {
        let mut object = Vec::new();
        findings.write_json(&mut object);
        let severities = findings.severities();
        // The names of rules and severities have nothing to escape.
        let members: Vec<String> = severities
            .map(|(rule, severity)| format!("\"{rule}\":\"{}\"", severity.name()))
            .collect();
        Told {
            object,
            severities: format!("{{{}}}", members.join(",")),
        }
    }
}

fn text(extractor: Extractor, decoder: &Decoder) -> Vec<u8> {
    let mut text = Vec::new();
    extractor
        .finish(|connection| decoder.reports(connection))
        .write_json(&mut text);
    text
}

/// Puts the findings behind the features, as their last member.
fn join(features: &mut Vec<u8>, findings: &[u8]) {
    // This is the brace that closes the object, which is never empty.
    features.pop();
    features.extend_from_slice(b",\"findings\":");
    features.extend_from_slice(findings);
    features.push(b'}');
}

fn give<T>(name: &'static str, part: &mut Option<Part<T>>, work: impl FnOnce(&mut T)) {
    if let Some(Ok(own)) = part
        && let Err(missing) = contained(name, || work(own))
    {
        *part = Some(Err(missing));
    }
}

/// What a test calls the code that it lets panic.
const DECODER: &str = "decoder";
const FEATURES: &str = "features";
const FINDINGS: &str = "findings";

fn contained<T>(name: &'static str, work: impl FnOnce() -> T) -> Result<T, Missing> {
    let work = || {
        fault::stumble(name);
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Missing::Failed)
}
