//! The consent of another service, as Traefik's ForwardAuth and nginx's `auth_request` ask for it.
//!
//! - `question`: what the service is asked.
//! - `answer`: what it says, and what follows.
//! - `login`: where people are sent who have to log in first.

mod answer;
mod login;
mod question;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use tokio::sync::Semaphore;

use self::answer::{Answer, Ask};
use self::question::Questions;
use super::asking::{Trust, asking};
use super::guard::{Granted, Guard, Verdict};
use super::identity;
use super::rejection::{Rejection, RejectionKind};
use crate::config::{self, RouteRedirect};

/// How many requests may wait for the service's answer at a time.
const MOST: usize = 1024;
/// After how long a client may try again if more do.
const PAUSE: Duration = Duration::from_secs(1);

/// Lets in the requests that another service consents to.
///
/// The service gets a GET without a body, with the fields of the request, and with `X-Forwarded-Method`, `-Proto`, `-Host`,
/// `-Uri` and `-For`. If it answers 2xx the request enters. Any other answer is the client's: its status, its fields, and
/// its body up to 64 KiB; or a redirect in place of a 401, if the settings have a `login`. If it doesn't answer, nobody
/// enters.
///
/// ```
/// use gateway::config::{ForwardAuth as Settings, ServiceUrl};
/// use gateway::route::entry::{ForwardAuth, GuardLayer};
///
/// let service: ServiceUrl = "http://127.0.0.1:4180/check".parse()?;
/// let settings = Settings { copy: vec!["x-user".parse()?], ..service.into() };
/// let layer = GuardLayer::new(ForwardAuth::new(&settings));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It must run on a tokio runtime with time enabled.
pub struct ForwardAuth {
    service: Arc<Service>,
    /// What clients can't set, and the service isn't told either.
    identity: Vec<HeaderName>,
    /// What the service may exchange for others.
    exchanged: Vec<HeaderName>,
}

struct Service {
    questions: Questions,
    ask: Ask,
    copy: Vec<HeaderName>,
    copy_back: Vec<HeaderName>,
    login: Option<RouteRedirect>,
    room: Semaphore,
}

impl ForwardAuth {
    /// Asks the service of these settings.
    #[must_use]
    pub fn new(settings: &config::ForwardAuth) -> Self {
        #[cfg(feature = "tls")]
        let trust = Trust::of(settings.tls.as_ref());
        #[cfg(not(feature = "tls"))]
        let trust = Trust::default();
        let is_exchanged = |name: &&HeaderName| [AUTHORIZATION, COOKIE].contains(*name);
        let (exchanged, identity) = settings.copy.iter().partition::<Vec<_>, _>(is_exchanged);
        let service = Service {
            questions: Questions::new(&settings.service, settings.request_headers.clone()),
            ask: Ask::new(asking(&settings.service, settings.timeout, trust), settings.timeout),
            copy: settings.copy.clone(),
            copy_back: settings.copy_back.clone(),
            login: settings.login.clone(),
            room: Semaphore::new(MOST),
        };
        Self {
            service: Arc::new(service),
            identity: identity.into_iter().cloned().collect(),
            exchanged: exchanged.into_iter().cloned().collect(),
        }
    }
}

impl Guard for ForwardAuth {
    fn examine(&self, head: &mut Parts) -> Verdict {
        identity::remove(&mut head.headers, &self.identity);
        let question = self.service.questions.about(head);
        let place = self.service.login.as_ref().and_then(|login| login::place(login, head));
        identity::remove(&mut head.headers, &self.exchanged);
        let service = Arc::clone(&self.service);
        Verdict::later(async move {
            let Ok(_place) = service.room.try_acquire() else {
                return Err(Rejection::new(RejectionKind::Busy).after(PAUSE));
            };
            match service.ask.ask(question).await {
                Answer::Consent(headers) => Ok(service.granted(&headers)),
                Answer::Refusal(answer) => {
                    Err(Rejection::answered(RejectionKind::Service, service.refused(answer, place)))
                }
                Answer::Failure(answer) => Err(Rejection::answered(RejectionKind::ServiceFailed, answer)),
            }
        })
    }
}

impl Service {
    fn granted(&self, headers: &HeaderMap) -> Granted {
        let granted = copied(&self.copy, headers)
            .fold(Granted::default(), |granted, (name, value)| granted.field(name, value));
        copied(&self.copy_back, headers)
            .fold(granted, |granted, (name, value)| granted.answer_field(name, value))
    }

    /// What the client gets: a redirect to `place` if it only has to log in.
    fn refused(&self, answer: Response<Bytes>, place: Option<HeaderValue>) -> Response<Bytes> {
        match (&self.login, place) {
            (Some(login), Some(place)) if answer.status() == StatusCode::UNAUTHORIZED => {
                login::answer(login, place, &answer)
            }
            _ => answer,
        }
    }
}

/// The lines of these fields.
fn copied(names: &[HeaderName], headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let lines = |name: &HeaderName| {
        headers.get_all(name).iter().map(|value| (name.clone(), value.clone())).collect::<Vec<_>>()
    };
    names.iter().flat_map(lines)
}

impl fmt::Debug for ForwardAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardAuth").field("copy", &self.service.copy).finish_non_exhaustive()
    }
}
