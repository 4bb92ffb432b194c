//! What only reads.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::operator::answer::Answer;
use crate::operator::desk::Desk;
use crate::operator::problem::Problem;
use crate::operator::view::{Pool, Pools, Routes, Status};

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
