//! Dumps in each state of the spool, and seeded damage to one file of each.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rtcstats_server::spool::Id;

use crate::spool;

/// SplitMix64. A run follows entirely from its seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0xA24B_AED4_963E_E407))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// The state of a dump when its file is damaged, and which of its files that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Cut off by a crash, still without a closing line.
    Recording,
    Ready,
    /// Only the packed dump and its manifest exist.
    Packed,
    Manifest,
    /// Beside these two, which are whole.
    Features,
    /// The same, with the unmasked file still beside them.
    PackedBesideReady,
    ManifestBesideReady,
    FeaturesBesideReady,
}

const PLACES: [Place; 8] = [
    Place::Recording,
    Place::Ready,
    Place::Packed,
    Place::Manifest,
    Place::Features,
    Place::PackedBesideReady,
    Place::ManifestBesideReady,
    Place::FeaturesBesideReady,
];

impl Place {
    /// Whether the lines are whole and could be packed again.
    pub fn is_beside_ready(self) -> bool {
        matches!(
            self,
            Place::PackedBesideReady | Place::ManifestBesideReady | Place::FeaturesBesideReady
        )
    }
}

/// One dump with one damaged file.
pub struct Case {
    pub id: Id,
    pub place: Place,
    /// Every file of the dump as it is written, including the damaged one: its path below the instance, and its
    /// content.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// Whether the damaged file differs from the original. Bit flips may undo each other.
    pub is_hit: bool,
}

impl Case {
    pub fn new(random: &mut Random) -> Case {
        let id = Id::new();
        let place = PLACES[random.below(PLACES.len())];
        let Packed {
            object,
            manifest,
            features,
        } = packed();
        let text = lines(place != Place::Recording);
        let manifest = manifest_for(id, manifest);
        let file =
            |folder: &str, extension: &str, content: Vec<u8>| (format!("{folder}/{id}.{extension}").into(), content);
        // The damaged file comes first.
        let mut files: Vec<(PathBuf, Vec<u8>)> = match place {
            Place::Recording => vec![file("recording", "jsonl", text)],
            Place::Ready => vec![file("ready", "jsonl", text)],
            _ => vec![
                file("packed", "jsonl.gz", object.clone()),
                file("packed", "json", manifest),
                file("packed", "features.json", features.clone()),
            ],
        };
        match place {
            Place::Manifest | Place::ManifestBesideReady => files.swap(0, 1),
            Place::Features | Place::FeaturesBesideReady => files.swap(0, 2),
            _ => {}
        }
        if place.is_beside_ready() {
            files.push(file("ready", "jsonl", lines(true)));
        }
        let whole = files[0].1.clone();
        damage(&mut files[0].1, random);
        let is_hit = files[0].1 != whole;
        Case {
            id,
            place,
            files,
            is_hit,
        }
    }

    pub fn write(&self, instance: &Path) {
        for (path, content) in &self.files {
            std::fs::write(instance.join(path), content).expect("the spool can be written");
        }
    }

    /// The damaged bytes.
    pub fn damaged(&self) -> &[u8] {
        &self.files[0].1
    }
}

/// Cuts off the end, or flips one to eight bits, or both.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let kind = random.below(5);
    if kind < 2 {
        bytes.truncate(random.below(bytes.len()));
    }
    if kind > 0 && !bytes.is_empty() {
        let flips = if random.below(2) == 0 { 1 } else { 1 + random.below(8) };
        for _ in 0..flips {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
    }
}

const ID: &str = "019aa1b2-0000-7000-8000-000000000000";

pub const EVENTS: [&str; 6] = [
    r#"[39,null,{"hardwareConcurrency":8,"userAgentData":{"brands":[]}},1795336855313]"#,
    r#"["create","PC_0",{"bundlePolicy":"max-bundle"},3]"#,
    r#"["no json at all"#,
    r#"["addIceCandidate","PC_0",{"candidate":"","sdpMid":"0"},2]"#,
    r#"["note",null,"zw\u00f6lf \u00d6re f\u00fcr 12 \u20ac",4]"#,
    r#"["getStats","PC_0",{"a":{"bytesSent":123456789,"type":"transport"}},1000]"#,
];

const CLOSE: &str = r#"["close",null,1001,{"end":1795336860000,"recovered":false},250]"#;

/// A dump as it lies in the spool. If it is sealed, it has its closing line.
fn lines(sealed: bool) -> Vec<u8> {
    let head = r#"{"url":"/r","startTime":1795336855331,"fileFormat":3,"rtcstatsServer":{"user":"alice","host":"h","start":1795336855331}}"#;
    let mut text = format!("RTCStatsDump\n{head}\n{}\n", EVENTS.join("\n"));
    if sealed {
        text.push_str(CLOSE);
        text.push('\n');
    }
    text.into_bytes()
}

/// The manifest of `ID` rewritten for another dump, with the check sum that then is right.
fn manifest_for(id: Id, manifest: &str) -> Vec<u8> {
    let (said, _) = manifest.rsplit_once(",\"crc32\":").expect("a check sum");
    let said = said.replace(ID, &id.to_string());
    let mut crc = flate2::Crc::new();
    crc.update(said.as_bytes());
    format!("{said},\"crc32\":{}}}", crc.sum()).into_bytes()
}

pub struct Packed {
    pub object: Vec<u8>,
    pub manifest: String,
    pub features: Vec<u8>,
}

/// The result of packing the dump above, for `ID`.
pub fn packed() -> &'static Packed {
    static PACKED: OnceLock<Packed> = OnceLock::new();
    PACKED.get_or_init(|| spool::pack(ID.parse().expect("an id"), &lines(true)))
}
