//! The names of all keys, and variables whose names are nearly those of keys.
//!
//! A variable that is misspelt does nothing, and a secret in it protects nothing: that is told with the right name.
//! Many variables with our prefix are set by orchestrators for a service of our name; these are left alone. The names
//! are read from the shipped file, which explains every key. Never here: values.
use std::ffi::OsString;

/// The shipped file. A test holds it against the code.
const SHIPPED: &str = include_str!("../../rtcstats-server.toml");

/// A sentence for each variable that is none of ours but nearly.
pub fn warnings<'a>(variables: impl IntoIterator<Item = &'a OsString>) -> Vec<String> {
    let names = variables.into_iter().filter_map(|name| name.to_str());
    let keys = keys();
    names
        .filter_map(|name| {
            let key = meant(name, &keys)?;
            Some(format!(
                "{name} is not used: the variable for {key} is {}",
                variable(key)
            ))
        })
        .collect()
}

/// The name of the variable that sets a key.
fn variable(key: &str) -> String {
    let path = key.replace('.', "__").to_ascii_uppercase();
    format!("RTCSTATS_{path}")
}

/// Every key that has a variable.
pub fn keys() -> Vec<String> {
    let examples = SHIPPED
        .lines()
        .map(|line| line.strip_prefix("# ").or(line.strip_prefix('#')).unwrap_or(line));
    let (mut keys, mut table) = (Vec::new(), String::new());
    for line in examples {
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = format!("{}.", header.trim_matches(['[', ']']));
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            keys.push(format!("{table}{key}"));
        }
    }
    keys.retain(|key| !key.starts_with("authorization.public_keys."));
    keys
}

/// The key that somebody meant by a name that is not a key's.
fn meant<'a>(name: &str, keys: &'a [String]) -> Option<&'a str> {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let rest = PREFIXES.iter().find_map(|prefix| upper.strip_prefix(prefix))?;
    if keys.iter().any(|key| name == variable(key)) || (name.starts_with("RTCSTATS_") && name.contains("__")) {
        return None;
    }
    let given = rest.trim_matches('_').replace("__", "_").to_ascii_lowercase();
    if is_of_an_orchestrator(&given) {
        return None;
    }
    let whole = keys.iter().map(|key| (key, forms(key, keys)));
    let nearest = whole
        .filter_map(|(key, forms)| Some((forms.iter().filter_map(|form| distance(&given, form)).min()?, key)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key.as_str());
    let is_secret = SECRET_WORDS
        .iter()
        .any(|word| given.split('_').any(|part| part == *word));
    let secret = keys.iter().map(String::as_str).find(|key| {
        let file = if given.ends_with("_file") { "_file" } else { "" };
        *key == format!("authorization.jwt_secret{file}")
    });
    nearest.or(secret.filter(|_| is_secret && PREFIXES[..1].iter().any(|prefix| upper.starts_with(prefix))))
}

/// How a key may be called: by its whole path, or by the end of it, if no other key ends so.
fn forms(key: &str, keys: &[String]) -> Vec<String> {
    let parts: Vec<&str> = key.split('.').collect();
    let ends = (0..parts.len()).map(|from| parts[from..].join("."));
    let is_sole = |end: &String| {
        let suffix = format!(".{end}");
        let count = keys
            .iter()
            .filter(|other| *other == end || other.ends_with(&suffix))
            .count();
        count == 1 && end.len() >= NAME_BYTES_MIN
    };
    ends.filter(is_sole).map(|end| end.replace('.', "_")).collect()
}

/// The number of letters that differ, if that may be a mistake in typing.
fn distance(given: &str, form: &str) -> Option<usize> {
    let most = if form.len() < 2 * NAME_BYTES_MIN { 1 } else { 2 };
    let distance = strsim::osa_distance(given, form);
    (distance <= most).then_some(distance)
}

