//! Another process, mostly the real gateway: its output line by line, its signals, its exit.

use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::operator::OperatorClient;
use super::{PATIENCE, within};

/// Killed when dropped.
pub struct Process {
    child: Child,
    output: watch::Receiver<Vec<Line>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub stream: Stream,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// The signals that tests send, by the name that `kill` knows.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "some are sent in `tests/alone` only")]
pub enum Signal {
    Term,
    Int,
    Hup,
    Kill,
    Stop,
    Cont,
    Usr1,
    Usr2,
}

impl Process {
    /// The gateway binary of this build.
    pub fn gateway<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(args);
        Self::start(command)
    }

    pub fn start(command: Command) -> Self {
        Self::start_with_stderr(command, Stdio::piped())
    }

    /// As [`start`](Self::start), but only what goes to a pipe of its own is collected.
    pub fn start_with_stderr(mut command: Command, stderr: impl Into<Stdio>) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (lines, output) = watch::channel(Vec::new());
        let lines = Arc::new(lines);
        tokio::spawn(collect(Stream::Out, child.stdout.take().unwrap(), lines.clone()));
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(collect(Stream::Err, stderr, lines));
        }
        Self { child, output }
    }

    /// # Panics
    /// If it has been waited for.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Waits for a line with `text` in it, on either stream and from the very beginning.
    ///
    /// # Panics
    /// If the process closes both streams first.
    pub async fn line_with(&self, text: &str) -> String {
        self.line_within(text, PATIENCE).await
    }

    /// As [`line_with`](Self::line_with), for a process that takes its time.
    pub async fn line_within(&self, text: &str, limit: Duration) -> String {
        let has_text = |line: &&Line| line.text.contains(text);
        let mut output = self.output.clone();
        let waiting = output.wait_for(|lines| lines.iter().any(|line| has_text(&line)));
        match tokio::time::timeout(limit, waiting).await {
            Ok(Ok(lines)) => return lines.iter().find(has_text).map(|line| line.text.clone()).unwrap(),
            Ok(Err(_)) => {}
            Err(_) => panic!("waited {limit:?} for {text:?} after {:#?}", self.lines()),
        }
        panic!("no {text:?} in all its output: {:#?}", self.lines())
    }

    /// Its operator's side, once it has announced it.
    pub async fn operator(&self) -> OperatorClient {
        let line = self.line_with("operator's page on http://").await;
        let address = line.trim_start_matches("operator's page on http://").trim_end_matches('/');
        OperatorClient { addr: address.parse().unwrap_or_else(|_| panic!("{line}")) }
    }

    /// The output so far. The order is kept within each stream, but not between the two.
    pub fn lines(&self) -> Vec<Line> {
        self.output.borrow().clone()
    }

    /// One stream's output so far.
    pub fn text(&self, stream: Stream) -> String {
        self.lines()
            .iter()
            .filter(|line| line.stream == stream)
            .map(|line| line.text.clone() + "\n")
            .collect()
    }

    pub async fn signal(&self, signal: Signal) {
        let status = Command::new("kill").arg(signal.flag()).arg(self.pid().to_string()).status().await;
        assert!(status.as_ref().is_ok_and(ExitStatus::success), "kill {signal:?}: {status:?}");
    }

    /// Waits for the process to end and for the last of its output.
    pub async fn exit(&mut self) -> ExitStatus {
        self.exit_within(PATIENCE).await
    }

    /// As [`exit`](Self::exit), for a process that takes its time.
    pub async fn exit_within(&mut self, limit: Duration) -> ExitStatus {
        let exited = tokio::time::timeout(limit, self.child.wait()).await;
        let status = exited.unwrap_or_else(|_| panic!("waited {limit:?} for the process to exit")).unwrap();
        let mut output = self.output.clone();
        let all_read = async { while output.changed().await.is_ok() {} };
        within("the process's output to end", all_read).await;
        status
    }
}

impl Signal {
    fn flag(self) -> &'static str {
        match self {
            Signal::Term => "-TERM",
            Signal::Int => "-INT",
            Signal::Hup => "-HUP",
            Signal::Kill => "-KILL",
            Signal::Stop => "-STOP",
            Signal::Cont => "-CONT",
            Signal::Usr1 => "-USR1",
            Signal::Usr2 => "-USR2",
        }
    }
}

async fn collect(stream: Stream, pipe: impl AsyncRead + Unpin, lines: Arc<watch::Sender<Vec<Line>>>) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while pipe.read_until(b'\n', &mut bytes).await.is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        lines.send_modify(|lines| lines.push(Line { stream, text }));
        bytes.clear();
    }
}
