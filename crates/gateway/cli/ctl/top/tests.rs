use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::json;

use super::keys::{Look, wish};
use super::*;

fn event(name: &str, data: &serde_json::Value) -> Event {
    Event { name: name.into(), data: data.to_string() }
}

fn endpoint(port: u16, state: &str, why: &str) -> serde_json::Value {
    json!({
        "id": format!("{port:016x}"), "url": format!("http://127.0.0.1:{port}"), "weight": 1, "state": state, "why": why,
        "share": 0.5, "in_flight": 2, "requests": 120, "failures": 5, "requests_per_second": 12.25, "latency_ms": 1.25,
        "connections": { "open": 3, "idle": 1, "waiting": 0 },
        "last_error": null,
    })
}

fn pools(state: &str, why: &str) -> serde_json::Value {
    json!([
        { "name": "api", "policy": "round_robin", "usable": 1,
          "endpoints": [endpoint(9001, "available", ""), endpoint(9002, state, why)] },
        { "name": "static", "policy": "round_robin", "usable": 1, "endpoints": [endpoint(9001, "slow_start", "40 %")] },
    ])
}

fn model() -> Model {
    let status = json!({
        "version": "0.1.0", "uptime": 3723.5, "ready": true, "generation": { "number": 3, "since": "", "refused": null },
    });
    let seconds: Vec<f64> = (0..120).map(|second| f64::from(second % 20)).collect();
    let mut model = Model::default();
    model.learn(&event(
        "snapshot",
        &json!({ "status": status, "pools": pools("available", ""),
                 "history": { "requests": seconds, "errors": [0, 1], "p99_ms": [null, 2.0] } }),
    ));
    model.learn(&event(
        "tick",
        &json!({ "status": status, "pools": pools("ejected", "ejected after 5 failures, 4 s left"),
                 "sample": { "requests": 24, "errors": 1, "in_flight": 4, "p50_ms": 1.2, "p99_ms": 5.04 } }),
    ));
    model
}

fn drawn(model: &Model, (width, height): (u16, u16)) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model)).unwrap();
    terminal.backend().clone()
}

#[test]
fn it_looks_like_this() {
    let mut model = model();
    assert_snapshot!("wide", drawn(&model, (120, 20)));
    assert_snapshot!("narrow", drawn(&model, (60, 10)));
    model.look(Look::Help);
    model.lose("no answer from 127.0.0.1:9900".into());
    assert_snapshot!("help", drawn(&model, (100, 20)));
}

#[test]
fn any_size_can_be_drawn() {
    let model = model();
    for size in [(1, 1), (2, 40), (200, 2), (10, 5), (300, 100)] {
        drawn(&model, size);
        drawn(&Model::default(), size);
    }
}

#[test]
fn the_selection_stays_on_an_endpoint() {
    let mut model = model();
    let selected =
        |model: &Model| model.selected().map(|(pool, endpoint)| (pool.name.clone(), endpoint.url.clone()));
    model.look(Look::Up);
    assert_eq!(selected(&model).unwrap(), ("api".into(), "http://127.0.0.1:9001".into()));
    (0..9).for_each(|_| model.look(Look::Down));
    assert_eq!(selected(&model).unwrap(), ("static".into(), "http://127.0.0.1:9001".into()));
    model.learn(&event(
        "pools",
        &json!({ "pools": [{ "name": "api", "endpoints": [endpoint(1, "available", "")] }] }),
    ));
    assert_eq!(selected(&model).unwrap(), ("api".into(), "http://127.0.0.1:1".into()));
    model.learn(&event("pools", &json!({ "pools": [] })));
    model.look(Look::Last);
    assert_eq!(selected(&model), None);
}

#[test]
fn only_fifteen_minutes_are_kept() {
    let mut model = Model::default();
    for second in 0..1000 {
        model.learn(&event("tick", &json!({ "sample": { "requests": second } })));
    }
    assert_eq!(model.history.len(), 900);
    assert!((model.history[0].requests - 100.0).abs() < 0.1);
}

#[test]
fn keys_ask_for_something() {
    for (code, modifiers, expected) in [
        (KeyCode::Char('q'), KeyModifiers::NONE, Some(Wish::Quit)),
        (KeyCode::Char('c'), KeyModifiers::CONTROL, Some(Wish::Quit)),
        (KeyCode::Char('d'), KeyModifiers::NONE, Some(Wish::Act(Act::Drain))),
        (KeyCode::Char('d'), KeyModifiers::CONTROL, None),
        (KeyCode::Char('e'), KeyModifiers::NONE, Some(Wish::Act(Act::Enable))),
        (KeyCode::Down, KeyModifiers::NONE, Some(Wish::Look(Look::Down))),
        (KeyCode::Char('x'), KeyModifiers::NONE, None),
    ] {
        assert_eq!(wish(KeyEvent::new(code, modifiers)), expected, "{code:?}");
    }
}
