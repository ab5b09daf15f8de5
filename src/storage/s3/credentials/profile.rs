//! Profiles of the AWS tools: `~/.aws/credentials` and `~/.aws/config`, or the files that the environment names.
//!
//! Only that there is no such file, or no such profile where none was asked for, lets the search go on. A profile that
//! gets its keys in a way that is not done here (another role, single sign-on, a program) is an error: the next source
//! would be another identity. Files are read as secrets are.
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use s3::creds::Credentials;
use s3::creds::error::CredentialsError;

use super::environment::variable;
use super::keys::{Fault, Keys};
use crate::redact::{Secret, read_text, shown_path};

/// A file of profiles, and how a profile is called in it.
struct Profiles {
    path: PathBuf,
    section: String,
}

/// The keys of the profile that the environment names, otherwise of the one called `default`.
///
/// # Errors
/// A file cannot be read, a profile that was asked for does not exist, or the profile has no whole pair of keys.
pub fn keys() -> Result<Option<Keys>, Fault> {
    let asked = variable("AWS_PROFILE")?;
    let name = asked.as_ref().map_or("default", Secret::expose);
    let source = format!("the profile {}", crate::redact::quoted(name));
    let in_config = if name == "default" {
        name.to_owned()
    } else {
        format!("profile {name}")
    };
    for (variable, file, section) in [
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials", name.to_owned()),
        ("AWS_CONFIG_FILE", "config", in_config),
    ] {
        if let Some(path) = path_of(variable, file)?
            && let Some(keys) = (Profiles { path, section }).keys(&source)?
        {
            return Ok(Some(keys));
        }
    }
    match asked {
        Some(_) => Err(Fault::new(
            source,
            "there is no such profile with keys; see AWS_PROFILE",
        )),
        None => Ok(None),
    }
}

fn path_of(name: &str, file: &str) -> Result<Option<PathBuf>, Fault> {
    if let Some(path) = variable(name)? {
        return Ok(Some(PathBuf::from(path.expose())));
    }
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    Ok(home.map(|home| Path::new(&home).join(".aws").join(file)))
}

impl Profiles {
    fn keys(&self, source: &str) -> Result<Option<Keys>, Fault> {
        let source = format!("{source} in {}", shown_path(&self.path));
        // The AWS tools are told so that there is no file.
        let is_none = self.path == Path::new("/dev/null")
            || self
                .path
                .symlink_metadata()
                .is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if is_none {
            return Ok(None);
        }
        let text = read_text(&self.path).map_err(|error| Fault::new(source.as_str(), error))?;
        let members = members(&text, &self.section);
        let has = |name: &str| members.iter().any(|(known, value)| known == name && !value.is_empty());
        if !has(ID) && !has(SECRET) {
            return match members.iter().find(|(name, _)| OTHER_WAYS.contains(&name.as_str())) {
                Some((name, _)) => Err(Fault::new(
                    source,
                    format!("it has {name}, which only the AWS tools follow; give keys, or a role by the machine"),
                )),
                None => Ok(None),
            };
        }
        let keys = Credentials::from_credentials_file(&self.path, Some(&self.section));
        let keys = keys.map_err(|error| Fault::new(source.as_str(), reason(&error)))?;
        let clean = |what: &str, value: Option<String>| match value.as_deref().map(Secret::clean).transpose() {
            Ok(secret) => Ok(secret.filter(|secret| !secret.expose().is_empty())),
            Err(unclean) => Err(Fault::new(source.as_str(), format!("{what} {unclean}"))),
        };
        let whole = |what: &str, secret: Option<Secret>| {
            secret.ok_or_else(|| Fault::new(source.as_str(), format!("it lacks {what}")))
        };
        Ok(Some(Keys {
            id: whole(ID, clean(ID, keys.access_key)?)?,
            secret: whole(SECRET, clean(SECRET, keys.secret_key)?)?,
            token: clean("aws_session_token", keys.session_token.or(keys.security_token))?,
            expires: None,
            source,
        }))
    }
}

/// The members of a section, by their names in small letters. It looks no deeper than whether there is a value.
fn members(text: &str, section: &str) -> Vec<(String, String)> {
    let mut is_inside = false;
    let mut members = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            is_inside = name.trim() == section;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| is_inside)
            && !line.starts_with(['#', ';'])
        {
            members.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    members
}

/// The library's errors may quote a line of the file.
fn reason(error: &CredentialsError) -> String {
    match error {
        CredentialsError::ConfigMissingAccessKeyId => format!("it lacks {ID}"),
        CredentialsError::ConfigMissingSecretKey => format!("it lacks {SECRET}"),
        CredentialsError::Io(error) => error.to_string(),
        _ => "the file is no list of profiles; compare it with one that `aws configure` writes".to_owned(),
    }
}

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// What a profile has instead of keys.
const OTHER_WAYS: [&str; 7] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "credential_process",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn keys_of(text: &str, section: &str) -> Result<Option<Keys>, Fault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs::write(&path, text).unwrap();
        let profiles = Profiles {
            path,
            section: section.to_owned(),
        };
        profiles.keys("the profile")
    }

    const GOOD: &str = "[a]\naws_access_key_id = ida\naws_secret_access_key=se/c+ret==\n\n[ b ]\n\
                        AWS_ACCESS_KEY_ID=x\n[c]\nregion = eu-west-1\n[d]\nrole_arn = arn:aws:iam::1:role/x\n\
                        source_profile = a\n[e]\naws_access_key_id = ide\naws_secret_access_key = s\n\
                        aws_session_token = t\nrole_arn =\n[f]\naws_access_key_id =\naws_secret_access_key = s\n";

    #[test]
    fn a_whole_pair_is_taken_and_everything_else_is_told() {
        let a = keys_of(GOOD, "a").unwrap().unwrap();
        assert_eq!((a.id.expose(), a.secret.expose(), a.token), ("ida", "se/c+ret==", None));
        let e = keys_of(GOOD, "e").unwrap().unwrap();
        assert_eq!(e.token.unwrap().expose(), "t");
        for nothing in ["c", "none", "profile a"] {
            assert_eq!(keys_of(GOOD, nothing), Ok(None), "{nothing}");
        }
        for (section, told) in [("d", "it has role_arn"), ("f", "it lacks aws_access_key_id")] {
            let fault = keys_of(GOOD, section).unwrap_err().to_string();
            assert!(fault.contains(told) && fault.contains("credentials: "), "{fault}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_count_as_missing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &Path| Profiles {
            path: path.to_owned(),
            section: "default".into(),
        };
        assert_eq!(at(&folder.path().join("none")).keys("p"), Ok(None));
        let fault = at(folder.path()).keys("p").unwrap_err().to_string();
        assert!(fault.contains("is a folder"), "{fault}");
        for bytes in [&b"\xff\xfe[\0"[..], b"[default]\naws_access_key_id = \xff\n"] {
            let file = folder.path().join("file");
            fs::write(&file, bytes).unwrap();
            assert!(at(&file).keys("p").is_err());
        }
    }
}
