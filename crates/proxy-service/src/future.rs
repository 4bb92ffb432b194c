//! `ProxyFuture`: waits for the head of the response, and turns the upstream's response into the client's.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use http::{Request, Response, StatusCode, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_service::Service;

use crate::body::{Content, ProxyBody, UploadGuard};
use crate::classify::{self, Outcome};
use crate::client::{self, FreshConnection, Progress};
use crate::error::{BoxError, ProxyError};
use crate::failed::Failed;
use crate::headers;
use crate::headers::framing;
use crate::headers::kinds::Kinds;
use crate::idle::{Idle, after, end_of};
use crate::mapped_back;
use crate::outgoing::{self, Kept};
use crate::request_body::RequestBody;
use crate::route::RouteOptions;
use crate::settings::{BegunBodies, Settings};
use crate::stages::Stages;
use crate::telemetry;
use crate::upgrade;
use crate::upload::{Upload, Word};
use crate::upstream::Upstream;

pin_project! {
    /// The future of a [`ProxyService`](crate::ProxyService) call.
    ///
    /// If it is dropped, the request is cancelled upstream at once.
    #[must_use = "futures do nothing unless polled"]
    pub struct ProxyFuture<C, B>
    where
        C: Service<Request<RequestBody<B>>>,
    {
        #[pin]
        response: Option<C::Future>,
        #[pin]
        deadline: Option<Sleep>,
        again: Option<Box<Request<RequestBody<B>>>>,
        client: C,
        tries: u32,
        stages: Stages,
        refused: Option<ProxyError>,
        sent: Option<Sent<B>>,
        // How far the body of the request has come, if it has one.
        upload: Option<Upload>,
        settings: Arc<Settings>,
    }
}

const SENT: &str = "a request was sent";

/// The request as it came, and what is kept while a copy of it is on its way.
struct Sent<B> {
    parts: Parts,
    kept: Kept<B>,
}

impl<C, B> ProxyFuture<C, B>
where
    C: Service<Request<RequestBody<B>>>,
{
    pub(crate) fn sent(
        response: C::Future,
        client: C,
        parts: Parts,
        kept: Kept<B>,
        settings: Arc<Settings>,
    ) -> Self {
        let upload = kept.upload.clone();
        let sent = Some(Sent { parts, kept });
        Self {
            response: Some(response),
            deadline: None,
            again: None,
            client,
            tries: 1,
            stages: Stages::begin(),
            refused: None,
            sent,
            upload,
            settings,
        }
    }

    pub(crate) fn refused(error: ProxyError, client: C, settings: Arc<Settings>) -> Self {
        Self {
            response: None,
            deadline: None,
            again: None,
            client,
            tries: 0,
            stages: Stages::begin(),
            refused: Some(error),
            sent: None,
            upload: None,
            settings,
        }
    }
}

impl<C, B> ProxyFuture<C, B>
where
    C: Service<Request<RequestBody<B>>>,
{
    fn upstream(&self) -> Upstream {
        Upstream::new(Arc::clone(self.settings.target()), self.tries, self.stages, self.upload.clone())
    }

    /// Counts the failure of a request that was sent.
    fn failed(&self, error: ProxyError) -> Failed<Request<B>> {
        let Sent { parts, .. } = self.sent.as_ref().expect(SENT);
        self.settings.endpoint.failures().note(error.kind(), &parts.headers);
        error.at(self.upstream()).into()
    }
}

