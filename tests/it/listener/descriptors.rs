//! Running out of file descriptors. The limit counts for a whole process, so the test runs this binary again under a
//! low one.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use gateway::serve::Limits;

use super::support::*;

#[test]
fn running_out_of_descriptors_is_survived() {
    let child = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 64 && exec \"$0\" --ignored --exact listener::descriptors::under_a_low_limit --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{output}{}", String::from_utf8_lossy(&child.stderr));
    assert!(output.contains("1 passed"), "the child must have run: {output}");
}

#[tokio::test]
#[ignore = "run by running_out_of_descriptors_is_survived, under a limit of 64"]
async fn under_a_low_limit() {
    assert_eq!(Limits::default().within_open_file_limit().connections, 32);
    let served = start(Limits::default()).await;
    let mut old = served.connect().await;
    ask(&mut old, &get("/old"), "/old").await;
    let cpu = CpuClock::open();

    let mut hoard: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // One descriptor is left for the client's end, and none for the server's.
    hoard.pop();
    let mut new = served.connect().await;
    let (since, used) = (Instant::now(), cpu.used());
    let answered = tokio::spawn(async move { ask(&mut new, &get("/new"), "/new").await });
    while since.elapsed() < Duration::from_secs(1) {
        ask(&mut old, &get("/old"), "/old").await;
        tokio::time::sleep(millis(50)).await;
    }
    assert!(!answered.is_finished(), "nothing to accept with");
    let used = cpu.used() - used;
    assert!(used < millis(200), "{used:?} of CPU in a second: it spins");

    hoard.clear();
    let freed = Instant::now();
    within_patience(answered).await.unwrap();
    assert!(freed.elapsed() < Duration::from_millis(1500), "{:?}", freed.elapsed());
}

/// The CPU time of this process, read from a file that is opened while there are descriptors left.
struct CpuClock(File);

impl CpuClock {
    fn open() -> Self {
        Self(File::open("/proc/self/stat").unwrap())
    }

    /// proc_pid_stat(5): utime and stime are fields 14 and 15, in ticks of 10 ms; field 2 ends with the last `)`.
    fn used(&self) -> Duration {
        let mut text = [0; 1024];
        let read = self.0.read_at(&mut text, 0).unwrap();
        let text = std::str::from_utf8(&text[..read]).unwrap();
        let fields = text.rsplit(')').next().unwrap().split_ascii_whitespace();
        millis(fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
    }
}
