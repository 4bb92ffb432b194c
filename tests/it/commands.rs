//! The manual pages, and what shells need to complete the command line.

use std::ffi::OsStr;

use tokio::process::Command;

use crate::support::process::{Process, Stream};
use crate::support::tools::require;

const SUBCOMMANDS: [&str; 5] = ["check", "explain", "ctl", "upgrade", "backend"];

async fn printed<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let mut process = Process::gateway(arguments);
    assert_eq!(process.exit().await.code(), Some(0), "{:?}", process.lines());
    process.text(Stream::Out)
}

#[tokio::test]
async fn the_manual_names_what_there_is() {
    let page = printed(["man"]).await;
    assert!(page.contains(".TH gateway 1"), "{page}");
    for name in SUBCOMMANDS {
        assert!(page.contains(&format!("gateway\\-{name}(1)")), "{name}: {page}");
    }
    assert!(!page.contains("completions"), "{page}");
}

#[tokio::test]
async fn man_finds_nothing_wrong_with_the_pages() {
    let directory = tempfile::tempdir().unwrap();
    printed(["man".as_ref(), "--out".as_ref(), directory.path().as_os_str()]).await;
    for name in ["gateway.1", "gateway-ctl.1", "gateway-ctl-drain.1", "gateway-explain.1"] {
        assert!(directory.path().join(name).exists(), "{name}");
    }
    let Some(man) = require("man") else { return };
    for page in ["gateway.1", "gateway-ctl.1", "gateway-explain.1"] {
        let mut command = Command::new(&man);
        command
            .args(["--warnings", "-l"])
            .arg(directory.path().join(page))
            .env("MANPAGER", "cat")
            .env("LC_ALL", "C.UTF-8");
        let output = command.output().await.unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && complaints.is_empty(), "{page}: {complaints}");
    }
}

#[tokio::test]
async fn shells_can_read_their_completions() {
    for (shell, arguments) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = printed(["completions", shell]).await;
        for name in SUBCOMMANDS {
            assert!(script.contains(name), "{shell}: {name}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), script).unwrap();
        // bash is everywhere. The others are looked at where they are.
        let Some(shell) = (if shell == "bash" { require(shell) } else { found(shell) }) else { continue };
        let output = Command::new(shell).arg(arguments).arg(file.path()).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn found(program: &str) -> Option<std::path::PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|directory| directory.join(program)).find(|file| file.is_file())
}
