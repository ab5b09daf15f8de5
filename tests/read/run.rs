//! Runs a command in an empty folder, so that no configuration of this machine is found, and keeps what it told.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::place;
use tempfile::TempDir;

/// What a command told, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Told {
        Told {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

/// An empty folder.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Place {
        std::fs::write(self.path(name), content).expect("it is written");
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(place::binary());
        command.env_clear().args(arguments).current_dir(self.0.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Told {
        Told::from(self.command(arguments).output().expect("the binary starts"))
    }

    /// The same with this on standard input.
    pub fn feed(&self, arguments: &[&str], input: &[u8]) -> Told {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // A command that refuses its input early closes the pipe.
        let feeding = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let told = Told::from(child.wait_with_output().expect("its output can be read"));
        feeding.join().expect("a thread that ends");
        told
    }
}

/// A recorded dump, compressed as it is stored.
pub fn dump(name: &str) -> PathBuf {
    place::repository()
        .join("tests/data/dumps")
        .join(format!("{name}.jsonl.gz"))
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}
