use rtcstats_server::dump::{MaskRules, Masker};
use std::io::Read;
#[test]
fn smoke() {
    let _ = std::fs::create_dir_all("target/masked");
    for entry in std::fs::read_dir("tests/data/dumps").unwrap() {
        let path = entry.unwrap().path();
        let mut raw = Vec::new();
        flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap())
            .read_to_end(&mut raw)
            .unwrap();
        let mut m = Masker::new(
            MaskRules {
                addresses: true,
                device_labels: true,
            },
            None,
        );
        let mut out = Vec::new();
        let last = raw.ends_with(b"\n");
        let raw = if last { &raw[..raw.len() - 1] } else { &raw[..] };
        for (i, line) in raw.split(|b| *b == b'\n').enumerate() {
            if i < 2 {
                out.extend_from_slice(line)
            } else {
                m.line(line, &mut out)
            }
            out.push(b'\n');
        }
        std::fs::write(
            format!("target/masked/{}", path.file_stem().unwrap().to_str().unwrap()),
            out,
        )
        .unwrap();
    }
}
