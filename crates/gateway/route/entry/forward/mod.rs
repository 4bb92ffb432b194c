//! The consent of another service, as Traefik's ForwardAuth and nginx's `auth_request` ask for it.
//!
//! - `question`: what the service is asked.
//! - `answer`: what it says, and what follows.

mod answer;
mod question;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use tokio::sync::Semaphore;

use self::answer::{Answer, Ask};
use self::question::Questions;
use super::asking::{Trust, asking};
use super::guard::{Granted, Guard, Verdict};
use super::identity;
use super::rejection::{Rejection, RejectionKind};
use crate::config;

/// How many requests may wait for the service's answer at a time.
const MOST: usize = 1024;
/// After how long a client may try again if more do.
const PAUSE: Duration = Duration::from_secs(1);

/// Lets in the requests that another service consents to.
///
/// The service gets a GET without a body, with the fields of the request, and with `X-Forwarded-Method`, `-Proto`, `-Host`,
/// `-Uri` and `-For`. If it answers 2xx the request enters. Any other answer is the client's: its status, its fields, and
/// its body up to 64 KiB. If it doesn't answer, nobody enters.
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
        identity::remove(&mut head.headers, &self.exchanged);
        let service = Arc::clone(&self.service);
        Verdict::later(async move {
            let Ok(_place) = service.room.try_acquire() else {
                return Err(Rejection::new(RejectionKind::Busy).after(PAUSE));
            };
            match service.ask.ask(question).await {
                Answer::Consent(headers) => Ok(service.granted(&headers)),
                Answer::Refusal(answer) => Err(Rejection::answered(RejectionKind::Service, answer)),
                Answer::Failure(answer) => Err(Rejection::answered(RejectionKind::ServiceFailed, answer)),
            }
        })
    }
}

impl Service {
    fn granted(&self, headers: &http::HeaderMap) -> Granted {
        let copied =
            self.copy.iter().flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)));
        copied.fold(Granted::default(), |granted, (name, value)| granted.field(name.clone(), value.clone()))
    }
}

impl fmt::Debug for ForwardAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardAuth").field("copy", &self.service.copy).finish_non_exhaustive()
    }
}
