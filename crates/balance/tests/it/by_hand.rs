//! What somebody who operates a pool does to an endpoint, and what they see of it.

mod counted;
mod details;
mod ejected;
mod model;
mod paused;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::support::now;
use balance::{Balance, BoxError, Clock, Endpoint, Endpoints, Hand, RoundRobin, Settings};
use tower::Service;

const SECOND: Duration = Duration::from_secs(1);

/// Endpoints that fail while they are told to.
fn lab(number: usize, settings: Settings) -> (impl FnMut() -> Option<usize>, Arc<AtomicBool>, Pool, Hand) {
    let (clock, hand) = Clock::by_hand();
    let broken: Arc<AtomicBool> = Arc::default();
    let services = (0..number).map(|number| {
        let broken = Arc::clone(&broken);
        let service: Answering = Box::new(move |()| {
            let is_broken = number == 0 && broken.load(Ordering::Relaxed);
            if is_broken { Err(BoxError::from("it broke")) } else { Ok(number) }
        });
        (Answers(Arc::new(service)), 1)
    });
    let mut balance = Balance::with(settings.clock(clock).seed(1), RoundRobin::new(), services);
    let endpoints = balance.endpoints();
    (move || now(balance.call(())).ok(), broken, endpoints, hand)
}

type Pool = Endpoints<Answers>;
type Answering = Box<dyn Fn(()) -> Result<usize, BoxError> + Send + Sync>;

#[derive(Clone)]
struct Answers(Arc<Answering>);

impl Service<()> for Answers {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ()) -> Self::Future {
        std::future::ready((self.0)(request))
    }
}

fn first<S>(endpoints: &Endpoints<S>) -> Arc<Endpoint<S>> {
    endpoints.snapshot().remove(0)
}

fn shares<S>(endpoints: &Endpoints<S>) -> Vec<f64> {
    endpoints.shares().into_iter().map(|(_, share)| share).collect()
}
