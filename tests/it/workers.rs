//! Several workers in one gateway: which of them serve, what they share, and how they end.

mod ending;
mod sharing;

use std::convert::Infallible;

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::RecordingUpstream;
use axum::body::Body;
use axum::http::{Request, Response};
use gateway::Gateway;

/// A gateway with this number of workers, `/api` over `upstream`, and a page that says which worker answers.
fn gateway(workers: usize, upstream: &RecordingUpstream, config: &str) -> TestGateway {
    TestGateway::on_workers(workers, &one_pool(&upstream.url(), config), with_names)
}

fn with_names(gateway: Gateway) -> Gateway {
    gateway.nest_service("/worker", tower::service_fn(name))
}

async fn name(_: Request<Body>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(format!("{:?}", std::thread::current().id())))
}

/// A connection to each worker. The kernel decides which worker gets a connection, so they are opened until each has
/// one.
async fn one_each(gateway: &TestGateway, workers: usize) -> Vec<RawClient> {
    const MANY: usize = 200;
    let mut found: Vec<(String, RawClient)> = Vec::new();
    for _ in 0..MANY {
        let mut client = RawClient::connect(gateway.addr).await;
        let worker = client.get("/worker").await.text();
        if found.iter().all(|(known, _)| *known != worker) {
            found.push((worker, client));
        }
        if found.len() == workers {
            return found.into_iter().map(|(_, client)| client).collect();
        }
    }
    panic!("{MANY} connections, and only {} of {workers} workers serve", found.len());
}
