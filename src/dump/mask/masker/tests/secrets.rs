//! Tests of secrets that are known by their form or by the name in front of them, and of descriptions.

use super::*;

/// What issuers write: `{"alg":"HS256"}`, `{"user":"alice"}`, and a tag.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoiYWxpY2UifQ.c2lnbmF0dXJl";

/// Puts a token into a text of an event and masks that.
fn text(text: &str) -> String {
    let line = format!("[\"x\",null,\"{}\",1]", text.replace("TOKEN", TOKEN));
    let masked = masked_with(ALL, &line);
    assert_eq!(masked_with(ALL, &masked), masked, "masking {line} twice");
    masked
        .strip_prefix("[\"x\",null,\"")
        .and_then(|rest| rest.strip_suffix("\",1]"))
        .expect("the event around it stays")
        .to_owned()
}

#[test]
fn tokens_are_known_by_their_form() {
    let encoded: String = TOKEN.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let twice = encoded.replace('%', "%25");
    let dots = TOKEN.replace('.', "%2E");
    let escaped = TOKEN.replace('.', "\\u002e");
    for (before, after) in [
        ("TOKEN", "obfuscated"),
        ("Bearer TOKEN", "Bearer obfuscated"),
        ("/room/TOKEN/x", "/room/obfuscated/x"),
        ("/room?x=TOKEN&y=1", "/room?x=obfuscated&y=1"),
        ("xTOKEN", "xobfuscated"),
        ("TOKEN,TOKEN", "obfuscated,obfuscated"),
        (r#"{\"a\":\"TOKEN\"}"#, r#"{\"a\":\"obfuscated\"}"#),
        (encoded.as_str(), "obfuscated"),
        (twice.as_str(), "obfuscated"),
        (dots.as_str(), "obfuscated"),
        (escaped.as_str(), "obfuscated"),
        // Without a signature, cut off, encrypted, and with claims that are none.
        ("eyJhbGciOiJub25lIn0.eyJ1c2VyIjoiYWxpY2UifQ.", "obfuscated"),
        ("eyJhbGciOiJub25lIn0.eyJ1c2VyIjoiYWx", "obfuscated"),
        ("eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn", "obfuscated"),
        ("eyJhbGciOiJub25lIn0.e30.", "obfuscated"),
        ("eyJhbGciOiJub25lIn0=.eyJ1c2VyIjoxfQ==.AA==", "obfuscated"),
    ] {
        assert_eq!(text(before), after, "{before}");
    }
    for stays in [
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJ.eyJ.x",
        "heyJude.mp3",
        "eyJhbGciOiJub25lIn0.",
        "key.Jar.x",
    ] {
        assert_eq!(text(stays), stays);
    }
}

#[test]
fn named_values_of_a_url_go_and_others_stay() {
    for (before, after) in [
        ("/a?password=secret", "/a?password=obfuscated"),
        ("?key=x", "?key=obfuscated"),
        ("/a?x=1&PassWord=s&y=2", "/a?x=1&PassWord=obfuscated&y=2"),
        (
            "https://h/#access_token=s&type=bearer",
            "https://h/#access_token=obfuscated&type=bearer",
        ),
        ("wss://h/a;token=s?x=1", "wss://h/a;token=obfuscated"),
        ("/a?user[password]=s", "/a?user[password]=obfuscated"),
        ("/a?p%61ss=s", "/a?p%61ss=obfuscated"),
        ("/a?x-api-key=s", "/a?x-api-key=obfuscated"),
        ("/a?X-Amz-Security-Token=s", "/a?X-Amz-Security-Token=obfuscated"),
        ("/a?jwt=198.51.100.31", "/a?jwt=obfuscated"),
        ("see /a?sig=s, then", "see /a?sig=obfuscated then"),
        (
            r#"{\"u\":\"/a?key=s\",\"v\":1}"#,
            r#"{\"u\":\"/a?key=obfuscated\",\"v\":1}"#,
        ),
        (
            "/a?next=%2Fb%3Fsecret%3Ds%26x%3D1",
            "/a?next=%2Fb%3Fsecret%3Dobfuscated%26x%3D1",
        ),
    ] {
        assert_eq!(text(before), after, "{before}");
    }
    for stays in [
        "/a?code=room-7&conference=weekly",
        "/a?monkey=1&keys=2&tokens=3",
        "/a?password",
        "/a?password=",
        "/a?password=&x=1",
        "password=s without a URL",
        "a=fmtp:111 minptime=10;useinbandfec=1;key=1",
        "/a?x=password&y=token",
        "?=&==&",
    ] {
        assert_eq!(text(stays), stays);
    }
}

#[test]
fn user_parts_of_a_url_go() {
    for (before, after) in [
        ("https://alice:secret@host/a", "https://obfuscated@host/a"),
        ("wss://alice@host", "wss://obfuscated@host"),
        ("https://a:p@ss@198.51.100.31/", "https://obfuscated@198.51.100.x/"),
        (
            "https%3A%2F%2Falice%3Asecret%40host%2Fa",
            "https%3A%2F%2Fobfuscated%40host%2Fa",
        ),
        (
            "see http://a:b@h and http://c:d@h",
            "see http://obfuscated@h and http://obfuscated@h",
        ),
    ] {
        assert_eq!(text(before), after, "{before}");
    }
    for stays in [
        "https://host/@alice",
        "https://host?to=alice@example.org",
        "mail alice@example.org",
        "http://@host",
        "://",
    ] {
        assert_eq!(text(stays), stays);
    }
}

/// Masks one line in a description, whole and in a description that was cut out of another text.
#[track_caller]
fn line_becomes(before: &str, after: &str) {
    for end in ["\\r\\n", "\\n", "\\r"] {
        let sdp = |line: &str| format!("v=0{end}o=- 1 2 IN IP4 127.0.0.1{end}s=-{end}{line}{end}m=audio 9 X 0{end}");
        let sections = |line: &str| format!("v={end}m=audio 9 X 0{end}{line}");
        for form in [&sdp as &dyn Fn(&str) -> String, &sections] {
            let (before, after) = (form(before), form(after));
            becomes(&[
                (
                    &format!(r#"[3,"P",{{"type":"offer","sdp":"{before}"}},1]"#),
                    &format!(r#"[3,"P",{{"type":"offer","sdp":"{after}"}},1]"#),
                ),
                (&format!(r#"[6,"P","{before}",1]"#), &format!(r#"[6,"P","{after}",1]"#)),
            ]);
            if end != "\\r" {
                becomes(&[(
                    &format!(r#"["x","P",{{"offer":"{before}"}},1]"#),
                    &format!(r#"["x","P",{{"offer":"{after}"}},1]"#),
                )]);
            }
        }
    }
}

#[test]
fn keys_and_names_of_descriptions_go() {
    let key = "MzU4OWJmNTQ5YTNjMmU4ZDEyMzQ1Njc4OTBhYmNkZWYx";
    for (before, after) in [
        (format!("k=clear:{key}"), "k=clear:x"),
        ("k=base64:YWJj".to_owned(), "k=base64:x"),
        ("k=uri:https://keys.example/alice".to_owned(), "k=uri:x"),
        ("k=secret".to_owned(), "k=x"),
        (
            format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20|1:32"),
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
        ),
        (
            format!("a=crypto:1 F8_128_HMAC_SHA1_80 inline:{key}|2^20;inline:{key}|2^20 FEC_ORDER=FEC_SRTP"),
            "a=crypto:1 F8_128_HMAC_SHA1_80 inline:x FEC_ORDER=FEC_SRTP",
        ),
        (format!("A=crypto:1 AES inline:{key}"), "A=crypto:1 AES inline:x"),
        ("a=crypto:1 AES other:abc".to_owned(), "a=crypto:1 AES other:x"),
        ("a=key-mgmt:mikey AQAFgM0XflABAAAA".to_owned(), "a=key-mgmt:mikey x"),
        ("a=identity:eyJpZHAiOnt9fQ==".to_owned(), "a=identity:x"),
        ("i=microphone of Alice".to_owned(), "i=-"),
        ("s=Call of Alice Smith".to_owned(), "s=-"),
        ("u=https://alice.example/".to_owned(), "u=-"),
        ("e=alice@example.org".to_owned(), "e=x"),
        (
            "o=alice.smith 1 2 IN IP4 198.51.100.31".to_owned(),
            "o=- 1 2 IN IP4 198.51.100.x",
        ),
        (
            "a=ssrc:1 cname:alice@laptop.example".to_owned(),
            "a=ssrc:1 cname:x@laptop.example",
        ),
        (
            "a=ssrc:1 cname:user@198.51.100.31".to_owned(),
            "a=ssrc:1 cname:x@198.51.100.x",
        ),
    ] {
        line_becomes(&before, after);
    }
    for stays in [
        "k=prompt",
        "o=mozilla...THIS_IS_SDPARTA-99.0 1 2 IN IP4 0.0.0.0",
        "s=-",
        "s= ",
        "a=ice-pwd:asd88fgpdd777uzjYhagZg",
        "a=ssrc:1 cname:Bc3JI+nko5DQnVeV",
        "a=ssrc:1 cname:{016e5acb-0a5b-4e2b-b13b-d59cfa5b1d00}",
        "a=fmtp:96 profile-level-id=42e01f;i=1;k=clear:abc",
        "b=AS:30",
    ] {
        line_becomes(stays, stays);
    }
}

/// JSON in a string and torn lines have escapes in place of line ends.
#[test]
fn descriptions_are_known_behind_escapes() {
    let line = r#"[3,"P",{"type":"offer","sdp":"v=0\r\no=alice 1 2 IN IP4 127.0.0.1\r\ns=Call of Alice\r\nk=clear:abc\r\nm=audio 9 X 0\r\n"},1]"#;
    let quoted = serde_json::to_string(line).expect("text is JSON");
    for text in [
        format!("[\"signal\",null,{quoted},1]"),
        line[..line.len() - 6].to_owned(),
    ] {
        let masked = masked_with(ALL, &text);
        for personal in ["alice", "Alice", "abc"] {
            assert!(!masked.contains(personal), "{masked}");
        }
        assert!(masked.contains("audio 9 X 0"), "{masked}");
    }
}
