//! What a reload changes of the log.

use super::logged::Logged;
use crate::support::process::Signal;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

struct Reloading {
    logged: Logged,
    url: String,
    reloads: u64,
}

impl Reloading {
    async fn start(log: &str) -> Self {
        let upstream = RecordingUpstream::start(|_| Script::ok("abc")).await;
        let url = upstream.url();
        let logged = Logged::over(upstream, &["--no-watch"], &config(&url, log)).await;
        Self { logged, url, reloads: 1 }
    }

    /// Puts this log in place, and waits until it is.
    async fn change(&mut self, log: &str) {
        self.write(log).await;
        self.reloads += 1;
        self.logged.raw_line(&format!("generation {}: ", self.reloads)).await;
    }

    async fn write(&self, log: &str) {
        let config = format!("listen = \"127.0.0.1:0\"\n{}", config(&self.url, log));
        std::fs::write(self.logged.path("gateway.toml"), config).unwrap();
        self.logged.signal(Signal::Hup).await;
    }

    async fn ask(&self, id: &str) {
        let request = format!("GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: {id}\r\n\r\n");
        let mut client = RawClient::connect(self.logged.addr).await;
        assert_eq!(client.exchange(request.as_bytes(), "GET").await.status(), 200);
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.logged.path(name)).unwrap()
    }
}

fn config(url: &str, log: &str) -> String {
    format!("[pools.api]\nupstreams = [\"{url}\"]\n[routes.\"/api\"]\npool = \"api\"\n{log}")
}

#[tokio::test]
async fn form_choice_and_file_change_without_a_lost_line() {
    let mut gateway = Reloading::start("[log.access]\nto = \"file:one\"\nformat = \"{id}\"\n").await;
    gateway.ask("first").await;
    gateway.change("[log.access]\nto = \"file:one\"\nformat = \"{id} {status}\"\n").await;
    gateway.ask("second").await;
    gateway.change("[log.access]\nto = \"file:two\"\nformat = \"{id}\"\n").await;
    gateway.ask("third").await;
    gateway.change("[log.access]\nto = \"file:two\"\nformat = \"{id}\"\nonly = \"status >= 500\"\n").await;
    gateway.ask("fourth").await;
    gateway.change("").await;
    gateway.ask("fifth").await;
    gateway.logged.line("fifth").await;
    gateway.logged.stop().await;
    assert_eq!(gateway.file("one"), "first\nsecond 200\n");
    assert_eq!(gateway.file("two"), "third\n");
}

#[tokio::test]
async fn the_log_itself_is_led_elsewhere() {
    let mut gateway = Reloading::start("").await;
    gateway.ask("first").await;
    gateway.logged.line("first").await;
    gateway.write("[log]\nto = \"file:all\"\n").await;
    let file = gateway.logged.path("all");
    let led = async {
        while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains("generation 2: ")) {
            tokio::task::yield_now().await;
        }
    };
    crate::support::within("the other file", led).await;
    gateway.ask("second").await;
    gateway.logged.stop().await;
    assert!(gateway.file("all").contains("id=\"second\""), "{}", gateway.file("all"));
    assert!(!gateway.logged.text().contains("second"), "{}", gateway.logged.text());
}

#[tokio::test]
async fn what_cannot_change_is_refused_with_its_place() {
    let mut gateway = Reloading::start("[log]\nformat = \"text\"\n").await;
    gateway.write("[log]\nformat = \"json\"\n").await;
    let line = gateway.logged.raw_line("log.format can't change").await;
    assert!(line.contains("gateway.toml:6:"), "{line}");
    gateway.write("[log.access]\nto = \"file:no/such/file\"\n").await;
    let line = gateway.logged.raw_line("no log can be written to ").await;
    assert!(line.contains("No such file or directory"), "{line}");
    gateway.change("[log.access]\nsample = 0\n").await;
    gateway.logged.stop().await;
}
