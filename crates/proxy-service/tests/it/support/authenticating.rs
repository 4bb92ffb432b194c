//! An upstream that authenticates connections rather than requests, as NTLM does: after three steps, every request on
//! that connection is in the name of the client.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses another part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request as it came, on the connection with this number, from 0.
#[derive(Clone, Debug)]
pub struct Seen {
    pub connection: usize,
    pub head: String,
}

impl Seen {
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

/// How it answers unknown clients, and what it does with the last step.
#[derive(Clone)]
pub struct Manners {
    pub challenges: Vec<&'static str>,
    pub at_the_last_step: LastStep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LastStep {
    Welcome,
    /// Closes the connection without an answer.
    HangUp,
    /// 503.
    Busy,
}

impl Default for Manners {
    fn default() -> Self {
        Self { challenges: vec!["NTLM"], at_the_last_step: LastStep::Welcome }
    }
}

/// Answers 401 until a connection is authenticated, except for `/open`. The body says whose request it is and on which
/// connection it came: `alice on 3`, `nobody on 0`.
pub struct Upstream {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    closed: UnboundedReceiver<usize>,
}

struct Shared {
    manners: Manners,
    seen: Mutex<Vec<Seen>>,
    closed: UnboundedSender<usize>,
}

impl Upstream {
    pub async fn new() -> Self {
        Self::with(Manners::default()).await
    }

    pub async fn challenging(challenges: &[&'static str]) -> Self {
        Self::with(Manners { challenges: challenges.to_vec(), ..Manners::default() }).await
    }

    pub async fn with(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (closed, ends) = unbounded_channel();
        let shared = Arc::new(Shared { manners, seen: Mutex::default(), closed });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            for number in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, number, Arc::clone(&serving)));
            }
        });
        Self { addr, shared, closed: ends }
    }

    pub fn target(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Waits until that connection has been closed by the other side.
    pub async fn until_closed(&mut self, connection: usize) {
        let closed = async { while self.closed.recv().await.unwrap() != connection {} };
        let in_time = tokio::time::timeout(Duration::from_secs(20), closed).await;
        in_time.unwrap_or_else(|_| panic!("connection {connection} is still open"));
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, number: usize, shared: Arc<Shared>) {
    if speak(stream, number, &shared).await.is_none() {
        let _test_is_over = shared.closed.send(number);
    }
}

/// `None` if the other side closed it.
async fn speak(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    number: usize,
    shared: &Shared,
) -> Option<()> {
    let (mut name, mut is_challenged) = (None::<String>, false);
    loop {
        let head = read_request(&mut stream).await?;
        shared.seen.lock().unwrap().push(Seen { connection: number, head: head.clone() });
        let credentials = field(&head, "authorization").and_then(|value| value.split_once(' '));
        let scheme = credentials.map_or("", |(scheme, _)| scheme);
        match credentials.map(|(_, token)| token.split(':').collect::<Vec<_>>()).as_deref() {
            Some(["hello", _]) => {
                (name, is_challenged) = (None, true);
                let line = format!("WWW-Authenticate: {scheme} challenge:{number}\r\n");
                write(&mut stream, "401 Unauthorized", &line, "go on").await?;
                continue;
            }
            Some(["answer", challenge, claimed]) => match shared.manners.at_the_last_step {
                LastStep::HangUp => return Some(()),
                LastStep::Busy => {
                    write(&mut stream, "503 Service Unavailable", "", "busy").await?;
                    continue;
                }
                LastStep::Welcome if is_challenged && *challenge == number.to_string() => {
                    name = Some((*claimed).to_owned());
                }
                LastStep::Welcome => name = None,
            },
            _ => {}
        }
        is_challenged = false;
        let known = name.as_deref();
        let who = format!("{} on {number}", known.unwrap_or("nobody"));
        if known.is_some() && field(&head, "upgrade").is_some() {
            let switch =
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
            stream.write_all(switch.as_bytes()).await.ok()?;
            let mut bytes = [0; 64];
            loop {
                let count = stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
                stream.write_all(&bytes[..count]).await.ok()?;
            }
        }
        if known.is_some() || head.contains(" /open ") {
            write(&mut stream, "200 OK", "", &who).await?;
        } else {
            let lines = |line: &&str| format!("WWW-Authenticate: {line}\r\n");
            let lines: String = shared.manners.challenges.iter().map(lines).collect();
            write(&mut stream, "401 Unauthorized", &lines, &who).await?;
        }
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), status: &str, lines: &str, body: &str) -> Option<()> {
    let answer = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.ok()
}

/// A request's head; its body is read too.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = field(&head, "content-length").map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(head);
            }
        }
        stream.read_buf(&mut bytes).await.ok().filter(|count| *count > 0)?;
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}
