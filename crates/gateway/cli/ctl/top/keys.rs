//! What a key asks for.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::endpoint::Act;

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Quit,
    /// To do something to the endpoint that is selected.
    Act(Act),
    Look(Look),
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Up,
    Down,
    First,
    Last,
    Help,
}

/// The keys, for the help.
pub(super) const KEYS: [(&str, &str); 5] = [
    ("up, down, home, end", "select an endpoint"),
    ("d", "drain it: it gets no new requests, and those in flight finish"),
    ("e", "enable it: it gets requests again, also if it was ejected"),
    ("?", "these keys"),
    ("q, Esc, Ctrl-C", "quit"),
];

pub(super) fn wish(key: KeyEvent) -> Option<Wish> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if is_control => Wish::Quit,
        KeyCode::Char(_) if is_control => return None,
        KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
        KeyCode::Char('d') => Wish::Act(Act::Drain),
        KeyCode::Char('e') => Wish::Act(Act::Enable),
        KeyCode::Up | KeyCode::Char('k') => Wish::Look(Look::Up),
        KeyCode::Down | KeyCode::Char('j') => Wish::Look(Look::Down),
        KeyCode::Home => Wish::Look(Look::First),
        KeyCode::End => Wish::Look(Look::Last),
        KeyCode::Char('?') => Wish::Look(Look::Help),
        _ => return None,
    })
}
