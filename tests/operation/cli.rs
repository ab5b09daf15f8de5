//! The binary's commands: exit codes, help, and that one command understands what another prints.

mod catalogue;
mod dump;
mod findings;
mod log;
mod token;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const SECRET: &str = "correct horse battery staple and more";

/// An empty folder to run in, so that no configuration of this machine is found.
struct Bench {
    folder: TempDir,
}

fn bench() -> Bench {
    Bench {
        folder: tempfile::tempdir().unwrap(),
    }
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the file that is used without `--config`.
    fn configure(&self, text: &str) -> &Self {
        fs::write(self.path("rtcstats-server.toml"), text).unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rtcstats-server"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("RTCSTATS_") || name == "JOURNAL_STREAM" || name == "NOTIFY_SOCKET" {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Told {
        Told::from(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Told {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses its input early closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        Told::from(child.wait_with_output().unwrap())
    }
}

#[derive(Debug)]
struct Told {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Told {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn help_names_every_command_and_is_a_success() {
    let told = bench().run(&["--help"]);
    assert_eq!(told.code, 0);
    for word in [
        "serve",
        "check-config",
        "token",
        "find",
        "erase",
        "spool",
        "migrate",
        "dump",
        "features",
        "completions",
        "man-pages",
        "--config",
        "listens on port",
    ] {
        assert!(told.out.contains(word), "{word} is missing in {}", told.out);
    }
    for command in [
        &["serve"][..],
        &["check-config"],
        &["token"],
        &["find"],
        &["erase"],
        &["spool", "list"],
        &["spool", "show"],
        &["spool", "retry"],
        &["migrate"],
        &["dump"],
        &["dump", "mask"],
        &["dump", "cat"],
        &["dump", "info"],
        &["dump", "check"],
        &["dump", "features"],
        &["features"],
        &["completions"],
        &["man-pages"],
    ] {
        let told = bench().run(&[command, &["--help"]].concat());
        assert_eq!(told.code, 0, "{command:?}");
        assert!(told.out.contains("Usage: rtcstats-server"), "{}", told.out);
    }
    assert!(bench().run(&["--version"]).out.starts_with("rtcstats-server "));
}

#[test]
fn wrong_arguments_end_with_2() {
    for arguments in [
        &["serv"][..],
        &["--confg", "x"],
        &["find", "--since", "yesterday"],
        &["find", "--limit", "0"],
        &["token", "--lifetime", "0s"],
        &["token", "--lifetime", "40000d"],
        &["token", "--user", &"x".repeat(257)],
        &["token", "--url", "http://h/"],
        &["dump"],
        &["dump", "mask"],
    ] {
        let told = bench().run(arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}");
        assert!(
            told.err.contains("Usage:") || told.err.contains("error: "),
            "{arguments:?}: {}",
            told.err
        );
    }
}

#[test]
fn a_wrong_configuration_ends_every_command_with_2() {
    let bench = bench();
    bench.configure("[server]\nlisen = 'x'");
    for arguments in [&[][..], &["serve"], &["check-config"], &["token"], &["find"]] {
        let told = bench.run(arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}");
        assert!(
            told.err
                .starts_with("error: rtcstats-server.toml:2: server.lisen: unknown key"),
            "{}",
            told.err
        );
    }
    let told = bench.run(&["check-config", "--config", "none.toml"]);
    assert_eq!(
        (told.code, told.err.as_str()),
        (
            2,
            "error: none.toml: cannot be read: No such file or directory (os error 2)\n"
        )
    );
}

#[test]
fn check_config_prints_what_is_in_force() {
    let bench = bench();
    bench.configure(&format!(
        "[authorization]\njwt_secret = '{SECRET}'\n[log]\nlevel = 'warn'"
    ));
    let mut command = bench.command(&["check-config"]);
    let told = Told::from(command.env("RTCSTATS_SERVER__LISTEN", "127.0.0.1:1").output().unwrap());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    for line in [
        "# file: rtcstats-server.toml",
        "listen = [\"127.0.0.1:1\"]  # RTCSTATS_SERVER__LISTEN",
        "jwt_secret = \"***\"  # line 2",
        "level = \"warn\"  # line 4",
    ] {
        assert!(
            told.out.lines().any(|printed| printed == line),
            "{line} is missing in {}",
            told.out
        );
    }
    assert!(told.out.parse::<toml::Table>().is_ok() && !told.out.contains("horse"));
}

#[test]
fn a_file_that_is_named_comes_before_the_one_that_is_found() {
    let bench = bench();
    bench.configure("data_dir = 'found'");
    fs::write(bench.path("other.toml"), "data_dir = 'named'").unwrap();
    assert!(bench.run(&["check-config"]).out.contains("data_dir = \"found\""));
    for arguments in [
        ["--config", "other.toml", "check-config"],
        ["check-config", "--config", "other.toml"],
    ] {
        assert!(bench.run(&arguments).out.contains("data_dir = \"named\""));
    }
}

#[test]
fn an_open_server_is_warned_of_without_failing() {
    let told = bench().run(&["check-config"]);
    assert_eq!(told.code, 0);
    assert!(
        told.err
            .starts_with("warning: Whoever reaches [::]:8080 can send dumps"),
        "{}",
        told.err
    );
}

#[test]
fn the_probe_tries_what_the_server_will_write() {
    let bench = bench();
    fs::create_dir(bench.path("data")).unwrap();
    bench.configure("[server]\nlisten = ['127.0.0.1:1']\n[spool]\nmin_free = '1KiB'");
    let told = bench.run(&["check-config", "--probe"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let lines: Vec<&str> = told.out.lines().filter(|line| line.starts_with("# probe: ")).collect();
    for tried in [
        "listen 127.0.0.1:1",
        "spool data/spool: ",
        "storage folder ",
        "database SQLite catalogue ",
    ] {
        let is_about = |line: &&&str| line.trim_start_matches("# probe: ok ").trim_start().starts_with(tried);
        assert!(lines.iter().any(|line| is_about(&line)), "{tried}: {}", told.out);
    }
    assert!(
        lines.iter().all(|line| line.starts_with("# probe: ok ")),
        "{}",
        told.out
    );
    assert!(told.out.parse::<toml::Table>().is_ok());
    assert_eq!(
        fs::read_dir(bench.path("data/spool")).unwrap().count(),
        0,
        "nothing is left behind"
    );
    assert_eq!(
        fs::read_dir(bench.path("data/dumps")).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn what_the_probe_cannot_write_ends_with_1() {
    let bench = bench();
    fs::create_dir(bench.path("data")).unwrap();
    fs::write(bench.path("data/dumps"), "a file, no folder").unwrap();
    bench.configure("[spool]\nmin_free = '1000000TiB'");
    let told = bench.run(&["check-config", "--probe"]);
    assert_eq!(told.code, 1);
    assert!(
        told.err.contains("error: spool data/spool: ") && told.err.contains("are free, but spool.min_free asks for"),
        "{}",
        told.err
    );
    assert!(told.err.contains("error: storage folder "), "{}", told.err);
    assert!(
        told.out.contains("# probe: ok       database SQLite catalogue"),
        "the others are tried all the same: {}",
        told.out
    );
}

#[test]
fn a_data_folder_is_written_as_its_owner() {
    let bench = bench();
    bench.configure("[spool]\nmin_free = '1KiB'");
    let data = bench.path("data");
    if !rustix::process::geteuid().is_root() {
        // Only root can give a folder away, and commands change their user only when root runs them.
        return;
    }
    let told = bench.run(&["check-config", "--probe"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(
        told.out.contains("does not exist yet") && !data.exists(),
        "root makes no folder for another user"
    );

    fs::create_dir(&data).unwrap();
    chown(&data, Some(65_534), Some(65_534)).unwrap();
    fs::set_permissions(bench.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let told = bench.run(&["check-config", "--probe"]);
    assert_eq!(told.code, 0, "{}", told.err);
    for (name, mode) in [("spool", 0o40_700), ("dumps", 0o40_700), ("catalog.db", 0o100_600)] {
        let made = fs::metadata(data.join(name)).unwrap();
        assert_eq!((made.uid(), made.gid(), made.mode()), (65_534, 65_534, mode), "{name}");
    }
    assert_eq!(bench.run(&["find"]).code, 0);
    for entry in fs::read_dir(&data).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().uid(), 65_534, "{:?}", entry.path());
    }
}
