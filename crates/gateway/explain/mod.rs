//! What the gateway would do with a request, without sending anything.
//!
//! The request goes through the same parts as one that a listener takes: it is read by the same codec, and passed through
//! the layers, gates, balancers and proxies that the configuration asks for. Only the connections to upstreams lead
//! nowhere: they take down what is written to them.
//!
//! - `question`: the request. `entrance`: the listener that takes it.
//! - `upstream`: the other end of the connections.
//! - `heard`: what the layers say to the log, which is why a request is refused.
//! - `considered`, `stopped`: the reasons. `layers`, and a file for each kind of them: `entry`, `limits`, `rewriting`,
//!   `pools`, `answers`.
//! - `known`: the endpoints of a gateway that runs.
//! - `explanation`, `text`: the answer, and how people read it.

mod answers;
mod considered;
mod entrance;
mod entry;
mod explanation;
mod heard;
mod known;
mod layers;
mod limits;
mod pools;
mod question;
mod rewriting;
mod stopped;
#[cfg(test)]
mod tests;
mod text;
mod upstream;

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::http::Response;
use balance::Picked;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::mpsc::{self, Receiver};
use tower::ServiceExt as _;
use tracing::instrument::WithSubscriber as _;

use self::entrance::Entrance;
pub use self::explanation::{Answer, Asked, Considered, Explanation, Layer, Outcome, Pick, Sends};
pub use self::known::{Known, KnownEndpoint, KnownPool};
use self::layers::Way;
pub use self::question::{InvalidQuestion, Question};
use self::stopped::Place;
use self::upstream::Got;
use crate::config::{Config, Pool, Route};
use crate::edge::Stack;
use crate::live::{ApplyError, Rehearsal, rehearse};
use crate::route::Reason;

/// How often the request is passed to the balancer, to find out which endpoints it could go to.
const TRIES: usize = 64;

/// How much of the body of an answer is shown, in bytes.
const SHOWN: usize = 64 << 10;

/// Says what a gateway with this configuration would do with a request. With what is `known` of one that runs, it is said
/// for the endpoints that it has.
///
/// Nothing is sent, no name is looked up, and nothing is logged. It takes some milliseconds.
///
/// # Errors
/// [`ApplyError::Token`] if an admin token is malformed. This can't happen with a [`Config`] that was read from a file.
///
/// # Panics
/// Outside of a tokio runtime with time enabled.
pub async fn explain(config: &Config, question: &Question, known: &Known) -> Result<Explanation, ApplyError> {
    let entrance = Entrance::of(config, question);
    let gaps = config.pools.iter().map(|pool| known.gap_in(pool)).collect::<Vec<_>>();
    let present = known.applied_to(config);
    let (got, gets) = mpsc::channel(1);
    let rehearsal = rehearse(&present, &upstream::connect(got))?;
    let (ear, heard) = heard::ear();
    let telling = Telling { config: &present, question, known, entrance };
    let mut explanation = telling.of(rehearsal, Watching { gets, heard }).with_subscriber(ear).await;
    let pool = explanation.endpoint.as_ref().map(|pick| pick.pool.clone());
    let of_pool = config.pools.iter().zip(gaps).find(|(of, _)| Some(&of.name) == pool.as_ref());
    explanation.notes.extend(of_pool.and_then(|(_, gap)| gap));
    Ok(explanation)
}

/// A request, and the gateway that it is for.
struct Telling<'a> {
    config: &'a Config,
    question: &'a Question,
    known: &'a Known,
    entrance: Entrance<'a>,
}

/// What is seen of a request on its way.
struct Watching {
    gets: Receiver<Got>,
    heard: Receiver<String>,
}

