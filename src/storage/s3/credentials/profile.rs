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

/// What one file has about the profile: nothing, if there is no such file.
struct Profile {
    path: PathBuf,
    section: String,
    /// In words for an operator.
    source: String,
    members: Vec<(String, String)>,
}

/// The keys of the profile that the environment names, otherwise of the one called `default`.
///
/// # Errors
/// A file cannot be read, a profile that was asked for does not exist, the profile has no whole pair of keys, or the
/// AWS tools would take another identity than that of its keys.
pub fn keys() -> Result<Option<Keys>, Fault> {
    let asked = variable("AWS_PROFILE")?;
    let name = asked.as_ref().map_or("default", Secret::expose);
    let source = format!("the profile {}", crate::redact::quoted(name));
    let in_config = if name == "default" {
        name.to_owned()
    } else {
        format!("profile {name}")
    };
    let credentials = path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    let credentials = Profile::read(credentials, name, &source)?;
    let config = Profile::read(path_of("AWS_CONFIG_FILE", "config")?, &in_config, &source)?;
    match (keys_of(&credentials, &config)?, asked) {
        (None, Some(_)) => Err(Fault::new(
            source,
            "there is no such profile with keys; see AWS_PROFILE",
        )),
        (keys, _) => Ok(keys),
    }
}

/// A profile is what both files have about it, and the AWS tools look for its ways in this order.
fn keys_of(credentials: &Profile, config: &Profile) -> Result<Option<Keys>, Fault> {
    let refuse = |ways: &[&str]| [credentials, config].iter().try_for_each(|file| file.refuse(ways));
    refuse(&BEFORE_KEYS)?;
    if let Some(keys) = credentials.keys()? {
        return Ok(Some(keys));
    }
    refuse(&AFTER_CREDENTIALS)?;
    config.keys()
}

fn path_of(name: &str, file: &str) -> Result<Option<PathBuf>, Fault> {
    if let Some(path) = variable(name)? {
        return Ok(Some(PathBuf::from(path.expose())));
    }
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    Ok(home.map(|home| Path::new(&home).join(".aws").join(file)))
}

