//! Interim answers of an HTTP/2 upstream.

use h2::server::Builder;
use http::header::{HeaderValue, LINK};
use proxy_service::{ErrorKind, Informational, Timeouts};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::upstream::{Exchange, Upstream};
use super::*;
use crate::informational::{Downstream, PATIENCE, at_once};

async fn asked(informational: Option<Informational>) -> (Exchange, JoinHandle<Result<String, ErrorKind>>) {
    let mut upstream = Upstream::start(Builder::new()).await;
    let timeouts = Timeouts { response_head: PATIENCE, ..Timeouts::default() };
    let proxy: Proxy =
        ProxyLayer::new(upstream.target().parse().unwrap()).timeouts(timeouts).layer(http2().build());
    let mut request = get("/");
    informational.map(|informational| request.extensions_mut().insert(informational));
    let answer = tokio::spawn(async move {
        match send(&proxy, request).await {
            Ok(answer) => Ok(text(answer).await),
            Err(failed) => Err(failed.error().kind()),
        }
    });
    (at_once(upstream.next()).await, answer)
}

impl Exchange {
    fn hint(&mut self, number: usize) {
        let link = HeaderValue::from_str(&format!("</{number}>")).unwrap();
        let hint = Response::builder().status(103).header(LINK, link).body(()).unwrap();
        self.respond.send_informational(hint).unwrap();
    }
}

#[tokio::test]
async fn they_are_passed_on_as_they_come() {
    let (mut downstream, informational) = Downstream::with_room(usize::MAX);
    let (mut exchange, answer) = asked(Some(informational)).await;
    for number in 0..3 {
        exchange.hint(number);
        let interim = downstream.next().await;
        assert_eq!(interim.status(), 103);
        assert_eq!(interim.headers()[LINK], format!("</{number}>"));
    }
    (10..14).for_each(|number| exchange.hint(number));
    exchange.answer("hello");
    assert_eq!(answer.await.unwrap().unwrap(), "hello");
    assert_eq!(downstream.links(), ["</10>", "</11>", "</12>", "</13>"]);
}

/// The upstream can't be stopped from sending more, so some of them are dropped.
#[tokio::test]
async fn those_that_wait_are_bounded() {
    let (mut downstream, informational) = Downstream::with_room(0);
    let (mut exchange, answer) = asked(Some(informational)).await;
    (0..1000).for_each(|number| exchange.hint(number));
    exchange.answer("hello");
    while !answer.is_finished() {
        downstream.make_room();
        tokio::task::yield_now().await;
    }
    assert_eq!(answer.await.unwrap().unwrap(), "hello");
    let links = downstream.links();
    assert!((1..1000).contains(&links.len()), "{}", links.len());
    assert_eq!(links[0], "</0>");
}

#[tokio::test(start_paused = true)]
async fn each_is_a_sign_of_life() {
    for ends_well in [true, false] {
        let (mut downstream, informational) = Downstream::with_room(usize::MAX);
        let (mut exchange, answer) = asked(Some(informational)).await;
        for number in 0..4 {
            sleep(PATIENCE * 2 / 3).await;
            exchange.hint(number);
            at_once(downstream.next()).await;
        }
        sleep(PATIENCE * if ends_well { 2 } else { 4 } / 3).await;
        if ends_well {
            exchange.answer("hello");
            assert_eq!(answer.await.unwrap().unwrap(), "hello");
        } else {
            assert_eq!(answer.await.unwrap().unwrap_err(), ErrorKind::HttpResponseTimeout);
        }
    }
}
