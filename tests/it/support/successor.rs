//! A gateway that has taken over from the one that a test started.

use std::path::Path;
use std::process::Command;

/// Ended when dropped.
pub struct Successor {
    pub pid: u32,
}

impl Successor {
    pub fn named_in(pid_file: &Path) -> Self {
        let text = std::fs::read_to_string(pid_file).unwrap();
        Self { pid: text.trim().parse().unwrap_or_else(|_| panic!("{text:?} is no process number")) }
    }

    pub fn signal(&self, flag: &str) {
        let status = Command::new("kill").arg(flag).arg(self.pid.to_string()).status().unwrap();
        assert!(status.success(), "kill {flag} {}", self.pid);
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        let _has_ended = Command::new("kill").args(["-KILL", &self.pid.to_string()]).output();
    }
}
