//! What only reads.

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::operator::answer::Answer;
use crate::operator::desk::Desk;
use crate::operator::problem::Problem;
use crate::operator::view::{Config, Connections, Errors, History, Pool, Pools, Routes, Status};

const DOCUMENT: &str = include_str!("../openapi.json");

pub(super) async fn openapi() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT).into_response()
}

pub(super) async fn status(State(desk): State<Desk>) -> Answer<Status> {
    Answer(Status::of(&desk))
}

pub(super) async fn routes(State(desk): State<Desk>) -> Answer<Routes> {
    Answer(Routes::of(&desk.handle))
}

pub(super) async fn pools(State(desk): State<Desk>) -> Answer<Pools> {
    Answer(Pools::of(&desk.handle))
}

pub(super) async fn pool(
    State(desk): State<Desk>,
    Path(name): Path<String>,
) -> Result<Answer<Pool>, Problem> {
    let pool = Pool::named(&name, &desk.handle);
    pool.map(Answer).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, format!("there is no pool {name}")))
}

pub(super) async fn connections(State(desk): State<Desk>) -> Answer<Connections> {
    Answer(Connections::of(&desk.handle))
}

pub(super) async fn config(State(desk): State<Desk>) -> Answer<Config> {
    Answer(Config::of(&desk.handle))
}

pub(super) async fn errors(State(desk): State<Desk>) -> Answer<Errors> {
    Answer(Errors::of(&desk.handle))
}

pub(super) async fn history(State(desk): State<Desk>) -> Answer<History> {
    Answer(History::of(&desk.handle))
}