impl Profile {
    fn read(path: Option<PathBuf>, section: &str, source: &str) -> Result<Profile, Fault> {
        let path = path.unwrap_or_default();
        let source = format!("{source} in {}", shown_path(&path));
        // A user without a home has something else in its place, and the AWS tools are told so that there is no file.
        let is_none = path.as_os_str().is_empty()
            || path == Path::new("/dev/null")
            || path
                .symlink_metadata()
                .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory));
        let members = if is_none {
            Vec::new()
        } else {
            let text = read_text(&path).map_err(|error| Fault::new(source.as_str(), error))?;
            members(&text, section)
        };
        Ok(Profile {
            path,
            section: section.to_owned(),
            source,
            members,
        })
    }

    fn has(&self, name: &str) -> bool {
        self.members
            .iter()
            .any(|(known, value)| known == name && !value.is_empty())
    }

    fn refuse(&self, ways: &[&str]) -> Result<(), Fault> {
        match ways.iter().find(|way| self.has(way)) {
            None => Ok(()),
            Some(way) => Err(Fault::new(
                self.source.as_str(),
                format!("it has {way}, which only the AWS tools follow; give keys, or a role by the machine"),
            )),
        }
    }

    fn keys(&self) -> Result<Option<Keys>, Fault> {
        let source = self.source.as_str();
        match (self.has(ID), self.has(SECRET)) {
            (false, false) => return Ok(None),
            (false, true) => return Err(Fault::new(source, format!("it lacks {ID}"))),
            (true, false) => return Err(Fault::new(source, format!("it lacks {SECRET}"))),
            (true, true) => {}
        }
        let keys = Credentials::from_credentials_file(&self.path, Some(&self.section));
        let keys = keys.map_err(|error| Fault::new(source, reason(&error)))?;
        let (id, secret) = (keys.access_key.unwrap_or_default(), keys.secret_key.unwrap_or_default());
        let token = keys.session_token.or(keys.security_token);
        Keys::of(source, &id, &secret, token.as_deref()).map(Some)
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

/// What the AWS tools follow although the profile has keys as well.
const BEFORE_KEYS: [&str; 4] = ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url"];

/// What they follow where the file of credentials has none.
const AFTER_CREDENTIALS: [&str; 3] = ["credential_process", "source_profile", "credential_source"];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn profile(folder: &Path, name: &str, text: &str, section: &str) -> Profile {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        Profile::read(Some(path), section, "the profile").unwrap()
    }

    fn in_files(credentials: &str, config: &str, section: &str) -> Result<Option<Keys>, Fault> {
        let folder = tempfile::tempdir().unwrap();
        let credentials = profile(folder.path(), "credentials", credentials, section);
        keys_of(
            &credentials,
            &profile(folder.path(), "config", config, &format!("profile {section}")),
        )
    }

    fn in_credentials(text: &str, section: &str) -> Result<Option<Keys>, Fault> {
        in_files(text, "", section)
    }

    const GOOD: &str = "[a]\naws_access_key_id = ida\naws_secret_access_key=se/c+ret==\n\n[ b ]\n\
                        AWS_ACCESS_KEY_ID=x\n[c]\nregion = eu-west-1\n[d]\nrole_arn = arn:aws:iam::1:role/x\n\
                        source_profile = a\n[e]\naws_access_key_id = ide\naws_secret_access_key = s\n\
                        aws_session_token = t\nrole_arn =\n[f]\naws_access_key_id =\naws_secret_access_key = s\n";

    #[test]
    fn a_whole_pair_is_taken_and_everything_else_is_told() {
        let a = in_credentials(GOOD, "a").unwrap().unwrap();
        assert_eq!((a.id.expose(), a.secret.expose(), a.token), ("ida", "se/c+ret==", None));
        let e = in_credentials(GOOD, "e").unwrap().unwrap();
        assert_eq!(e.token.unwrap().expose(), "t");
        for nothing in ["c", "none", "profile a"] {
            assert_eq!(in_credentials(GOOD, nothing), Ok(None), "{nothing}");
        }
        for (section, told) in [("d", "it has role_arn"), ("f", "it lacks aws_access_key_id")] {
            let fault = in_credentials(GOOD, section).unwrap_err().to_string();
            assert!(fault.contains(told) && fault.contains("credentials: "), "{fault}");
        }
    }

    #[test]
    fn both_files_are_one_profile() {
        const KEYS: &str = "aws_access_key_id = i\naws_secret_access_key = s\n";
        const CASES: [(&str, &str, Result<&str, &str>); 9] = [
            ("KEYS", "", Ok("credentials")),
            ("", "KEYS", Ok("config")),
            ("KEYS", "role_arn = r\nsource_profile = x", Err("it has role_arn")),
            ("KEYSrole_arn = r", "", Err("it has role_arn")),
            ("", "KEYSrole_arn = r", Err("it has role_arn")),
            ("KEYS", "role_arn =\nsso_session = \n", Ok("credentials")),
            ("KEYS", "sso_session = s", Err("it has sso_session")),
            ("KEYS", "credential_process = p", Ok("credentials")),
            ("", "KEYScredential_process = p", Err("it has credential_process")),
        ];
        for (credentials, config, expected) in CASES {
            let text = |section: &str, text: &str| format!("[{section}]\n{}\n", text.replace("KEYS", KEYS));
            let keys = in_files(&text("a", credentials), &text("profile a", config), "a");
            match (keys, expected) {
                (Ok(Some(keys)), Ok(file)) => assert!(keys.source.ends_with(file), "{}", keys.source),
                (Err(fault), Err(told)) => assert!(fault.to_string().contains(told), "{fault}"),
                (keys, _) => panic!("{credentials} {config}: {keys:?}"),
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_count_as_missing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &Path| Profile::read(Some(path.to_owned()), "default", "p");
        let beside = folder.path().join("a-file");
        fs::write(&beside, "").unwrap();
        for missing in [
            folder.path().join("none"),
            beside.join("credentials"),
            "/dev/null/.aws/config".into(),
        ] {
            assert!(at(&missing).unwrap().members.is_empty(), "{}", missing.display());
        }
        let fault = at(folder.path()).err().unwrap().to_string();
        assert!(fault.contains("is a folder"), "{fault}");
        for bytes in [&b"\xff\xfe[\0"[..], b"[default]\naws_access_key_id = \xff\n"] {
            let file = folder.path().join("file");
            fs::write(&file, bytes).unwrap();
            assert!(at(&file).is_err());
        }
    }
}