/// Kubernetes and Docker set NAME_SERVICE_HOST, NAME_SERVICE_PORT…, NAME_PORT and NAME_PORT_8080_TCP… for a service.
fn is_of_an_orchestrator(given: &str) -> bool {
    let parts: Vec<&str> = given.split('_').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.ends_with(&["port"])
        || parts
            .windows(2)
            .any(|pair| matches!(pair, ["service", "host" | "port"]))
        || parts.windows(2).any(|pair| pair[0] == "port" && is_number(&pair[1]))
}

/// Our prefix, and how it may be written by mistake.
const PREFIXES: [&str; 3] = ["RTCSTATS_", "RTCSTAT_", "RTC_STATS_"];

/// Shorter ends of keys are words that variables of any service may end with.
const NAME_BYTES_MIN: usize = 6;

/// Whoever writes one of these with our prefix wants to lock a door.
const SECRET_WORDS: [&str; 4] = ["secret", "jwt", "hmac", "token"];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<String> {
        warnings(&[OsString::from(name)]).pop()
    }

    #[test]
    fn a_name_that_is_nearly_a_keys_is_told_with_the_right_one() {
        for (name, right) in [
            ("RTCSTATS_JWT_SECRET", "RTCSTATS_AUTHORIZATION__JWT_SECRET"),
            (
                "RTCSTATS_AUTHORIZATION_JWT_SECRET",
                "RTCSTATS_AUTHORIZATION__JWT_SECRET",
            ),
            ("RTCSTATS_JWT_SECRET_FILE", "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE"),
            ("RTCSTATS_JWT_SECRTE", "RTCSTATS_AUTHORIZATION__JWT_SECRET"),
            ("RTCSTATS_SECRET", "RTCSTATS_AUTHORIZATION__JWT_SECRET"),
            ("RTCSTATS_TOKEN_SECRET_FILE", "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE"),
            ("RTCSTATS_ALLOWED_ORIGINS", "RTCSTATS_SERVER__ALLOWED_ORIGINS"),
            ("RTCSTATS_SERVER_ALLOWED_ORIGIN", "RTCSTATS_SERVER__ALLOWED_ORIGINS"),
            ("RTCSTATS_SERVER_LISTEN", "RTCSTATS_SERVER__LISTEN"),
            ("RTCSTATS_DATADIR", "RTCSTATS_DATA_DIR"),
            ("RTCSTATS_STORAGE_S3_BUCKET", "RTCSTATS_STORAGE__S3__BUCKET"),
            ("RTCSTATS_POSTGRES_URL", "RTCSTATS_DATABASE__POSTGRES__URL"),
            (
                "rtcstats_authorization__jwt_secret",
                "RTCSTATS_AUTHORIZATION__JWT_SECRET",
            ),
            (
                "RTCSTAT_AUTHORIZATION__JWT_SECRET",
                "RTCSTATS_AUTHORIZATION__JWT_SECRET",
            ),
            ("RTC_STATS_JWT_SECRET", "RTCSTATS_AUTHORIZATION__JWT_SECRET"),
        ] {
            let told = told(name).unwrap_or_else(|| unreachable!("{name} is not told"));
            assert!(
                told.starts_with(name) && told.ends_with(&format!(" is {right}")),
                "{told}"
            );
        }
    }

    #[test]
    fn names_of_others_and_right_ones_are_left_alone() {
        for name in [
            "RTCSTATS_AUTHORIZATION__JWT_SECRET",
            "RTCSTATS_DATA_DIR",
            "RTCSTATS_SERVER_PORT",
            "RTCSTATS_SERVER_SERVICE_HOST",
            "RTCSTATS_SERVER_SERVICE_PORT_HTTP",
            "RTCSTATS_PORT_8080_TCP",
            "RTCSTATS_PORT_8080_TCP_ADDR",
            "RTCSTATS_PORT",
            "RTCSTATS_NAME",
            "RTCSTATS_URL",
            "RTCSTATS_VERSION",
            "RTCSTATS",
            "MY_RTCSTATS_SERVER__LISTEN",
            "JWT_SECRET",
        ] {
            assert_eq!(told(name), None, "{name}");
        }
    }
}
