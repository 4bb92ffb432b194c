//! What the gateway would do with a request.

use std::net::IpAddr;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;

use crate::explain::{Explanation, InvalidQuestion, Known, Question, explain};
use crate::operator::answer::Answer;
use crate::operator::desk::Desk;
use crate::operator::problem::Problem;

/// Answers `?method=GET&url=https://host/path&header=x:%20y&client=10.0.0.7` with what `gateway explain --json` prints,
/// for the endpoints that the pools have now.
pub(super) async fn explained(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
) -> Result<Answer<Explanation>, Problem> {
    let question = question(query.as_deref().unwrap_or_default())
        .map_err(|invalid| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, invalid.to_string()))?;
    let (scene, known) = (desk.handle.scene(), Known::of(&desk.handle.pools()));
    let explanation = explain(&scene.config, &question, &known).await;
    let broken =
        |error: crate::live::ApplyError| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    explanation.map(Answer).map_err(broken)
}

fn question(query: &str) -> Result<Question, InvalidQuestion> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let all =
        |name: &'static str| pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value);
    let first = |name: &'static str| all(name).next();
    let mut question = Question::new(first("method").unwrap_or("GET"), first("url").unwrap_or_default())?;
    for line in all("header") {
        question = question.field(line)?;
    }
    if let Some(body) = first("body") {
        question = question.body(body);
    }
    match first("client").map(str::parse::<IpAddr>) {
        None => Ok(question),
        Some(Ok(client)) => Ok(question.from(client)),
        Some(Err(_)) => Err(InvalidQuestion::Client(first("client").unwrap_or_default().to_owned())),
    }
}
