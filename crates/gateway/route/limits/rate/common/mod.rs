//! `Common`: limits that several gateways share, in Redis or Valkey.

mod address;
mod connection;
mod script;
mod tally;

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
use crate::background::Background;
use crate::config::{OnFailure, Redis};

/// Where several gateways count together, for one route. Clones ask over the same connection.
#[derive(Clone, Debug)]
pub(crate) struct Common {
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
    pub(super) counter: Arc<Counter>,
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
    /// Asks the server of this configuration, and what keeps a connection to it. `None` if its URL can't be used, which
    /// the configuration has checked.
    pub(crate) fn at(config: &Redis) -> Option<(Self, Background)> {
        let address = Address::of(config)?;
        let script = Gcra::new();
        let (connection, keeping) = Connection::to(address, script.clone());
        let server = Server { config: config.clone(), script, connection, tally: Tally::default() };
        Some((Self { server: Arc::new(server), route: Arc::from("") }, keeping))
    }

    /// The same for the limits of this route.
    pub(crate) fn of_route(&self, name: &str) -> Self {
        Self { server: Arc::clone(&self.server), route: Arc::from(name) }
    }

    /// Whether it asks the server of this configuration, in the same way.
    pub(crate) fn asks(&self, config: &Redis) -> bool {
        self.server.config == *config
    }

    /// Whether there is a connection.
    pub(crate) fn is_connected(&self) -> bool {
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

    /// Counts a request there, or does what is to be done if nobody answers in time.
    pub(super) async fn decide(&self, question: &Question) -> Decision {
        let Some(key) = &question.key else { return question.counter.ask_for(question.hash) };
        let Server { config, script, connection, tally } = &*self.server;
        let asking = async |mut connection| script.ask(&mut connection, key, question.counter.limit()).await;
        match connection.ask(config.deadline, asking).await {
            Ok(decision) => {
                tally.note(decision);
                decision
            }
            Err(failure) => {
                tally.note_failure(failure);
                match config.on_failure {
                    OnFailure::Local => question.counter.ask_for(question.hash),
                    OnFailure::Allow => Decision::Unknown,
                    OnFailure::Deny => Decision::Unavailable,
                }
            }
        }
    }
}
