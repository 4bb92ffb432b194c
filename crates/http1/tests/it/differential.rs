//! The same bytes, read by others: what is accepted here has to be the same requests for each of them.
//!
//! A reader may refuse what is accepted here: then nobody is misled. But where it accepts a request in the same place, it
//! must see the same method, target and body. What it sees differently stands in [`EXPLAINED`] and in docs/framing.md.

mod hyper;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use http1::Limits;

use crate::seen::{Message, Seen, requests};

const CORPUS: &str = include_str!("../corpus/requests.txt");

/// What a reader sees otherwise: its name, the case's, and why that is no danger.
const EXPLAINED: &[(&str, &str, &str)] = &[
    ("llhttp", "absolute-form without a path", EMPTY_PATH),
    ("h11", "absolute-form without a path", EMPTY_PATH),
    ("net/http", "absolute-form without a path", EMPTY_PATH),
];

const EMPTY_PATH: &str =
    "they have the target as it came; an empty path and `/` are the same (RFC 9110 §4.2.3)";

/// A request, as far as it matters where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Framed {
    method: String,
    target: String,
    body: Vec<u8>,
}

/// What a reader made of a connection's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    requests: Vec<Framed>,
    ends_well: bool,
}

fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(" | ").unwrap()).map(|(name, bytes)| (name, unescaped(bytes))).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
            other => other,
        });
    }
    bytes
}

fn ours(bytes: &[u8]) -> Reading {
    let mut reading = Reading { requests: Vec::new(), ends_well: true };
    for seen in requests([bytes], Limits::REQUESTS) {
        match seen {
            Seen::Message(message) if message.cut.is_none() => reading.requests.push(framed(*message)),
            Seen::Message(_) | Seen::Fault(_) => reading.ends_well = false,
            Seen::Switched(_) | Seen::Left(_) | Seen::End => {}
        }
    }
    reading
}

fn framed(message: Message) -> Framed {
    let mut words = message.line.split(' ').map(str::to_owned);
    Framed { method: words.next().unwrap(), target: words.next().unwrap(), body: message.body }
}

/// The four bytes that are percent-encoded here, which is another spelling of the same (RFC 3986 §2.4).
fn spelled_alike(target: &str) -> String {
    [("\"", "%22"), ("<", "%3C"), (">", "%3E"), ("`", "%60")]
        .iter()
        .fold(target.to_owned(), |target, (raw, encoded)| target.replace(raw, encoded))
}

/// How the other reader contradicts what is accepted here.
fn contradiction(ours: &Reading, theirs: &Reading) -> Option<String> {
    let alike = |framed: &Framed| Framed { target: spelled_alike(&framed.target), ..framed.clone() };
    for (at, (here, there)) in ours.requests.iter().zip(&theirs.requests).enumerate() {
        if alike(here) != alike(there) {
            return Some(format!("request {at}: {here:?}, there {there:?}"));
        }
    }
    let more = ours.ends_well && theirs.requests.len() > ours.requests.len();
    more.then(|| format!("more requests there: {:?}", theirs.requests.last()))
}

fn compare(reader: &str, readings: &[Reading]) {
    let corpus = corpus();
    assert_eq!(readings.len(), corpus.len(), "{reader} must read every case");
    let explained: BTreeMap<&str, &str> =
        EXPLAINED.iter().filter(|(who, ..)| *who == reader).map(|(_, case, why)| (*case, *why)).collect();
    let mut contradictions = BTreeMap::new();
    let (mut both, mut only_theirs) = (0, 0);
    for ((name, bytes), theirs) in corpus.iter().zip(readings) {
        let ours = ours(bytes);
        if let Some(how) = contradiction(&ours, theirs) {
            contradictions.insert(*name, how);
        }
        both += usize::from(ours.ends_well && theirs.ends_well);
        only_theirs += usize::from(!ours.ends_well && theirs.ends_well);
    }
    println!("{reader}: of {} cases, {both} accepted by both, {only_theirs} refused only here", corpus.len());
    let unexplained: Vec<_> =
        contradictions.iter().filter(|(name, _)| !explained.contains_key(*name)).collect();
    assert!(unexplained.is_empty(), "{reader}: {unexplained:#?}");
    for name in explained.keys() {
        assert!(contradictions.contains_key(name), "{reader} agrees on {name:?} now: delete its explanation");
    }
    assert!(both > 40, "{reader} accepts too little to say anything");
}

/// Runs a reader that takes a line a case and gives one. None if it isn't installed.
fn run(command: &mut Command) -> Option<Vec<Reading>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut input = child.stdin.take().unwrap();
    let lines: String = corpus().iter().map(|(_, bytes)| hex(bytes) + "\n").collect();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _one_that_cannot_start_reads_nothing = writing.join().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().lines().map(reading).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// `method,target,body method,target,body .`, all in hexadecimal, with `!` at its end if the rest was refused.
fn reading(line: &str) -> Reading {
    let mut words: Vec<&str> = line.split(' ').collect();
    let ends_well = words.pop() == Some(".");
    let text = |text: &str| String::from_utf8_lossy(&unhex(text)).into_owned();
    let requests = words.iter().map(|word| {
        let [method, target, body] = word.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Framed { method: text(method), target: text(target), body: unhex(body) }
    });
    Reading { requests: requests.collect(), ends_well }
}

fn installed(reader: &str, file: &str, program: &str, first: &[&str]) {
    let script = format!("{}/tests/it/readers/{file}", env!("CARGO_MANIFEST_DIR"));
    match run(Command::new(program).args(first).arg(script)) {
        Some(readings) => compare(reader, &readings),
        None => eprintln!("SKIPPED LOUDLY: {reader} can't be run here"),
    }
}

#[test]
fn llhttp() {
    installed("llhttp", "node_llhttp.js", "node", &[]);
}

#[test]
fn h11() {
    installed("h11", "python_h11.py", "python3", &[]);
}

#[test]
fn go() {
    installed("net/http", "go_net_http.go", "go", &["run"]);
}

#[test]
fn hyper() {
    let readings: Vec<_> = corpus().iter().map(|(_, bytes)| hyper::read(bytes)).collect();
    compare("hyper", &readings);
}
