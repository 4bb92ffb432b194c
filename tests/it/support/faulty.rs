//! An upstream that can be made to fail while it serves, in the ways that upstreams fail. It counts its requests.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::body::Body;
use super::listening::Listening;
use super::load::ID;
use super::syntax;
use super::tools::free_port;
use super::wire::{self, Reader, Stop};
use super::within;

/// The path for probes: they are answered like any request, and not counted.
pub const HEALTH: &str = "/health";

/// How many bytes of a body are sent before the connection is reset.
const KEPT_BACK: usize = 10;

/// It is gone when dropped.
pub struct FaultyUpstream {
    addr: SocketAddr,
    state: Arc<State>,
    listening: Option<Listening>,
}

/// What happens to the requests that come from now on, once they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 200 with `hello from upstream PORT`.
    Normal,
    /// The same after this time.
    Latency(Duration),
    /// That status, without content.
    Status(u16),
    /// No answer, for as long as the client waits.
    Hang,
    /// 200, all but the last bytes of its body, then an RST.
    ResetMidBody,
}

/// A request whose head has come.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub at: Instant,
    pub method: String,
    /// The number that a [`Load`](super::load::Load) gave it.
    pub id: Option<u64>,
}

struct State {
    /// The whole answer.
    hello: String,
    mode: watch::Sender<Mode>,
    arrivals: watch::Sender<Vec<Arrival>>,
}

impl FaultyUpstream {
    /// Listens on a port of 127.0.0.1 that the system gives to no other socket while this is closed.
    pub async fn start(mode: Mode) -> Self {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let state = Arc::new(State::new(addr.port(), mode));
        let mut upstream = Self { addr, state, listening: None };
        upstream.open().await;
        upstream
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Requests that have already come are answered as before.
    pub fn turn(&self, mode: Mode) {
        self.state.mode.send_replace(mode);
    }

    /// Drops the listener and every connection: from then on, connections are refused. Does nothing if it is closed.
    pub async fn close(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.stop().await;
        }
    }

    /// Listens on the same port again; the counts stay. Does nothing if it is open.
    pub async fn open(&mut self) {
        if self.listening.is_some() {
            return;
        }
        let listener = TcpListener::bind(self.addr).await.unwrap();
        let state = self.state.clone();
        self.listening = Some(Listening::start(listener, move |stream, _| serve(stream, state.clone())));
    }

    /// Every request whose head has come, in that order.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.state.arrivals.borrow().clone()
    }

    /// How many requests came in that time.
    pub fn count(&self, time: &Range<Instant>) -> usize {
        self.state.arrivals.borrow().iter().filter(|arrival| time.contains(&arrival.at)).count()
    }

    /// Waits until this number of requests has come in all.
    pub async fn wait_for(&self, count: usize) {
        let mut arrivals = self.state.arrivals.subscribe();
        let enough = arrivals.wait_for(|arrivals| arrivals.len() >= count);
        drop(within(&format!("{count} requests"), enough).await.unwrap());
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let (mut reader, mut writer) = wire::split(stream);
    while state.request(&mut reader).await.is_ok() {
        let mode = *state.mode.borrow();
        let answer = match mode {
            Mode::Normal => state.hello.clone(),
            Mode::Latency(latency) => {
                tokio::time::sleep(latency).await;
                state.hello.clone()
            }
            Mode::Status(status) => format!("HTTP/1.1 {status} Faulty\r\nContent-Length: 0\r\n\r\n"),
            Mode::Hang => {
                reader.end().await;
                return;
            }
            Mode::ResetMidBody => {
                let most = state.hello.len() - KEPT_BACK;
                let _gone_already = writer.send(&state.hello.as_bytes()[..most]).await;
                return wire::reset(reader, writer);
            }
        };
        if writer.send(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl State {
    fn new(port: u16, mode: Mode) -> Self {
        let hello = format!("hello from upstream {port}\n");
        let hello = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{hello}", hello.len());
        Self { hello, mode: watch::Sender::new(mode), arrivals: watch::Sender::default() }
    }

    /// Reads a request to its end. `Err` if the client left or does not speak HTTP.
    async fn request(&self, reader: &mut Reader) -> Result<(), Stop> {
        let head = reader.head(syntax::request_line).await?.ok_or(Stop::Closed)?;
        let (method, target, version) = head.first;
        if target != HEALTH {
            let id = head.fields.one(ID).map(|id| id.parse().unwrap());
            let arrival = Arrival { at: Instant::now(), method, id };
            self.arrivals.send_modify(|arrivals| arrivals.push(arrival));
        }
        let mut body = Body::new(syntax::request_framing(version, &head.fields)?);
        body.read_to_end(reader).await;
        if body.is_complete() { Ok(()) } else { Err(Stop::Closed) }
    }
}
