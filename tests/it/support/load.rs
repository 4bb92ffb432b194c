//! Requests over a number of keep-alive connections, one after the other on each, until it is stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::ask::{Answer, Client, GET, Protocol, Shape};
use super::within;

/// The field with a request's number: no two requests of a load have the same.
pub const ID: &str = "x-load-id";

const PATH: &str = "/api/users";

pub struct Load {
    counts: Arc<watch::Sender<Counts>>,
    clients: JoinSet<()>,
}

/// The result of a load.
pub struct Outcome {
    /// How many were answered with 200 and a whole body.
    pub answered: u64,
    /// All the others, in the order in which they ended.
    pub failed: Vec<Failure>,
}

/// A request that was not answered with 200 and a whole body.
#[derive(Debug)]
#[allow(dead_code, reason = "some of it is read in `tests/alone` only")]
pub struct Failure {
    pub began: Instant,
    pub took: Duration,
    pub method: &'static str,
    pub id: u64,
    /// As much of an answer as came; `None` if not a byte of it did.
    pub answer: Option<Answer>,
}

#[derive(Default)]
struct Counts {
    answered: u64,
    failed: Vec<Failure>,
    last: Vec<u8>,
    is_over: bool,
}

impl Load {
    /// GETs only.
    pub fn start(gateway: SocketAddr, connections: usize) -> Self {
        Self::of(&[GET], gateway, connections)
    }

    /// Each connection sends these in turn; neighbouring connections begin with different ones.
    pub fn of(shapes: &'static [Shape], gateway: SocketAddr, connections: usize) -> Self {
        let counts = Arc::new(watch::Sender::new(Counts::default()));
        let ids = Arc::new(AtomicU64::new(0));
        let mut clients = JoinSet::new();
        for number in 0..connections {
            let shapes = shapes.iter().copied().cycle().skip(number % shapes.len());
            clients.spawn(client(gateway, shapes, ids.clone(), counts.clone()));
        }
        Self { counts, clients }
    }

    /// Waits for this number of further answers.
    pub async fn more(&self, count: u64) {
        let target = self.counts.borrow().answered + count;
        self.wait("more answers", move |counts| counts.answered >= target).await;
    }

    /// Waits for an answer by the upstream on that port.
    pub async fn answered_by(&self, port: u16) {
        let hello = format!("hello from upstream {port}");
        self.wait(&hello.clone(), move |counts| counts.last.starts_with(hello.as_bytes())).await;
    }

    /// Waits for this number of further failures of that kind.
    pub async fn fails(&self, count: usize, is_meant: impl Fn(&Failure) -> bool) {
        let mut seen = self.counts.borrow().failed.len();
        let mut left = count;
        let enough = move |counts: &Counts| {
            left -= counts.failed[seen..].iter().filter(|failure| is_meant(failure)).count().min(left);
            seen = counts.failed.len();
            left == 0
        };
        self.wait("more failures", enough).await;
    }

    /// Ends once every request that has begun has its answer.
    pub async fn stop(mut self) -> Outcome {
        self.counts.send_modify(|counts| counts.is_over = true);
        while let Some(client) = within("a client to stop", self.clients.join_next()).await {
            client.unwrap();
        }
        self.counts.send_replace(Counts::default()).into()
    }

    async fn wait(&self, what: &str, is_reached: impl FnMut(&Counts) -> bool) {
        let mut counts = self.counts.subscribe();
        drop(within(what, counts.wait_for(is_reached)).await.unwrap());
    }
}

async fn client(
    gateway: SocketAddr,
    mut shapes: impl Iterator<Item = Shape>,
    ids: Arc<AtomicU64>,
    counts: Arc<watch::Sender<Counts>>,
) {
    let mut client = Client::connect(Protocol::Http1, gateway).await;
    while !counts.borrow().is_over
        && let Some(shape) = shapes.next()
    {
        let id = ids.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let answer = client.ask_with(shape, PATH, &[(ID, &id.to_string())]).await;
        let took = began.elapsed();
        if !answer.as_ref().is_some_and(keeps_the_connection) {
            client = Client::connect(Protocol::Http1, gateway).await;
        }
        counts.send_modify(|counts| match answer {
            Some(Answer { status: 200, is_complete: true, body, .. }) => {
                counts.answered += 1;
                counts.last = body;
            }
            answer => counts.failed.push(Failure { began, took, method: shape.method, id, answer }),
        });
    }
}

fn keeps_the_connection(answer: &Answer) -> bool {
    answer.is_complete && !answer.fields.lists("connection", "close")
}

impl Failure {
    /// `None` if there was no head.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

impl From<Counts> for Outcome {
    fn from(Counts { answered, failed, .. }: Counts) -> Self {
        Self { answered, failed }
    }
}
