//! Whatever stands in a dump, it is only ever text in the page.

use crate::run::Place;
use crate::view::data::Data;

const EVIL: &str = "</script><img src=x onerror=alert(1)>\\u202e\\ud800\\u0000&amp;<!--\\\"'";

/// A dump with the same text in every place that may hold one.
fn everywhere(evil: &str) -> String {
    let sdp = format!("v=0\\r\\ns={evil}\\r\\nm={evil} 9 x {evil}\\r\\na=mid:{evil}\\r\\na=candidate:{evil}\\r\\n");
    [
        "RTCStatsDump".to_owned(),
        format!(r#"{{"url":"{evil}","origin":"{evil}","userAgent":"{evil}","startTime":1700000000000,"fileFormat":3}}"#),
        format!(r#"[39,null,{{"userAgentData":{{"platform":"{evil}","brands":[{{"brand":"{evil}","version":"{evil}"}}]}}}},1700000000000]"#),
        format!(r#"["{evil}",null,"{evil}",1]"#),
        format!(r#"[39,"{evil}",{{"iceServers":[{{"urls":"{evil}"}}],"iceTransportPolicy":"{evil}"}},1]"#),
        format!(r#"[30,"{evil}",["audio","{evil}","{evil}","{evil}"],1]"#),
        format!(r#"[24,"{evil}","{evil}",1]"#),
        format!(r#"[3,"{evil}",{{"type":"offer","sdp":"{sdp}"}},"{evil}",1]"#),
        format!(r#"[6,"{evil}",{{"type":"offer","sdp":"{sdp}"}},"{evil}",1]"#),
        format!(r#"[20,"{evil}",{{"candidate":"candidate:{evil} 1 udp 1 {evil} 9 typ host"}},1]"#),
        format!(r#"[65,null,"{evil}","{evil}",1]"#),
        format!(r#"["g","{evil}",{{"{evil}":{{"type":"{evil}","{evil}":"{evil}","kind":"{evil}","mid":"{evil}"}},"t":5}},1]"#),
        format!(r#"["g","{evil}",{{"{evil}":{{"{evil}":1}},"1":{{"type":"inbound-rtp","kind":"{evil}","mid":"{evil}","codecId":"{evil}"}}}},1000]"#),
        format!(r#"["close",null,"{evil}",1]"#),
        String::new(),
    ]
    .join("\n")
}

#[test]
fn no_text_of_a_dump_becomes_markup() {
    let place = Place::new();
    let input = everywhere(EVIL);
    let told = place.feed(&["view", "-o", "-", "-"], input.as_bytes());
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(!told.out.contains("<img") && !told.out.contains("alert(1)>"));
    // The data, the packed script and its loader; in the script itself the word may stand, but not the element.
    assert_eq!(told.out.matches("<script").count(), 3);
    assert_eq!(told.out.matches("</script").count(), 3);
    let json = place.feed(&["view", "--json", "-"], input.as_bytes());
    let data = Data::read(&json.out);
    let name = data.head["connections"][0]["name"].as_str().expect("a name");
    assert!(name.starts_with("</script><img"), "{name}");
}

#[test]
fn long_texts_and_many_of_them_are_cut() {
    let place = Place::new();
    let long = "x".repeat(1 << 20);
    let told = place.feed(&["view", "-o", "-", "-"], everywhere(&long).as_bytes());
    assert_eq!(told.code, 0, "{}", told.err);
    let without = place.feed(&["view", "-o", "-", "-"], everywhere("x").as_bytes());
    let added = told.out.len() - without.out.len();
    assert!(added < 64 * 1024, "{added} bytes for texts of a megabyte");
}

#[test]
fn an_id_takes_its_room_once_however_many_values_its_report_has() {
    let place = Place::new();
    let report = |id: &str, shift: usize| {
        let values: Vec<String> = (0..200).map(|at| format!("\"p{at}\":{}", at + shift)).collect();
        format!(
            "\"{id}\":{{\"type\":\"inbound-rtp\",\"codecId\":\"{}\",{}}}",
            "c".repeat(200),
            values.join(",")
        )
    };
    let begin = "x".repeat(1 << 20);
    let codec = format!(
        "\"{}\":{{\"type\":\"codec\",\"mimeType\":\"audio/opus\"}}",
        "c".repeat(200)
    );
    let line = |shift: usize| {
        let [one, other] = ["1", "2"].map(|end| report(&format!("{begin}{end}"), shift));
        format!("[\"getStats\",\"PC_0\",{{{codec},{one},{other}}},1700000000000]")
    };
    let input = format!(
        "RTCStatsDump\n{{\"url\":\"/\",\"fileFormat\":3}}\n{}\n{}\n",
        line(0),
        line(1)
    );
    let told = place.feed(&["view", "--json", "-"], input.as_bytes());
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.len() < 300_000, "{} bytes", told.out.len());
    let data = Data::read(&told.out);
    let connection = &data.head["connections"][0];
    assert_eq!(connection["reports"].as_array().map(Vec::len), Some(3));
    assert_eq!(data.list("series").len(), 400);
    // What names it still leads there.
    assert_eq!(connection["tracks"][0]["codec"], "opus");
}
