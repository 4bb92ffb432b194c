//! The terminal: it is taken, and given back whatever happens.

use std::io::{self, IsTerminal as _};
use std::thread;
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEvent};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::super::trouble::Trouble;
use super::model::Model;
use super::view;

/// How often the thread that waits for keys looks whether it is still needed.
const LOOKS: Duration = Duration::from_millis(200);

/// What a person does to the terminal.
pub(super) enum Input {
    Key(KeyEvent),
    Resized,
}

/// The terminal while it is taken. It is given back when this is dropped, and at a panic.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    inputs: Receiver<Input>,
}

impl Screen {
    pub(super) fn take() -> Result<Self, Trouble> {
        if !io::stdout().is_terminal() {
            let why = "top needs a terminal. `gateway ctl events --follow` goes on anywhere";
            return Err(Trouble::Here(why.to_owned()));
        }
        let here = |error: io::Error| Trouble::Here(format!("this terminal can't be used: {error}"));
        let terminal = ratatui::try_init().inspect_err(|_| ratatui::restore()).map_err(here)?;
        let (tell, inputs) = mpsc::channel(8);
        let screen = Self { terminal, inputs };
        thread::Builder::new().name("keys".into()).spawn(move || read(&tell)).map_err(here)?;
        Ok(screen)
    }

    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(frame, model)).map(drop)
    }

    pub(super) async fn input(&mut self) -> Option<Input> {
        self.inputs.recv().await
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Passes keys on for as long as anybody takes them.
fn read(tell: &Sender<Input>) {
    while !tell.is_closed() {
        match event::poll(LOOKS) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(_) => return,
        }
        let input = match event::read() {
            Ok(Event::Key(key)) => Input::Key(key),
            Ok(Event::Resize(..)) => Input::Resized,
            Ok(_) => continue,
            Err(_) => return,
        };
        if tell.blocking_send(input).is_err() {
            return;
        }
    }
}
