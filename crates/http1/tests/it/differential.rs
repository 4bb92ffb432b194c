//! The same bytes, read by others: what is accepted here has to be the same messages for each of them.
//!
//! A reader may refuse what is accepted here: then nobody is misled. But where it accepts a message in the same place, it
//! must see the same line and body. What it sees differently stands in [`EXPLAINED`] and in docs/framing.md.

mod hyper;
mod reading;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use self::reading::{Direction, Framed, Reading, hex};

/// What a reader sees otherwise: its name, the case's, and why that is no danger.
const EXPLAINED: &[(&str, &str, &str)] = &[
    ("llhttp", "absolute-form without a path", EMPTY_PATH),
    ("h11", "absolute-form without a path", EMPTY_PATH),
    ("net/http", "absolute-form without a path", EMPTY_PATH),
    ("net/http", "a blank before the colon of a coding", BLANK_BEFORE_COLON),
];

const BLANK_BEFORE_COLON: &str =
    "it takes the field for another one; RFC 9112 §5.1 has a proxy drop the blanks";
const EMPTY_PATH: &str =
    "they have the target as it came; an empty path and `/` are the same (RFC 9110 §4.2.3)";

/// The four bytes that are percent-encoded here, which is another spelling of the same (RFC 3986 §2.4).
fn spelled_alike(target: &str) -> String {
    [("\"", "%22"), ("<", "%3C"), (">", "%3E"), ("`", "%60")]
        .iter()
        .fold(target.to_owned(), |target, (raw, encoded)| target.replace(raw, encoded))
}

/// How the other reader contradicts what is accepted here.
fn contradiction(ours: &Reading, theirs: &Reading) -> Option<String> {
    let alike = |framed: &Framed| Framed { target: spelled_alike(&framed.target), ..framed.clone() };
    for (at, (here, there)) in ours.messages.iter().zip(&theirs.messages).enumerate() {
        if alike(here) != alike(there) {
            return Some(format!("message {at}: {here:?}, there {there:?}"));
        }
    }
    let more = ours.ends_well && theirs.messages.len() > ours.messages.len();
    more.then(|| format!("more messages there: {:?}", theirs.messages.last()))
}

fn compare(reader: &str, direction: Direction, readings: &[Reading]) {
    let corpus = direction.corpus();
    assert_eq!(readings.len(), corpus.len(), "{reader} must read every case");
    let explained: BTreeMap<&str, &str> =
        EXPLAINED.iter().filter(|(who, ..)| *who == reader).map(|(_, case, why)| (*case, *why)).collect();
    let mut contradictions = BTreeMap::new();
    let (mut both, mut only_theirs) = (0, 0);
    for ((name, bytes), theirs) in corpus.iter().zip(readings) {
        let ours = direction.read_here(bytes);
        if let Some(how) = contradiction(&ours, theirs) {
            contradictions.insert(*name, how);
        }
        both += usize::from(ours.ends_well && theirs.ends_well);
        only_theirs += usize::from(!ours.ends_well && theirs.ends_well);
    }
    println!(
        "{reader}: of {} {direction:?}, {both} accepted by both, {only_theirs} refused only here",
        corpus.len()
    );
    let unexplained: Vec<_> =
        contradictions.iter().filter(|(name, _)| !explained.contains_key(*name)).collect();
    assert!(unexplained.is_empty(), "{reader}: {unexplained:#?}");
    for name in explained.keys().filter(|name| corpus.iter().any(|(case, _)| case == *name)) {
        assert!(contradictions.contains_key(name), "{reader} agrees on {name:?} now: delete its explanation");
    }
    assert!(both > corpus.len() / 5, "{reader} accepts too little to say anything");
}

/// Runs a reader that takes a line a case and gives one. None if it isn't installed.
fn run(command: &mut Command, corpus: &[(&str, Vec<u8>)]) -> Option<Vec<Reading>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut input = child.stdin.take().unwrap();
    let lines: String = corpus.iter().map(|(_, bytes)| hex(bytes) + "\n").collect();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _one_that_cannot_start_reads_nothing = writing.join().unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap().lines().map(reading::line).collect())
}

fn installed(reader: &str, file: &str, program: &str, first: &[&str]) {
    for direction in [Direction::Requests, Direction::Responses] {
        let script = format!("{}/tests/it/readers/{}/{file}", env!("CARGO_MANIFEST_DIR"), direction.folder());
        match run(Command::new(program).args(first).arg(script), &direction.corpus()) {
            Some(readings) => compare(reader, direction, &readings),
            None => eprintln!("SKIPPED LOUDLY: {reader} can't be run here"),
        }
    }
}

#[test]
fn llhttp() {
    installed("llhttp", "llhttp.js", "node", &[]);
}

#[test]
fn h11() {
    installed("h11", "read_by_h11.py", "python3", &[]);
}

#[test]
fn go() {
    installed("net/http", "net_http.go", "go", &["run"]);
}

#[test]
fn hyper() {
    for (direction, read) in [
        (Direction::Requests, hyper::read_requests as fn(&[u8]) -> Reading),
        (Direction::Responses, hyper::read_response),
    ] {
        let readings: Vec<_> = direction.corpus().iter().map(|(_, bytes)| read(bytes)).collect();
        compare("hyper", direction, &readings);
    }
}
