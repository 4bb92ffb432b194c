//! Upstreams that come and go: names and SRV records in DNS, files, sources of a program's own, and tiers.

mod files;
mod names;
mod own;
mod resolvers;
mod services;
mod tiers;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::support::raw::RawClient;
use crate::support::within;

/// Upstreams at several addresses of loopback and the same port. Each answers with its address and the `Host` that it
/// got.
struct Farm {
    port: u16,
    serving: BTreeMap<Ipv4Addr, JoinHandle<()>>,
}

impl Farm {
    /// At `127.0.0.N` for each of these numbers.
    async fn at(numbers: &[u8]) -> Self {
        loop {
            if let Some(farm) = Self::try_at(numbers).await {
                return farm;
            }
        }
    }

    /// `None` if the port is taken at one of the addresses.
    async fn try_at(numbers: &[u8]) -> Option<Self> {
        let mut farm = Self { port: 0, serving: BTreeMap::new() };
        for number in numbers {
            farm.open(*number).await?;
        }
        Some(farm)
    }

    async fn open(&mut self, number: u8) -> Option<()> {
        let ip = address(number);
        let listener = TcpListener::bind((ip, self.port)).await.ok()?;
        self.port = listener.local_addr().unwrap().port();
        let app = Router::new().fallback(async move |headers: HeaderMap| {
            let host = headers["host"].to_str().unwrap();
            // One request a connection, so that whoever is closed is not reached any more.
            ([("connection", "close")], format!("{ip} {host}"))
        });
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        self.serving.insert(ip, serving);
        Some(())
    }

    /// Nobody listens at that address any more.
    async fn close(&mut self, number: u8) {
        let serving = self.serving.remove(&address(number)).unwrap();
        serving.abort();
        assert!(serving.await.unwrap_err().is_cancelled());
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.serving.values().for_each(JoinHandle::abort);
    }
}

fn address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, number)
}

/// For upstreams that are closed while requests are under way.
const AGAIN: &str = "failover = 2\nretries = { attempts = 2 }\nslow_start = false\n\
                     outliers = { consecutive = 1, ejection = \"1s\", max_ejected = 100 }";

/// For requests of several clients at a time: if two take turns with each other, round robin always sends each of them
/// to the same upstream.
const ANY: &str = "balance = \"random\"";

/// A pool with these upstreams behind `/`, and these further keys of the pool.
fn config(dns: &str, upstreams: &str, keys: &str) -> String {
    format!("{dns}\n[pools.api]\nupstreams = {upstreams}\n{keys}\n[routes.\"/api\"]\npool = \"api\"\n")
}

/// Who answers this request; what else comes is a failure.
async fn answered(client: &mut RawClient) -> String {
    let response = client.get("/api/x").await;
    assert_eq!(response.status(), 200, "{}", response.text());
    response.text()
}

/// The last numbers of the addresses that answer so many requests.
async fn answerers(gateway: SocketAddr, requests: usize) -> BTreeSet<u8> {
    let mut client = RawClient::connect(gateway).await;
    let mut numbers = BTreeSet::new();
    for _ in 0..requests {
        numbers.insert(number_in(&answered(&mut client).await));
    }
    numbers
}

fn number_in(answer: &str) -> u8 {
    let ip: Ipv4Addr = answer.split(' ').next().unwrap().parse().unwrap();
    ip.octets()[3]
}

/// Sends requests, so many at a time that each upstream gets one of them, until exactly these upstreams answer, and says how long that took. No request may fail.
async fn until_answered_by(gateway: SocketAddr, numbers: &[u8]) -> Duration {
    let (began, wanted) = (Instant::now(), BTreeSet::from_iter(numbers.iter().copied()));
    let asking = async {
        let mut seen = BTreeSet::new();
        while seen != wanted {
            seen.extend(answerers(gateway, 40).await);
            seen = if seen.is_subset(&wanted) { seen } else { BTreeSet::new() };
        }
    };
    within(&format!("answers from {numbers:?} alone"), asking).await;
    began.elapsed()
}

/// Requests, one after the other, of which none may fail.
struct Steady {
    stop: oneshot::Sender<()>,
    asking: JoinHandle<usize>,
}

impl Steady {
    fn start(gateway: SocketAddr) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let asking = tokio::spawn(async move {
            let mut client = RawClient::connect(gateway).await;
            let mut count = 0;
            while stopped.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Empty) {
                answered(&mut client).await;
                count += 1;
            }
            count
        });
        Self { stop, asking }
    }

    /// Ends, and fails if a request has failed.
    async fn stop(self) {
        let _ended = self.stop.send(());
        assert!(self.asking.await.unwrap() > 0);
    }
}
