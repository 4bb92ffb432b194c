//! A server on this thread that is warmed up, with its client and its upstream on other threads: only the server is
//! counted.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use tokio::runtime;
use tokio::sync::oneshot;

use super::probe::{Probe, Taken};
use crate::support::PATIENCE;

/// The first requests are read into what is left of the first buffers, and open the connection to the upstream.
const WARM_UP: usize = 200;

/// How many requests are measured.
pub(crate) const REQUESTS: usize = 200;

/// What [`REQUESTS`] requests allocate in the whole thread, and how much of that below each of `probes`.
///
/// `serve` is called in the runtime. What it returns beside the address is kept until the end.
pub(crate) fn steady<S, const N: usize>(
    serve: impl FnOnce() -> (SocketAddr, S),
    request: &str,
    probes: [&Probe; N],
) -> (Taken, [Taken; N]) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (addr, _serving) = runtime.block_on(async { serve() });
    let client = Client { stream: TcpStream::connect(addr).unwrap(), request: request.to_owned() };
    let client = runtime.block_on(client.ask(WARM_UP)).unwrap();
    let answered = client.ask(REQUESTS);
    let _warmed_up = probes.map(Probe::read);
    let all = Taken::by(|| drop(runtime.block_on(answered).unwrap()));
    (all, probes.map(Probe::read))
}

struct Client {
    stream: TcpStream,
    request: String,
}

impl Client {
    /// Sends its requests from a thread of its own, one after the other.
    fn ask(mut self, times: usize) -> oneshot::Receiver<Self> {
        let (done, answered) = oneshot::channel();
        thread::spawn(move || {
            self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
            for _ in 0..times {
                self.stream.write_all(self.request.as_bytes()).unwrap();
                assert_ne!(read_message(&mut self.stream), 0, "an answer");
            }
            let _ = done.send(self);
        });
        answered
    }
}

/// An upstream that answers `hello` to everything.
pub(crate) fn upstream() -> SocketAddr {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello";
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || while read_message(&mut stream) > 0 && stream.write_all(ANSWER).is_ok() {});
        }
    });
    addr
}

/// The bytes of a head and the body that its `Content-Length` announces; 0 where the connection ends.
fn read_message(stream: &mut TcpStream) -> usize {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if length(&read).is_some_and(|length| length <= read.len()) {
            return read.len();
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return 0,
            Ok(more) => read.extend_from_slice(&chunk[..more]),
        }
    }
}

fn length(read: &[u8]) -> Option<usize> {
    let head = str::from_utf8(read).ok()?.split_inclusive("\r\n\r\n").next()?;
    let announced = || head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    head.ends_with("\r\n\r\n").then(|| head.len() + announced().unwrap_or(0))
}
