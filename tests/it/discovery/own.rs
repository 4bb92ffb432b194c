//! A program plugs a source of its own into a pool.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use gateway::discovery::Found;
use tokio::sync::mpsc;

use super::*;
use crate::support::gateway::TestGateway;

struct Sets(mpsc::Receiver<Vec<Found>>);

impl Stream for Sets {
    type Item = Vec<Found>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<Found>>> {
        self.0.poll_recv(cx)
    }
}

#[tokio::test]
async fn its_sets_replace_what_the_configuration_lists() {
    let farm = Farm::at(&[1, 2, 3]).await;
    let (sets, receiver) = mpsc::channel(1);
    let config = config("", &format!("[\"{}\"]", farm.url("127.0.0.1")), "");
    let gateway = TestGateway::start_with(&config, |gateway| gateway.discovery("api", Sets(receiver)));
    let found = |number: u8| {
        let target: proxy_service::Target = farm.url("api.example").parse().unwrap();
        Found::new(target.at((address(number), farm.port).into()))
    };
    assert_eq!(answerers(gateway.addr, 2).await, [1].into());
    let steady = Steady::start(gateway.addr);
    sets.send(vec![found(2), found(3).priority(1)]).await.unwrap();
    until_answered_by(gateway.addr, &[2]).await;
    sets.send(vec![found(2).weight(0), found(3)]).await.unwrap();
    until_answered_by(gateway.addr, &[3]).await;
    drop(sets);
    assert_eq!(answerers(gateway.addr, 4).await, [3].into(), "the last set stays");
    steady.stop().await;
}
