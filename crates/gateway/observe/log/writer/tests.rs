use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use super::*;
use crate::observe::log::{Lines, Log};

const PATIENCE: Duration = Duration::from_secs(20);
const LINE: [u8; 1000] = [b'x'; 1000];

/// The result of the next write.
enum Next {
    Takes,
    Part,
    Fails(ErrorKind),
}

/// A target whose writes have the results that a test sends. A write blocks until there is a result. When the test has
/// dropped the sender, each write takes everything.
#[derive(Clone)]
struct Scripted {
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    next: Arc<Mutex<Receiver<Next>>>,
}

impl Scripted {
    fn new() -> (Self, Sender<Next>) {
        let (tell, next) = channel();
        (Self { seen: Arc::default(), next: Arc::new(Mutex::new(next)) }, tell)
    }

    fn writes(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }

    fn text(&self) -> String {
        String::from_utf8(self.writes().concat()).unwrap()
    }

    fn wait_for(&self, text: &str) {
        let began = Instant::now();
        while !self.text().contains(text) {
            assert!(began.elapsed() < PATIENCE, "no {text:?} in {:?}", self.text());
            thread::yield_now();
        }
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let next = self.next.lock().unwrap().recv();
        let taken = match next.unwrap_or(Next::Takes) {
            Next::Takes => bytes.len(),
            Next::Part => bytes.len().min(7),
            Next::Fails(kind) => return Err(kind.into()),
        };
        self.seen.lock().unwrap().push(bytes[..taken].to_vec());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log(target: Target) -> Log {
    Log::to(target).unwrap()
}

/// Logs more lines than the queue holds, while the first write blocks. Returns how many lines must have been dropped.
fn overfill(log: &Log, target: &Scripted) -> usize {
    const LINES: usize = 5000;
    log.print("first\n");
    for _ in 0..LINES {
        log.print(str::from_utf8(&LINE).unwrap());
    }
    assert_eq!(target.text(), "");
    let fits = (2 << 20) / (1 + LINE.len().div_ceil(8)) / 8;
    LINES - fits
}

#[test]
fn lines_that_do_not_fit_are_counted_once_there_is_room_again() {
    let (target, tell) = Scripted::new();
    let log = log(Target::file(target.clone()));
    let dropped = overfill(&log, &target);
    drop(tell);
    target.wait_for("dropped=");
    let text = target.text();
    let (lines, counted) = text.rsplit_once("x2").unwrap();
    let (_, count) = counted.trim_end().split_once("Z  WARN gateway::log: lines are missing here").unwrap();
    let count: usize = count.rsplit_once('=').unwrap().1.parse().unwrap();
    let written = lines.matches('x').count().div_ceil(LINE.len());
    assert_eq!(written + count, 5000);
    // The lines that the writer had taken before left room in the queue, so a few less may be dropped.
    assert!((dropped - 70..=dropped).contains(&count), "{count} of about {dropped}");
    log.print("after\n");
    target.wait_for("after\n");
    drop(log);
    assert_eq!(target.text().matches("dropped=").count(), 1);
}

#[test]
fn a_target_that_fails_is_tried_again() {
    for kind in [ErrorKind::BrokenPipe, ErrorKind::StorageFull, ErrorKind::WouldBlock, ErrorKind::Interrupted]
    {
        let (target, tell) = Scripted::new();
        let log = log(Target::file(target.clone()));
        log.print("one\n");
        tell.send(Next::Fails(kind)).unwrap();
        tell.send(Next::Fails(kind)).unwrap();
        tell.send(Next::Part).unwrap();
        log.print("two\n");
        drop(tell);
        log.print("three\n");
        target.wait_for("three\n");
        drop(log);
        assert_eq!(target.text(), "one\ntwo\nthree\n", "{kind}");
    }
}

#[test]
fn what_is_queued_at_the_end_is_written() {
    let (target, tell) = Scripted::new();
    let log = log(Target::file(target.clone()));
    for number in 0..1000 {
        log.print(&format!("{number}\n"));
    }
    drop(tell);
    drop(log);
    let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
    assert_eq!(target.text(), expected);
}

#[test]
fn the_end_does_not_wait_for_one_who_is_stuck() {
    let (target, _tell) = Scripted::new();
    let log = log(Target::file(target.clone()));
    let _dropped = overfill(&log, &target);
    let began = Instant::now();
    drop(log);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}: it had its second", began.elapsed());
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(target.text(), "");
}

/// If the target always fails, dropping the log ends at once.
#[test]
fn the_end_does_not_wait_for_one_who_has_left() {
    let (target, tell) = Scripted::new();
    let log = log(Target::file(target.clone()));
    for _ in 0..1000 {
        tell.send(Next::Fails(ErrorKind::BrokenPipe)).unwrap();
    }
    log.print("one\n");
    let began = Instant::now();
    drop(log);
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
}

#[test]
fn many_lines_are_one_write() {
    for (is_file, writes) in [(true, 1..=2), (false, 11..=14)] {
        let (target, tell) = Scripted::new();
        let seen = target.clone();
        let log = log(if is_file { Target::file(target) } else { Target::pipe(target) });
        for number in 0..1000 {
            log.print(&format!("{number:>40}\n"));
        }
        drop(tell);
        drop(log);
        let seen = seen.writes();
        assert!(writes.contains(&seen.len()), "{} writes", seen.len());
        for written in seen {
            assert!(written.ends_with(b"\n") && (is_file || written.len() <= 4096), "{}", written.len());
        }
    }
}

#[test]
fn each_line_goes_to_one_target_or_the_next() {
    let free = || {
        let (target, tell) = Scripted::new();
        drop(tell);
        target
    };
    let mut targets = vec![free()];
    let lines = Lines::start(Target::file(targets[0].clone()), LogFormat::Text).unwrap();
    let tap = lines.tap();
    for number in 0..1000 {
        lines.intake().take(format!("{number}\n").as_bytes());
        if number % 100 == 50 {
            let target = free();
            while tap.turn_to(Target::file(target.clone())).is_err() {
                thread::yield_now();
            }
            targets.push(target);
        }
    }
    lines.finish();
    let all: String = targets.iter().map(Scripted::text).collect();
    assert_eq!(all, (0..1000).map(|number| format!("{number}\n")).collect::<String>());
    assert!(targets.iter().filter(|target| !target.text().is_empty()).count() > 1);
}

#[test]
fn a_target_that_is_stuck_is_not_left_twice() {
    let (stuck, tell) = Scripted::new();
    let (next, _) = Scripted::new();
    let lines = Lines::start(Target::file(stuck.clone()), LogFormat::Text).unwrap();
    lines.intake().take(b"first\n");
    let began = Instant::now();
    // The first may find the thread still awake, which then takes it.
    while lines.tap().turn_to(Target::file(next.clone())).is_ok() {
        assert!(began.elapsed() < PATIENCE);
    }
    drop(tell);
    lines.intake().take(b"second\n");
    lines.finish();
    assert_eq!(stuck.text() + &next.text(), "first\nsecond\n");
}
