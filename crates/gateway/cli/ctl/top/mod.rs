//! `gateway ctl top`: a gateway that runs, live in a terminal.
//!
//! - `model`: what is shown, kept up to date by `/events`. `view`: draws it.
//! - `keys`: what a key asks for. `screen`: takes the terminal, and gives it back.

mod keys;
mod model;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, Sender};

use self::keys::Wish;
use self::model::Model;
use self::screen::{Input, Screen};
use super::connection::Connection;
use super::endpoint::{self, Act};
use super::stream::{Event, Events};
use super::trouble::Trouble;

/// How long to wait before the events are asked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// How much news may wait to be shown.
const WAITING: usize = 16;

/// What changes what is shown, besides keys.
enum News {
    Event(Event),
    /// The gateway says nothing any more.
    Lost(String),
    /// What came of something that was done.
    Done(String),
}

/// Shows it until a key or a signal ends it.
pub(super) async fn run(connection: Connection) -> Result<(), Trouble> {
    // Before the terminal is taken, so that a person can read why it doesn't work.
    let events = Events::of(&connection).await?;
    let here = |error: std::io::Error| Trouble::Here(error.to_string());
    let mut terminated = signal(SignalKind::terminate()).map_err(here)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(here)?;
    let mut screen = Screen::take()?;
    let (tell, mut news) = mpsc::channel(WAITING);
    tokio::spawn(follow(connection.clone(), events, tell.clone()));
    let mut model = Model::default();
    loop {
        screen.draw(&model).map_err(here)?;
        tokio::select! {
            Some(input) = screen.input() => if let Input::Key(key) = input {
                match keys::wish(key) {
                    Some(Wish::Quit) => return Ok(()),
                    Some(Wish::Act(act)) => begin(act, &model, &connection, &tell),
                    Some(Wish::Look(look)) => model.look(look),
                    None => {}
                }
            },
            Some(news) = news.recv() => match news {
                News::Event(event) => model.learn(&event),
                News::Lost(why) => model.lose(why),
                News::Done(what) => model.say(what),
            },
            _ = terminated.recv() => return Ok(()),
            _ = interrupted.recv() => return Ok(()),
        }
    }
}

/// Passes the events on. When they break off, it asks for them again.
async fn follow(connection: Connection, mut events: Events, tell: Sender<News>) {
    loop {
        let news = match events.next().await {
            Ok(Some(event)) => News::Event(event),
            Ok(None) => News::Lost("the gateway has ended the events".to_owned()),
            Err(trouble) => News::Lost(trouble.to_string()),
        };
        let is_lost = matches!(news, News::Lost(_));
        if tell.send(news).await.is_err() {
            return;
        }
        if is_lost {
            let Some(again) = again(&connection, &tell).await else { return };
            events = again;
        }
    }
}

/// Asks for the events until there are some, or until nobody looks any more.
async fn again(connection: &Connection, tell: &Sender<News>) -> Option<Events> {
    while !tell.is_closed() {
        tokio::time::sleep(AGAIN).await;
        if let Ok(events) = Events::of(connection).await {
            return Some(events);
        }
    }
    None
}

/// Begins to do something to the endpoint that is selected.
fn begin(act: Act, model: &Model, connection: &Connection, tell: &Sender<News>) {
    let Some((pool, endpoint)) = model.selected() else { return };
    let (pool, id, url) = (pool.name.clone(), endpoint.id.clone(), endpoint.url.clone());
    let (connection, tell) = (connection.clone(), tell.clone());
    tokio::spawn(async move {
        let done = match endpoint::act_by_id(&connection, (&pool, &id), act).await {
            Ok(_) if act == Act::Drain => format!("{url} gets no new requests"),
            Ok(_) => format!("{url} gets requests again"),
            Err(trouble) => trouble.to_string(),
        };
        let _nobody_looks_any_more = tell.send(News::Done(done)).await;
    });
}
