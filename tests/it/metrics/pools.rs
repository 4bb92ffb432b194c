//! What is counted of pools and their endpoints.

use std::fmt::Write as _;
use std::time::Instant;

use super::scraped::{Scraped, until};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::unreachable::Refusing;

#[tokio::test]
async fn an_endpoint_that_is_dead_shows_how_and_that_it_is_out() {
    let (alive, dead) = (RecordingUpstream::start(|_| Script::ok("answer")).await, Refusing::new());
    let config = format!(
        "[pools.api]\nupstreams = [\"http://{}\", \"{}\"]\n[pools.api.outliers]\nconsecutive = 2\n\
         [routes.\"/api\"]\npool = \"api\"\n",
        dead.addr,
        alive.url()
    );
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..4 {
        assert_eq!(client.get("/api/x").await.status(), 200);
    }
    let (dead, alive) =
        (format!("endpoint=\"http://{}\"", dead.addr), format!("endpoint=\"{}\"", alive.url()));
    until(&gateway, "the answers to end", |scraped| {
        scraped.value(&format!("gateway_endpoint_requests_in_flight{{pool=\"api\",{alive}}}")) == 0.0
    })
    .await;
    let scraped = Scraped::from(&gateway.handle);
    for (sample, expected) in [
        ("gateway_pool_endpoints{pool=\"api\"}".to_owned(), 2.0),
        ("gateway_pool_usable_endpoints{pool=\"api\"}".to_owned(), 1.0),
        ("gateway_pool_failovers_total{pool=\"api\"}".to_owned(), 2.0),
        (format!("gateway_endpoint_errors_total{{pool=\"api\",{dead},error=\"connection_refused\"}}"), 2.0),
        (format!("gateway_endpoint_failures_total{{pool=\"api\",{dead}}}"), 2.0),
        (format!("gateway_endpoint_ejections_total{{pool=\"api\",{dead}}}"), 1.0),
        (format!("gateway_endpoint_state{{pool=\"api\",{dead},state=\"ejected\"}}"), 1.0),
        (format!("gateway_endpoint_state{{pool=\"api\",{dead},state=\"available\"}}"), 0.0),
        (format!("gateway_endpoint_state{{pool=\"api\",{alive},state=\"available\"}}"), 1.0),
        (format!("gateway_endpoint_requests_total{{pool=\"api\",{alive}}}"), 4.0),
        (format!("gateway_endpoint_connections_created_total{{pool=\"api\",{alive}}}"), 1.0),
        (format!("gateway_endpoint_connections_reused_total{{pool=\"api\",{alive}}}"), 3.0),
        (format!("gateway_endpoint_connections_idle{{pool=\"api\",{alive}}}"), 1.0),
    ] {
        assert_eq!(scraped.value(&sample), expected, "{sample}");
    }
}

/// The bound is for a debug build on a busy machine. `benches/scrapes` measures a release build.
#[tokio::test]
async fn a_thousand_endpoints_are_scraped_quickly() {
    let mut config = "[routes.\"/api\"]\npool = \"api\"\n[pools.api]\nupstreams = [".to_owned();
    for port in 1..=1000 {
        write!(config, "\"http://127.0.0.1:{port}\",").unwrap();
    }
    let gateway = TestGateway::start(&(config + "]\n"));
    until(&gateway, "the pools to be there", |scraped| scraped.sum("gateway_pool_endpoints") == 1000.0).await;
    let fastest = (0..5).map(|_| {
        let began = Instant::now();
        let scraped = Scraped::from(&gateway.handle);
        let took = began.elapsed();
        assert_eq!(scraped.sum("gateway_endpoint_weight"), 1000.0);
        took
    });
    let fastest = fastest.min().unwrap();
    println!("a scrape of 1,000 endpoints: {fastest:?}");
    assert!(fastest.as_millis() < 500, "{fastest:?}");
}
