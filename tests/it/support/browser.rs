//! A real Chromium, driven over its DevTools protocol.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::process::Process;
use super::tools::require;

/// A browser takes a while on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Chromium with one page. It is killed when dropped.
pub struct Browser {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The page, by the name that the protocol gives it.
    session: Option<String>,
    asked: u64,
    complaints: Vec<String>,
    _process: Process,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub width: u32,
    pub height: u32,
    /// `light` or `dark`, as the system says it.
    pub scheme: &'static str,
}

impl Browser {
    /// `None` where Chromium is missing.
    pub async fn start() -> Option<Self> {
        let program = require("chromium")?;
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-extensions"])
            .args(["--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()));
        let process = Process::start(command);
        let line = process.line_within("DevTools listening on ", PATIENCE).await;
        let address = line.trim_start_matches("DevTools listening on ").trim();
        let (socket, _answer) = connect_async(address).await.unwrap();
        let mut browser = Self {
            socket,
            session: None,
            asked: 0,
            complaints: Vec::new(),
            _process: process,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", target).await;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        Some(browser)
    }

    /// Asks the browser for something, and notes what happens until it answers.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut question = json!({ "id": self.asked, "method": method, "params": params });
        if let Some(session) = &self.session {
            question["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(question.to_string())).await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let next = timeout_at(deadline, self.socket.next()).await;
            let message = next.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {method} {params}"));
            let Message::Text(text) = message.expect("the browser is there").unwrap() else { continue };
            let mut message: Value = serde_json::from_str(&text).unwrap();
            if message["id"] == self.asked {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            self.note(&message);
        }
    }

    fn note(&mut self, message: &Value) {
        let method = message["method"].as_str().unwrap_or_default();
        let is_error = match method {
            "Log.entryAdded" => message["params"]["entry"]["level"] == "error",
            "Runtime.consoleAPICalled" => message["params"]["type"] == "error",
            "Runtime.exceptionThrown" | "Page.javascriptDialogOpening" => true,
            _ => false,
        };
        if is_error {
            self.complaints.push(message["params"].to_string());
        }
    }

    /// Errors on the page's console, exceptions and dialogs so far.
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    pub async fn look(&mut self, View { width, height, scheme }: View) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Loads a page, and waits until all of it is loaded. Gives how many milliseconds that took.
    pub async fn open(&mut self, url: &str) -> f64 {
        self.call("Page.navigate", json!({ "url": url })).await;
        let loaded = "new Promise(done => {
            const look = () => performance.getEntriesByType('navigation')[0].loadEventEnd;
            if (look()) done(look()); else addEventListener('load', () => setTimeout(() => done(look())));
        })";
        self.eval(loaded).await.as_f64().unwrap()
    }

    /// The value of an expression, once it is there if it is a promise.
    ///
    /// # Panics
    /// If it throws.
    pub async fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", params).await;
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Waits for an expression to be true, which is looked at when the page changes.
    pub async fn until(&mut self, condition: &str) {
        let waiting = format!(
            "new Promise(done => {{
                const look = () => {{ if ({condition}) {{ observer.disconnect(); done(true); }} }};
                const observer = new MutationObserver(look);
                observer.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
                look();
            }})"
        );
        self.eval(&waiting).await;
    }

    /// Writes what is seen to a PNG file.
    pub async fn screenshot(&mut self, file: &Path) {
        let shot =
            self.call("Page.captureScreenshot", json!({ "format": "png", "optimizeForSpeed": false })).await;
        std::fs::write(file, STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()).unwrap();
    }
}
