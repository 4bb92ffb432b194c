//! Interim (1xx) answers of an upstream, on their way to the client of the request.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Response, StatusCode};

use super::waiting;
use crate::informational::Informational;
use crate::request_body::RequestBody;

/// How many wait at most while the client takes none. Over HTTP/1 only one does, since no more are read meanwhile. Over
/// HTTP/2 they come nevertheless.
const MOST_WAITING: usize = 16;

/// The interim answers to one request that the client hasn't taken yet.
#[derive(Default)]
pub(super) struct Interims {
    first: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    waiting: VecDeque<(Informational, Response<()>)>,
}

impl Interims {
    /// An interim answer has come. A 100 lets the body go, and is not passed on: the server sends one by itself when
    /// the body is first read. Any other is to be passed on; it is dropped if too many wait already.
    #[cold]
    pub(super) fn receive<B>(&mut self, interim: Response<()>, body: &mut RequestBody<B>) {
        waiting::note_sign_of_life();
        if interim.status() == StatusCode::CONTINUE {
            body.let_go();
        } else if let Some(client) = body.informational()
            && self.waiting.len() < MOST_WAITING
        {
            self.waiting.push_back((client.clone(), interim));
        }
    }

    /// Waits until the client has taken all of them.
    pub(super) fn poll_passed_on(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(first) = &mut self.first {
                ready!(waiting::for_others(first.as_mut().poll(cx)));
                self.first = None;
            }
            let Some((client, interim)) = self.waiting.pop_front() else { return Poll::Ready(()) };
            self.first = Some(Box::pin(async move {
                let (head, ()) = interim.into_parts();
                let _nobody_may_want_it_any_more = client.send(head.status, head.headers).await;
            }));
        }
    }
}
