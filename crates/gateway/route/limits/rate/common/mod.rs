//! `Common`: limits that several gateways share, in Redis or Valkey.

mod address;
mod connection;
mod script;
mod tally;

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use self::address::Address;
use self::connection::Connection;
use self::script::Gcra;
use self::tally::Tally;
use super::counter::Counter;
use super::decision::Decision;
use super::key::Who;
use super::said::Said;
use crate::config::{OnFailure, Redis};

/// Where several programs count together, for one route: a Redis or Valkey server. Clones ask over the same connection.
#[derive(Clone, Debug)]
pub struct Common {
    server: Arc<Server>,
    route: Arc<str>,
}

/// A server, and what has come of asking it.
#[derive(Debug)]
struct Server {
    config: Redis,
    script: Gcra,
    connection: Connection,
    tally: Tally,
}

/// What a limit is asked about a request.
#[derive(Debug)]
pub(super) struct Question {
    counter: Arc<Counter>,
    hash: u64,
    /// The key in Redis. `None` if the limit isn't shared.
    key: Option<Vec<u8>>,
}

impl Question {
    pub(super) fn of(counter: &Arc<Counter>, common: &Common, parts: &Parts) -> Self {
        let limit = counter.limit();
        let key = limit.shared.then(|| common.key(&limit.name, Who::sent(parts, &limit.key)));
        Self { counter: Arc::clone(counter), hash: counter.hash_of(parts), key }
    }
}

impl Common {
    /// Asks this server. The future keeps the connection to it: spawn it. It ends with the last clone of what is returned
    /// beside it. As long as there is no connection, [`Redis::on_failure`] says what happens to requests.
    ///
    /// `None` if the URL can't be used.
    pub fn at(config: &Redis) -> Option<(Self, impl Future<Output = ()> + Send + use<>)> {
        let address = Address::of(config)?;
        let script = Gcra::new();
        let (connection, keeping) = Connection::to(address, script.clone());
        let server = Server { config: config.clone(), script, connection, tally: Tally::default() };
        Some((Self { server: Arc::new(server), route: Arc::from("") }, keeping))
    }

    /// The same for the limits of this route. Limits of one name count together if their routes have one name, in all
    /// programs that ask the server with the same [`Redis::prefix`].
    #[must_use]
    pub fn of_route(&self, name: &str) -> Self {
        Self { server: Arc::clone(&self.server), route: Arc::from(name) }
    }

    /// Whether it asks the server of this configuration, in the same way.
    pub(crate) fn asks(&self, config: &Redis) -> bool {
        self.server.config == *config
    }

    /// Whether there is a connection.
    pub fn is_connected(&self) -> bool {
        self.server.connection.is_there()
    }

    /// What has come of asking, and how often.
    pub(crate) fn results(&self) -> impl IntoIterator<Item = (&'static str, u64)> {
        self.server.tally.counts()
    }

    /// The name of a key: a digest, so that neither addresses nor tokens stand there.
    fn key(&self, limit: &str, who: Who<'_>) -> Vec<u8> {
        let mut digest = Sha256::new();
        for name in [&*self.route, limit] {
            digest.update((name.len() as u64).to_be_bytes());
            digest.update(name);
        }
        who.feed(|bytes| digest.update(bytes));
        let mut key = self.server.config.prefix.clone().into_bytes();
        key.extend(digest.finalize().iter().take(16));
        key
    }

    /// What these limits say of a request. Those that aren't shared are asked first, here. If none of them refuses it, the
    /// others are asked there, in one go; or what is to be done is done, if nobody answers in time.
    pub(super) async fn decide(&self, questions: &[Question]) -> Vec<Said> {
        let mut said: Vec<Said> = questions.iter().map(|_| Said::NOTHING).collect();
        if ask_here(questions, &mut said, |question| question.key.is_none()).is_break() {
            return said;
        }
        match self.ask_there(questions).await {
            Ok(decisions) => put(&mut said, questions, decisions),
            Err(OnFailure::Allow) => {}
            Err(OnFailure::Deny) => put(&mut said, questions, std::iter::repeat(Decision::Unavailable)),
            Err(OnFailure::Local) => {
                let _refused = ask_here(questions, &mut said, |question| question.key.is_some());
            }
        }
        said
    }

    /// Asks the server about the limits that are shared.
    async fn ask_there(&self, questions: &[Question]) -> Result<Vec<Decision>, OnFailure> {
        let Server { config, script, connection, tally } = &*self.server;
        let asked = questions.iter().filter_map(|question| Some((question.key.as_deref()?, question)));
        let asked: Vec<_> = asked.map(|(key, question)| (key, question.counter.limit())).collect();
        let asking = async |mut connection| script.ask(&mut connection, &asked).await;
        match connection.ask(config.deadline, asking).await {
            Ok(decisions) => {
                tally.note(&decisions);
                Ok(decisions)
            }
            Err(failure) => {
                tally.note_failure(failure);
                Err(config.on_failure)
            }
        }
    }
}

/// Puts these decisions in the places of the limits that are shared.
fn put(said: &mut [Said], questions: &[Question], decisions: impl IntoIterator<Item = Decision>) {
    let of_shared = said.iter_mut().zip(questions).filter(|(_, question)| question.key.is_some());
    for ((said, _), decision) in of_shared.zip(decisions) {
        said.decision = decision;
    }
}

/// Asks the counters of this process, for those of these limits that are `meant`. Break: one refuses the request.
fn ask_here(questions: &[Question], said: &mut [Said], meant: impl Fn(&Question) -> bool) -> ControlFlow<()> {
    for (question, said) in questions.iter().zip(said).filter(|(question, _)| meant(question)) {
        *said = question.counter.ask_for(question.hash);
        if said.decision.refuses() {
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}
