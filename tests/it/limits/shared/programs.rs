//! The same for programs without a configuration file: the layer by itself.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use gateway::config::{RateKey, RateLimit};
use gateway::route::limits::{Common, Counter, RateLimitLayer};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::Redis;
use crate::support::tools::free_port;
use crate::support::within;

/// A program of its own that shares its limit: two requests at once.
async fn program(redis: &gateway::config::Redis, route: &str) -> RateLimitLayer {
    let (common, keeping) = Common::at(redis).unwrap();
    tokio::spawn(keeping);
    within("the connection to Redis", async {
        while !common.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let two = NonZeroU32::new(2).unwrap();
    let limit = RateLimit::new(two, Duration::from_secs(3600), RateKey::Route);
    let counter = Counter::new(RateLimit { shared: true, ..limit });
    RateLimitLayer::new([Arc::new(counter)]).shared_in(&common.of_route(route))
}

async fn status(layer: &RateLimitLayer) -> u16 {
    let answer = async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty()));
    layer.layer(service_fn(answer)).oneshot(Request::new(Body::empty())).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn two_programs_count_together_where_their_routes_have_one_name() {
    let port = free_port();
    let Some(_redis) = Redis::start(port).await else { return };
    let redis = gateway::config::Redis {
        deadline: Duration::from_millis(500),
        ..gateway::config::Redis::at(format!("redis://:hidden@127.0.0.1:{port}/0"))
    };
    let (one, other) = (program(&redis, "api").await, program(&redis, "api").await);
    assert_eq!([status(&one).await, status(&other).await, status(&one).await], [200, 200, 429]);
    assert_eq!(status(&program(&redis, "another").await).await, 200);
}
