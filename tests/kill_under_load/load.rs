//! GETs over so many keep-alive connections, one after the other on each, for as long as it takes.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::ask::{Answer, Client, GET, Protocol};
use crate::support::within;

pub(crate) struct Load {
    counts: Arc<watch::Sender<Counts>>,
    clients: JoinSet<()>,
}

#[derive(Default)]
struct Counts {
    answered: u64,
    failed: Vec<String>,
    last: Vec<u8>,
    is_over: bool,
}

impl Load {
    pub(crate) fn start(gateway: SocketAddr, connections: usize) -> Self {
        let counts = Arc::new(watch::Sender::new(Counts::default()));
        let mut clients = JoinSet::new();
        for _ in 0..connections {
            clients.spawn(client(gateway, Arc::clone(&counts)));
        }
        Self { counts, clients }
    }

    /// Waits for so many more answers.
    pub(crate) async fn more(&self, count: u64) {
        let target = self.counts.borrow().answered + count;
        self.wait("more answers", move |counts| counts.answered >= target).await;
    }

    /// Waits for an answer by the backend on that port.
    pub(crate) async fn answered_by(&self, port: u16) {
        let hello = format!("hello from upstream {port}");
        self.wait(&hello.clone(), move |counts| counts.last.starts_with(hello.as_bytes())).await;
    }

    /// How many were answered with 200, and everything else.
    pub(crate) async fn stop(mut self) -> (u64, Vec<String>) {
        self.counts.send_modify(|counts| counts.is_over = true);
        while let Some(client) = within("a client to stop", self.clients.join_next()).await {
            client.unwrap();
        }
        let counts = self.counts.borrow();
        (counts.answered, counts.failed.clone())
    }

    async fn wait(&self, what: &str, is_reached: impl FnMut(&Counts) -> bool) {
        let mut counts = self.counts.subscribe();
        drop(within(what, counts.wait_for(is_reached)).await.unwrap());
    }
}

async fn client(gateway: SocketAddr, counts: Arc<watch::Sender<Counts>>) {
    let mut client = Client::connect(Protocol::Http1, gateway).await;
    while !counts.borrow().is_over {
        let answer = client.ask(GET, "/api/users").await;
        if answer.is_none() {
            client = Client::connect(Protocol::Http1, gateway).await;
        }
        counts.send_modify(|counts| counts.add(answer));
    }
}

impl Counts {
    fn add(&mut self, answer: Option<Answer>) {
        match answer {
            Some(Answer { status: 200, is_complete: true, body, .. }) => {
                self.answered += 1;
                self.last = body;
            }
            other => self.failed.push(format!("{other:?}")),
        }
    }
}