impl Telling<'_> {
    async fn of<S: Stack>(self, rehearsal: Rehearsal<S>, mut watching: Watching) -> Explanation {
        let response = self.ask(&rehearsal).await;
        let got = watching.gets.try_recv().ok();
        let (mut explanation, route) = self.reasons(&rehearsal, got.as_ref().ok_or(&response));
        match got {
            Some(got) => {
                let policy = response.extensions().get::<Picked>().map_or("", |picked| picked.policy);
                drop(response);
                let others = self.others(&rehearsal, &mut watching.gets, &got).await;
                let pick = route.and_then(|route| self.pick(route, (&got, policy), others));
                explanation.endpoint = pick.map(|pick| match self.is_by_chance(&rehearsal, route) {
                    true => Pick { is_certain: false, ..pick },
                    false => pick,
                });
                explanation.sends = Some(sends(&got));
            }
            None => explanation.answer = Some(answer(response, watching.heard.try_recv().ok()).await),
        }
        explanation
    }

    /// The routes and layers, and the route that takes the request. `seen` is what an upstream got, or else the gateway's
    /// own answer.
    fn reasons<S: Stack>(
        &self,
        rehearsal: &Rehearsal<S>,
        seen: Result<&Got, &Response<S::Answer>>,
    ) -> (Explanation, Option<&Route>) {
        let request = || self.entrance.request(self.question, &rehearsal.trusted);
        let asked = request();
        let taken_by = rehearsal.table.route_of(&asked);
        let route = self.config.routes.iter().find(|route| Some(route.name.as_str()) == taken_by);
        let place = (&rehearsal.table, &self.entrance.listen, route);
        let stopped = seen.err().map(|answer| Place::of(answer, request(), place));
        let is_asked = stopped.is_none_or(|stopped| stopped >= Place::Routing);
        let route = route.filter(|_| is_asked);
        let first = || route.and_then(|route| self.config.pool_of(route));
        let way = Way {
            config: self.config,
            pool: seen.ok().map_or_else(first, |got| self.pool(got)),
            listen: &self.entrance.listen,
            headers: asked.headers(),
            route,
            stopped,
        };
        let explanation = Explanation {
            request: self.asked(),
            route: route.map(|route| route.name.clone()),
            routes: match is_asked {
                true => considered::routes(self.config, &rehearsal.table, &asked),
                false => considered::unasked(self.config),
            },
            layers: way.layers(),
            endpoint: None,
            sends: None,
            answer: None,
            notes: self.entrance.note.iter().cloned().chain(way.unknown()).collect(),
        };
        (explanation, route)
    }

    async fn ask<S: Stack>(&self, rehearsal: &Rehearsal<S>) -> Response<S::Answer> {
        let request = self.entrance.request(self.question, &rehearsal.trusted);
        let asked = rehearsal.stack.clone().oneshot(request).await;
        asked.unwrap_or_else(|never| match never {})
    }

    fn asked(&self) -> Asked {
        Asked {
            method: self.question.method().to_owned(),
            target: self.question.target().to_owned(),
            client: self.question.client(),
            listener: self.entrance.name(),
        }
    }

    /// The endpoints that the request goes to when it is sent again and again, but for the first one.
    async fn others<S: Stack>(
        &self,
        rehearsal: &Rehearsal<S>,
        gets: &mut Receiver<Got>,
        first: &Got,
    ) -> BTreeSet<String> {
        let named = |got: Got| match got.pool == first.pool {
            true => got.target.to_string(),
            false => format!("{} in pool {}", got.target, got.pool),
        };
        let mut others = BTreeSet::new();
        for _ in 0..TRIES {
            drop(self.ask(rehearsal).await);
            others.extend(gets.try_recv().map(named).ok());
        }
        others.remove(&first.target.to_string());
        others
    }

    fn pick(
        &self,
        route: &Route,
        (got, policy): (&Got, &'static str),
        others: BTreeSet<String>,
    ) -> Option<Pick> {
        let pool = self.pool(got)?;
        Some(Pick {
            url: got.target.to_string(),
            pool: pool.name.clone(),
            policy,
            is_certain: others.is_empty(),
            others: others.into_iter().collect(),
            why: pools::why(route, pool, self.config),
            out: self.known.out_of(&pool.name),
        })
    }

    /// Whether chance decides which pool gets the request. A pool with a small share may not be among those that were tried.
    fn is_by_chance<S: Stack>(&self, rehearsal: &Rehearsal<S>, route: Option<&Route>) -> bool {
        let asked = self.entrance.request(self.question, &rehearsal.trusted);
        route.is_some_and(|route| pools::is_by_chance(route, asked.headers()))
    }

    fn pool(&self, got: &Got) -> Option<&Pool> {
        self.config.pools.iter().find(|pool| pool.name == got.pool)
    }
}

async fn answer<B>(response: Response<B>, why: Option<String>) -> Answer
where
    B: http_body::Body<Data = bytes::Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    let (head, body) = response.into_parts();
    let why = why.or_else(|| head.extensions.get().map(|Reason(why)| (*why).to_owned()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = head.headers.iter();
    let body = to_bytes(Body::new(body), SHOWN).await.unwrap_or_default();
    Answer {
        status: head.status.as_u16(),
        why,
        headers: fields.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: text(&body),
    }
}

fn sends(got: &Got) -> Sends {
    Sends {
        protocol: got.protocol,
        text: String::from_utf8_lossy(&got.bytes).into_owned(),
        base64: STANDARD.encode(&got.bytes),
    }
}
