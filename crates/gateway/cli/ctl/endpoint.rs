//! What is done to an endpoint.

use axum::http::Method;
use serde_json::json;

use super::connection::{Answer, Connection};
use super::seen::{Pool, Pools};
use super::trouble::Trouble;

/// What is done to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Drain,
    Enable,
    Weigh(u16),
    /// For this many seconds, or as long as the pool says.
    Eject(Option<u32>),
}

/// Asks for one pool. If there is none, says which there are.
pub(super) async fn pool(connection: &Connection, name: &str) -> Result<Answer, Trouble> {
    let is_segment = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || !name.chars().all(is_segment) {
        return Err(no_such_pool(connection, name).await);
    }
    match connection.get(&format!("/api/v1/pools/{name}")).await {
        Err(Trouble::Refused { status: 404, .. }) => Err(no_such_pool(connection, name).await),
        answer => answer,
    }
}

/// Does it to the endpoint of the pool that has this URL or id.
pub(super) async fn act(
    connection: &Connection,
    (name, endpoint): (&str, &str),
    act: Act,
) -> Result<Answer, Trouble> {
    let of_pool: Pool = pool(connection, name).await?.read()?;
    let id = id_of(&of_pool, endpoint)?;
    act_by_id(connection, (name, id), act).await
}

pub(super) async fn act_by_id(
    connection: &Connection,
    (pool, id): (&str, &str),
    act: Act,
) -> Result<Answer, Trouble> {
    let path = |what: &str| format!("/api/v1/pools/{pool}/endpoints/{id}/{what}");
    match act {
        Act::Drain => connection.post(&path("drain")).await,
        Act::Enable => connection.post(&path("enable")).await,
        Act::Weigh(weight) => {
            connection.send(Method::PUT, &path("weight"), &json!({ "weight": weight })).await
        }
        Act::Eject(None) => connection.post(&path("eject")).await,
        Act::Eject(Some(seconds)) => {
            connection.send(Method::POST, &path("eject"), &json!({ "seconds": seconds })).await
        }
    }
}

/// Finds an endpoint by its URL, with or without the scheme, or by its id.
fn id_of<'a>(pool: &'a Pool, wanted: &str) -> Result<&'a str, Trouble> {
    let is_meant =
        |url: &str| url == wanted || url.split_once("://").is_some_and(|(_, place)| place == wanted);
    let mut meant = pool.endpoints.iter().filter(|endpoint| endpoint.id == wanted || is_meant(&endpoint.url));
    match (meant.next(), meant.next()) {
        (Some(endpoint), None) => Ok(&endpoint.id),
        (Some(_), Some(_)) => Err(Trouble::Here(format!(
            "pool {} has several endpoints with the URL {wanted}: give the id of one",
            pool.name
        ))),
        (None, _) => {
            let all: Vec<&str> = pool.endpoints.iter().map(|endpoint| endpoint.url.as_str()).collect();
            Err(Trouble::Here(format!(
                "pool {} has no endpoint {wanted}. It has {}",
                pool.name,
                listed(&all)
            )))
        }
    }
}

async fn no_such_pool(connection: &Connection, name: &str) -> Trouble {
    let pools: Result<Pools, Trouble> = match connection.get("/api/v1/pools").await {
        Ok(answer) => answer.read(),
        Err(trouble) => Err(trouble),
    };
    match pools {
        Ok(Pools { pools }) => {
            let all: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
            Trouble::Here(format!("there is no pool {name}. There are {}", listed(&all)))
        }
        Err(trouble) => trouble,
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
