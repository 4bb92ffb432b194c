//! What changes something. Each is noted in the audit log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use balance::Health;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::live::Handle;
use crate::operator::answer::Answer;
use crate::operator::audit::Actor;
use crate::operator::desk::Desk;
use crate::operator::problem::Problem;
use crate::operator::view::{Endpoint, Reloaded};
use crate::pools::{self, NamedPool};

/// How long an endpoint is ejected if nothing else is said.
const EJECTION: Duration = Duration::from_secs(30);
/// The longest that it may be: a day.
const LONGEST_EJECTION: u64 = 24 * 60 * 60;
const HEAVIEST: u16 = 1000;

/// The endpoint in a path: the name of its pool, and its id.
pub(super) type Named = Path<(String, String)>;

/// An endpoint takes no new request, until it is enabled.
pub(super) async fn drain(State(desk): State<Desk>, Path(named): Named, actor: Actor) -> Outcome {
    let place = Place::of(&desk, named);
    let outcome = place.change(|pool, endpoint| pool.endpoints().pause(endpoint));
    actor.note(&format_args!("drain {place}"), &outcome);
    outcome
}

/// An endpoint takes requests again.
pub(super) async fn enable(State(desk): State<Desk>, Path(named): Named, actor: Actor) -> Outcome {
    let place = Place::of(&desk, named);
    let outcome = place.change(|pool, endpoint| pool.endpoints().resume(endpoint));
    actor.note(&format_args!("enable {place}"), &outcome);
    outcome
}

/// An endpoint takes no request for a while.
pub(super) async fn eject(
    State(desk): State<Desk>,
    Path(named): Named,
    actor: Actor,
    body: Bytes,
) -> Outcome {
    let place = Place::of(&desk, named);
    let asked = if body.is_empty() { Ok(EJECTION) } else { read(&body).and_then(Ejection::time) };
    let outcome =
        asked.and_then(|time| place.change(|pool, endpoint| pool.endpoints().eject(endpoint, time)));
    actor.note(&format_args!("eject {place}"), &outcome);
    outcome
}

/// An endpoint has another weight.
pub(super) async fn weigh(
    State(desk): State<Desk>,
    Path(named): Named,
    actor: Actor,
    body: Bytes,
) -> Outcome {
    let place = Place::of(&desk, named);
    let asked = read(&body).and_then(Weight::checked);
    let said = asked.as_ref().map_or_else(|_| "?".to_owned(), u16::to_string);
    let outcome =
        asked.and_then(|weight| place.change(|pool, endpoint| pool.endpoints().set_weight(endpoint, weight)));
    actor.note(&format_args!("weight {said} {place}"), &outcome);
    outcome
}

/// The configuration's file is read again.
pub(super) async fn reload(State(desk): State<Desk>, actor: Actor) -> Result<Answer<Reloaded>, Problem> {
    let outcome = match &desk.reload {
        None => Err(Problem::fixed(StatusCode::CONFLICT, "there is no file to be read again")),
        Some(reload) => match reload.now().await {
            Ok(applied) => Ok(Answer(Reloaded::of(&applied))),
            Err(error) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())),
        },
    };
    actor.note(&"reload", &outcome);
    outcome
}

/// The gateway drains and stops, as by SIGTERM.
pub(super) async fn stop(State(desk): State<Desk>, actor: Actor) -> StatusCode {
    let (shutdown, scene) = (desk.handle.shutdown().clone(), desk.handle.scene());
    shutdown.announce();
    actor.note(&"drain the gateway", &Ok(()));
    tokio::spawn(async move { shutdown.begin_after(scene.config.timeouts.shutdown_delay).await });
    StatusCode::ACCEPTED
}

pub(super) type Outcome = Result<Answer<Endpoint>, Problem>;

/// An endpoint as a request names it.
struct Place {
    handle: Handle,
    pools: Arc<Vec<NamedPool>>,
    pool: String,
    id: String,
}

impl Place {
    fn of(desk: &Desk, (pool, id): (String, String)) -> Self {
        Self { handle: desk.handle.clone(), pools: desk.handle.pools(), pool, id }
    }

    /// Changes the endpoint, and shows how it is then. `change` returns false if it can't be changed any more.
    fn change(
        &self,
        change: impl FnOnce(&NamedPool, &Arc<balance::Endpoint<pools::Endpoint>>) -> bool,
    ) -> Outcome {
        let Self { pools, pool: name, id, .. } = self;
        let missing = |what: String| Problem::new(StatusCode::NOT_FOUND, what);
        let pool = pools.iter().find(|pool| pool.name() == name);
        let pool = pool.ok_or_else(|| missing(format!("there is no pool {name}")))?;
        let endpoints = pool.endpoints().snapshot();
        let endpoint = endpoints.iter().find(|endpoint| Endpoint::id_of(endpoint) == *id);
        let endpoint = endpoint.ok_or_else(|| missing(format!("the pool {name} has no endpoint {id}")))?;
        if endpoint.health() == Health::Draining || !change(pool, endpoint) {
            return Err(Problem::fixed(StatusCode::CONFLICT, "the endpoint is leaving the pool"));
        }
        Ok(Answer(Endpoint::within(pool, endpoint, &self.handle)))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pool, self.id)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| unprocessable(format!("the body is refused: {error}")))
}

fn unprocessable(why: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ejection {
    seconds: u64,
}

impl Ejection {
    fn time(self) -> Result<Duration, Problem> {
        match self.seconds {
            seconds @ 1..=LONGEST_EJECTION => Ok(Duration::from_secs(seconds)),
            _ => Err(unprocessable(format!("seconds is 1 to {LONGEST_EJECTION}"))),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weight {
    weight: u16,
}

impl Weight {
    fn checked(self) -> Result<u16, Problem> {
        match self.weight {
            weight @ 1..=HEAVIEST => Ok(weight),
            _ => Err(unprocessable(format!("weight is 1 to {HEAVIEST}; to send it nothing, drain it"))),
        }
    }
}
