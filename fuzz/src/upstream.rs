//! A client service without a network. It remembers the request, and returns a given answer.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response};
use proxy_service::{Failed, ProxyBody, ProxyLayer, RequestBody};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Script, Scripted};
use crate::now;

#[derive(Clone, Debug)]
pub struct Upstream(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    answer: Option<Response<Scripted>>,
    seen: Option<Request<RequestBody<Scripted>>>,
}

/// The result of one request: what the upstream received, if anything, and what the client gets.
pub struct Exchange {
    pub seen: Option<Request<RequestBody<Scripted>>>,
    pub outcome: Result<Response<ProxyBody<Scripted>>, Failed<Request<Scripted>>>,
}

/// Sends a request through the proxy to an upstream that gives this answer.
pub fn exchange(layer: &ProxyLayer, request: Request<Scripted>, answer: Response<Scripted>) -> Exchange {
    let upstream = Upstream(Rc::new(RefCell::new(State { answer: Some(answer), seen: None })));
    let outcome = now(layer.layer(upstream.clone()).call(request));
    let seen = upstream.0.borrow_mut().seen.take();
    Exchange { seen, outcome }
}

pub fn no_content() -> Response<Scripted> {
    let mut response = Response::new(Script::Empty.body());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    response
}

impl Service<Request<RequestBody<Scripted>>> for Upstream {
    type Response = Response<Scripted>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Scripted>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody<Scripted>>) -> Self::Future {
        let mut state = self.0.borrow_mut();
        assert!(state.seen.is_none(), "sent twice");
        state.seen = Some(request);
        ready(Ok(state.answer.take().expect("one answer for one request")))
    }
}