impl<C, B, U> Future for ProxyFuture<C, B>
where
    C: Service<Request<RequestBody<B>>, Response = Response<U>>,
    C::Error: Into<BoxError>,
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    U: Body + Unpin,
    U::Error: Into<BoxError>,
{
    type Output = Result<Response<ProxyBody<U>>, Failed<Request<B>>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(refused) = self.as_mut().project().refused.take() {
            return Poll::Ready(Err(refused.into()));
        }
        loop {
            // Step 6: wait for the head of the response, until the deadline.
            let outcome = match ready!(self.as_mut().poll_head(cx)) {
                Ok(head) => {
                    return Poll::Ready(match self.as_mut().pass_on(head, cx) {
                        Ok(response) => Ok(response),
                        Err(error) => Err(self.failed(error)),
                    });
                }
                Err(outcome) => outcome,
            };
            // Step 10: say what went wrong, and give the request back if it may go elsewhere.
            if let Some(failed) = self.as_mut().fail_unless_retried(outcome) {
                return Poll::Ready(Err(failed));
            }
        }
    }
}

impl<C, B, U> ProxyFuture<C, B>
where
    C: Service<Request<RequestBody<B>>, Response = Response<U>>,
    C::Error: Into<BoxError>,
    B: Body + Unpin,
    U: Body + Unpin,
    U::Error: Into<BoxError>,
{
    fn poll_head(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Response<U>, Outcome>> {
        let mut this = self.project();
        if this.again.is_some() {
            if let Err(error) = ready!(this.client.poll_ready(cx)) {
                return Poll::Ready(Err(classify::outcome(error.into())));
            }
            if let Some(again) = this.again.take() {
                this.response.set(Some(this.client.call(*again)));
            }
        }
        let response = this.response.as_mut().as_pin_mut().expect("a future isn't polled after it is done");
        let (progress, steps) = client::taken_in(|| client::observe(|| response.poll(cx)));
        this.stages.note(steps);
        match progress {
            Progress::Done(head) => {
                if head.is_ok() {
                    this.stages.note_head();
                }
                return Poll::Ready(head.map_err(|error| classify::outcome(error.into())));
            }
            // The queue and the client have time limits of their own, and the upstream is not to blame for the wait.
            Progress::WaitsForOthers => {
                this.deadline.set(None);
                return Poll::Pending;
            }
            Progress::SignOfLife => this.deadline.set(None),
            Progress::UnderWay => {}
        }
        let patience = this.sent.as_ref().expect(SENT).kept.timeouts.response_head;
        if this.deadline.is_none() {
            // Reading the clock once is enough.
            let begun = steps.sent.unwrap_or_else(Instant::now);
            this.deadline.set(Some(tokio::time::sleep_until(end_of(begun, patience))));
        }
        let mut deadline = this.deadline.as_pin_mut().expect("set just above");
        loop {
            ready!(deadline.as_mut().poll(cx));
            let upload = this.sent.as_ref().and_then(|sent| sent.kept.upload.as_ref());
            if !upload.is_some_and(Upload::is_under_way) {
                return Poll::Ready(Err(Outcome::timed_out()));
            }
            deadline.as_mut().reset(after(patience));
        }
    }

    /// Returns the failure, unless it is safe to send the request once more: then it does that.
    ///
    /// It is safe if the connection took no more requests. It is also safe if a reused connection was dead and the
    /// method is idempotent. If the second connection dies too, the upstream is going down, so an idempotent request
    /// may go to another one. A safe request may do so after its first connection.
    fn fail_unless_retried(self: Pin<&mut Self>, outcome: Outcome) -> Option<Failed<Request<B>>> {
        let upstream = self.upstream();
        let mut this = self.project();
        this.response.set(None);
        this.deadline.set(None);
        let Outcome { error, unsent, refused, died, stale } = outcome;
        let error = error.at(upstream);
        let Sent { mut parts, kept } = this.sent.take().expect(SENT);
        let is_tied = kept.is_tied;
        let note = || this.settings.endpoint.failures().note(error.kind(), &parts.headers);
        let Some(body) = kept.body.come_home() else {
            note();
            return Some(error.into());
        };
        let is_retry = *this.tries > 1;
        let goes_once_more = !is_retry && (refused || stale && parts.method.is_idempotent());
        if !goes_once_more {
            note();
            let is_harmless = parts.method.is_safe() || is_retry && parts.method.is_idempotent();
            let may_begun = this.settings.begun_bodies == BegunBodies::GoElsewhere;
            let may_leave = !is_tied && (body.is_untouched() || may_begun);
            let may_go_elsewhere = may_leave && (unsent || died && is_harmless);
            let request = may_go_elsewhere.then(|| {
                let body = body.into_request(&mut parts.extensions);
                Request::from_parts(parts, body)
            });
            return Some(Failed::new(error, request));
        }
        tracing::debug!(
            target: telemetry::RETRY,
            upstream = %this.settings.target(),
            "no answer on a shared or reused connection"
        );
        let (mut request, kept) = match outgoing::prepare(&parts, body, this.settings) {
            Ok(prepared) => prepared,
            Err(refused) => return Some(refused.into()),
        };
        if stale {
            request.extensions_mut().insert(FreshConnection);
        }
        let upload = kept.upload.clone();
        *this.sent = Some(Sent { parts, kept });
        *this.again = Some(Box::new(request));
        *this.tries += 1;
        *this.upload = upload;
        this.stages.begin_again();
        None
    }

    fn pass_on(
        self: Pin<&mut Self>,
        response: Response<U>,
        cx: &mut Context<'_>,
    ) -> Result<Response<ProxyBody<U>>, ProxyError> {
        let mut this = self.project();
        let Sent { parts, kept } = this.sent.as_mut().expect(SENT);
        let (upload, held, upgrade) = (kept.upload.take(), kept.held.take(), kept.upgrade.take());
        let timeouts = &kept.timeouts;
        let settings = &**this.settings;
        this.response.set(None);
        let (mut head, body) = response.into_parts();
        // Step 7: the headers of the response.
        let agreed = upgrade::check_agreed(&head, upgrade.as_ref())?;
        let required = match head.status {
            StatusCode::UPGRADE_REQUIRED => {
                upgrade::required(&head.headers, RouteOptions::of(parts).upgrades_or(&settings.upgrades))
            }
            _ => None,
        };
        let kinds = Kinds::of(&head.headers);
        headers::response(&mut head, kinds, &parts.method, framing::size_of(&body), settings)?;
        if let Some(protocols) = required {
            upgrade::name(protocols, &mut head.headers);
        }
        if kinds.references {
            mapped_back::map(&mut head.headers, parts, settings);
        }
        // Step 8: after a 101, start the tunnel.
        let switches = agreed.is_some();
        if let (Some(protocol), Some(upgrade)) = (agreed, upgrade) {
            let open = settings.tunnels.open(RouteOptions::of(parts).group());
            upgrade::join(upgrade, &mut head, protocol, open, timeouts.tunnel_idle)?;
        }
        // Step 9: the body of the response, and the `Upstream` extension.
        if let Some(held) = &held {
            let word = if head.status.is_success() || switches { Word::Continue } else { Word::Refused };
            let _body_may_be_gone = held.try_send(word);
        }
        // After a 101 the rest of the request's body is still sent, before any byte of the tunnel.
        let upload = UploadGuard::new(upload.filter(|_| !switches), held);
        let content = Content::of(head.status, &parts.method);
        let idle = Idle::new(timeouts.body_idle);
        let body = ProxyBody::begin(body, content, (idle, &settings.endpoint), upload, cx)?;
        head.version = Version::HTTP_11;
        // Most answers have no extensions yet. Then they get the map of the request, which is there.
        if head.extensions.is_empty() {
            head.extensions = std::mem::take(&mut parts.extensions);
            head.extensions.clear();
        }
        head.extensions.insert(Upstream::new(
            Arc::clone(settings.target()),
            *this.tries,
            *this.stages,
            this.upload.take(),
        ));
        Ok(Response::from_parts(head, body))
    }
}

impl<C, B> fmt::Debug for ProxyFuture<C, B>
where
    C: Service<Request<RequestBody<B>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyFuture").field("tries", &self.tries).finish_non_exhaustive()
    }
}
