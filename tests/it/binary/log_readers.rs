//! The log may be read slowly, or not at all: no request has to wait for that.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, PipeReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::mpsc;

use tokio::process::Command;

use super::Binary;
use crate::support::PATIENCE;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

/// The length of the longest path that a line contains, so that little traffic makes a long log.
const LONG: usize = 1024;

async fn gateway(args: &[&str], stderr: impl Into<Stdio>) -> Binary {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let args = [&["--listen", "127.0.0.1:0"], args].concat();
    Binary::start_with_stderr(&upstream, "workers = 2", &args, stderr).await
}

/// Sends `count` requests, each of which must be answered.
async fn ask(gateway: &Binary, times: usize) {
    let path = format!("/{}", "x".repeat(LONG));
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..times {
        assert_eq!(client.get(&path).await.status(), 404);
    }
}

async fn ends(mut gateway: Binary) {
    gateway.process.signal(Signal::Term).await;
    assert_eq!(gateway.process.exit().await.code(), Some(0));
}

#[tokio::test]
async fn one_who_does_not_read() {
    let (_unread, stderr) = std::io::pipe().unwrap();
    let gateway = gateway(&[], stderr).await;
    ask(&gateway, 3000).await;
    ends(gateway).await;
}

#[tokio::test]
async fn one_who_has_left() {
    let (reader, stderr) = std::io::pipe().unwrap();
    drop(reader);
    let gateway = gateway(&[], stderr).await;
    ask(&gateway, 300).await;
    ends(gateway).await;
}

#[tokio::test]
async fn a_disk_that_is_full() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let gateway = gateway(&[], full).await;
    ask(&gateway, 300).await;
    ends(gateway).await;
}

/// It cannot even say why it does not start.
#[tokio::test]
async fn one_who_does_not_read_why_it_is_refused() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.args(["backend", &taken.local_addr().unwrap().port().to_string()]);
    let (_unread, stderr) = stuffed();
    let mut gateway = Process::start_with_stderr(command, stderr);
    assert_eq!(gateway.exit().await.code(), Some(2));
}

/// A file to write to that takes no byte more.
fn stuffed() -> (UnixStream, OwnedFd) {
    let (unread, mut stuffed) = UnixStream::pair().unwrap();
    stuffed.set_nonblocking(true).unwrap();
    for size in [1 << 16, 1] {
        let error = loop {
            if let Err(error) = stuffed.write(&vec![b'x'; size]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    stuffed.set_nonblocking(false).unwrap();
    (unread, stuffed.into())
}

#[tokio::test]
async fn one_who_reads_again_learns_how_many_lines_are_missing() {
    const REQUESTS: usize = 3000;
    for (format, counted) in [("text", "  WARN gateway::log: "), ("json", r#""level":"WARN","#)] {
        let (unread, stderr) = std::io::pipe().unwrap();
        let gateway = gateway(&["--log-format", format], stderr).await;
        ask(&gateway, REQUESTS).await;
        let lines = lines_of(unread);
        let (mut seen, mut missing) = (0, 0);
        while seen + missing < REQUESTS {
            let line = lines.recv_timeout(PATIENCE).unwrap();
            match dropped(&line) {
                Some(count) => {
                    assert!(line.contains(counted) && missing == 0, "{line}");
                    missing = count;
                }
                None => seen += 1,
            }
        }
        assert_eq!(seen + missing, REQUESTS, "{missing} are said to be missing");
        assert!(missing > 0 && seen > 0, "{seen} seen, {missing} missing");
        ask(&gateway, 1).await;
        assert!(lines.recv_timeout(PATIENCE).unwrap().contains("404"), "the log goes on");
        ends(gateway).await;
    }
}

fn dropped(line: &str) -> Option<usize> {
    let count = line.split_once("dropped").filter(|_| line.contains("gateway::log"))?.1;
    let count = count.trim_start_matches(['"', ':', '=']);
    count.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A thread reads it from now on.
fn lines_of(pipe: PipeReader) -> mpsc::Receiver<String> {
    let (line, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for read in BufReader::new(pipe).lines() {
            let _the_test_may_be_over = line.send(read.unwrap());
        }
    });
    lines
}

#[tokio::test]
async fn what_is_queued_at_the_end_is_written() {
    const REQUESTS: usize = 500;
    let (mut unread, stderr) = std::io::pipe().unwrap();
    let gateway = gateway(&[], stderr).await;
    ask(&gateway, REQUESTS).await;
    let reading = std::thread::spawn(move || {
        let mut log = String::new();
        unread.read_to_string(&mut log).unwrap();
        log
    });
    ends(gateway).await;
    let log = reading.join().unwrap();
    assert_eq!(log.lines().filter(|line| line.contains(" access: ")).count(), REQUESTS);
    assert!(log.lines().last().unwrap().contains("stopped"), "{:?}", log.lines().last());
}
