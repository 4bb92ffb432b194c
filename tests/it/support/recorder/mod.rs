//! The recording upstream: an HTTP/1 server that accepts nothing malformed, logs every request and every connection,
//! and answers by script.

mod connection;
mod log;
mod script;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

pub use self::log::{End, RecordedConnection, RecordedRequest};
pub use self::script::{Answer, Script, Step};

use self::connection::Connection;
use self::log::{Log, Seen};
use super::body::BodyEnd;
use super::listening::Listening;
use super::syntax::Violation;
use super::within;

/// Killed when dropped.
pub struct RecordingUpstream {
    addr: SocketAddr,
    log: Log,
    conduct: Arc<Conduct>,
    listening: Option<Listening>,
}

/// How the upstream behaves.
struct Conduct {
    greeting: Box<dyn Fn(usize) -> Script + Send + Sync>,
    script: Box<dyn Fn(&RecordedRequest) -> Script + Send + Sync>,
}

impl RecordingUpstream {
    /// Listens on a free port of 127.0.0.1. `script` is asked when a request's head has come: its body is still empty.
    pub async fn start(script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static) -> Self {
        Self::start_greeting(|_| Script::default(), script).await
    }

    /// As [`RecordingUpstream::start`], with a script by the connection's number that is played as soon as a connection
    /// is accepted: to close it, reset it, or say something unasked.
    pub async fn start_greeting(
        greeting: impl Fn(usize) -> Script + Send + Sync + 'static,
        script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let conduct = Conduct { greeting: Box::new(greeting), script: Box::new(script) };
        let mut upstream = Self {
            addr: listener.local_addr().unwrap(),
            log: Log::new(),
            conduct: Arc::new(conduct),
            listening: None,
        };
        upstream.listen(listener);
        upstream
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// As a target: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Every request whose head has come, in that order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log.read(|seen| seen.requests.clone())
    }

    /// Every connection ever accepted, by number.
    pub fn connections(&self) -> Vec<RecordedConnection> {
        self.log.read(|seen| seen.connections.clone())
    }

    /// Every violation with the bytes around it, by connection.
    pub fn violations(&self) -> Vec<(Violation, bytes::Bytes)> {
        self.connections().into_iter().filter_map(|connection| connection.violation).collect()
    }

    /// # Panics
    /// If there was any violation.
    pub fn assert_clean(&self) {
        assert!(self.violations().is_empty(), "{:#?}", self.violations());
    }

    /// Waits until `count` requests have ended, which means that their bodies were completely read or cut, and returns
    /// all that have ended.
    pub async fn wait_for(&self, count: usize) -> Vec<RecordedRequest> {
        let ended = |seen: &mut Seen| {
            let ended = seen.requests.iter().filter(|request| request.body.end != BodyEnd::Open);
            let ended: Vec<RecordedRequest> = ended.cloned().collect();
            (ended.len() >= count).then_some(ended)
        };
        self.log.wait(&format!("{count} requests"), ended).await
    }

    /// Waits until `count` requests have begun, and returns all that have.
    pub async fn wait_for_heads(&self, count: usize) -> Vec<RecordedRequest> {
        let begun = |seen: &mut Seen| (seen.requests.len() >= count).then(|| seen.requests.clone());
        self.log.wait(&format!("{count} request heads"), begun).await
    }

    /// Waits until `count` connections have been accepted.
    pub async fn wait_for_connections(&self, count: usize) {
        let accepted = |seen: &mut Seen| (seen.connections.len() >= count).then_some(());
        self.log.wait(&format!("{count} connections"), accepted).await;
    }

    /// Waits for the next connection's end; every end is returned once, in order.
    pub async fn next_closed(&self) -> RecordedConnection {
        let next = |seen: &mut Seen| {
            let number = *seen.ended.get(seen.reported)?;
            seen.reported += 1;
            Some(seen.connections[number].clone())
        };
        self.log.wait("a connection's end", next).await
    }

    /// Stops listening and drops every connection, as the kernel does for a killed process. The sockets are closed when
    /// this returns. Does nothing if it is not running.
    pub async fn kill(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.stop().await;
        }
    }

    /// Listens on the same port again; the log goes on.
    pub async fn restart(&mut self) {
        self.kill().await;
        let listener = within("the port to be free", bind_again(self.addr)).await;
        self.listen(listener);
    }

    fn listen(&mut self, listener: TcpListener) {
        let (log, conduct) = (self.log.clone(), self.conduct.clone());
        self.listening = Some(Listening::start(listener, move |stream, peer| {
            let (record, conduct) = (log.open(peer), conduct.clone());
            async move {
                let greeting = (conduct.greeting)(record.number());
                Connection::new(stream, record).serve(greeting, &*conduct.script).await;
            }
        }));
    }
}

/// An outgoing connection of another process may have been given the port meanwhile, so this tries again.
async fn bind_again(addr: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(addr).await {
            Ok(listener) => return listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
