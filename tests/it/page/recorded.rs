//! What a person does who has never seen it: opens the page, kills a backend with the command that the page has, sees
//! what became of it, and drains another. Its screenshots are in the README.
//!
//! `PAGE_SCREENSHOTS=docs cargo test --test it page::recorded` makes them again. It sends traffic for four minutes first,
//! so that the plots have a past.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::process::Command;

use super::Operated;
use crate::support::browser::{Browser, View};
use crate::support::tools::require;

const DESKTOP: View = View { width: 1440, height: 900, scheme: "light" };
const PHONE: View = View { width: 390, height: 844, scheme: "dark" };

/// How long the page may take to load, in milliseconds. A debug build beside other tests gets more.
const LOADED: f64 = if cfg!(debug_assertions) { 500.0 } else { 100.0 };

/// The machine may be busy with other tests: one of so many tries has to be as quick as that.
const TRIES: usize = 40;

/// How long traffic is sent before screenshots that are kept.
const WARM_UP: Duration = Duration::from_secs(4 * 60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_kills_a_backend_sees_it_and_drains_another() {
    let (Some(mut browser), Some(_)) = (Browser::start().await, require("curl")) else { return };
    let mut operated = Operated::start("");
    let (one, two) = (operated.one.addr.to_string(), operated.two.addr.to_string());
    let traffic = operated.traffic();
    let album = Album::open().await;

    browser.look(DESKTOP).await;
    browser.open(&operated.url).await;
    browser.until(ALL_WELL).await;
    browser.until("Number(document.querySelector('#plots b').textContent) > 0").await;
    browser.screenshot(&album.file("well")).await;

    // One of a few tries has to show it within a second.
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let command = browser.eval(STOP).await;
        let command = command.as_str().unwrap().to_owned();
        assert_eq!(command, format!("curl -X POST http://{one}/stop"));
        let killed = Instant::now();
        let mut shell = Command::new("sh");
        assert!(shell.arg("-c").arg(format!("{command} --silent")).status().await.unwrap().success());
        browser.until(&says(&format!("1 of 2 endpoints of pool api is out: {one}, down since "))).await;
        quickest = quickest.min(killed.elapsed());
        browser.until(&says(&format!("{two} takes its requests."))).await;
        browser.until(&row("api", &two, "100 %")).await;
        browser.until(&row("api", &one, "0 %")).await;
        browser.until(&says(&format!("Nobody in pool static takes requests: {one}, down since "))).await;
        if quickest < Duration::from_secs(1) {
            break;
        }
        operated.one.start_again();
        browser.until(ALL_WELL).await;
    }
    assert!(quickest < Duration::from_secs(1), "it took {quickest:?} until the page showed it");
    browser.until("Number(document.querySelectorAll('#plots b')[1].textContent) > 0").await;
    browser.screenshot(&album.file("out")).await;

    operated.one.start_again();
    browser.until(&format!("!{}", says("is out"))).await;
    press(&mut browser, &format!("Drain {two} of pool api")).await;
    browser.until(&row("api", &two, "drained")).await;
    browser.until(&row("api", &one, "100 %")).await;
    browser.until(&says(&format!("Pool api goes without {two}, drained since "))).await;
    browser.look(PHONE).await;
    browser.screenshot(&album.file("drained")).await;
    browser.look(DESKTOP).await;
    press(&mut browser, &format!("Enable {two} of pool api")).await;
    browser.until(&format!("!{}", says("goes without"))).await;
    browser.until(&format!("!{}", row("api", &two, "drained"))).await;

    let mut loaded = f64::MAX;
    for _ in 0..TRIES {
        loaded = loaded.min(browser.open(&operated.url).await);
        if loaded < LOADED {
            break;
        }
    }
    assert!(loaded < LOADED, "{loaded} ms to load");
    let kept = browser.eval("localStorage.length + sessionStorage.length + document.cookie.length").await;
    assert_eq!(kept, 0);
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
    traffic.abort();
}

const ALL_WELL: &str = "document.getElementById('headline').textContent === 'All 3 pools are well.'";

/// The command that the page has.
const STOP: &str = "[...document.querySelectorAll('#commands code')].map(code => code.textContent)
    .find(line => line.endsWith('/stop'))";

/// Whether the top of the page says this.
fn says(what: &str) -> String {
    format!("document.getElementById('verdict').textContent.includes({})", json!(what))
}

/// Whether the row of an endpoint has a text.
fn row(pool: &str, endpoint: &str, text: &str) -> String {
    format!(
        "[...document.querySelectorAll('#pool-{pool} tr')].some(row => row.textContent.startsWith('{endpoint}') \
         && [...row.querySelectorAll('td, td > *')].some(node => node.textContent === '{text}'))"
    )
}

/// Presses a button as somebody does who has a keyboard alone.
async fn press(browser: &mut Browser, name: &str) {
    let focus = format!("document.querySelector('[aria-label={}]').focus()", json!(name));
    browser.eval(&focus).await;
    for kind in ["keyDown", "keyUp"] {
        let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        browser.call("Input.dispatchKeyEvent", key).await;
    }
}

/// Where the screenshots go: into `target/page/`, or into `docs/` if they are to be made again.
struct Album {
    folder: PathBuf,
}

impl Album {
    async fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let Some(folder) = std::env::var_os("PAGE_SCREENSHOTS") else {
            let folder = root.join("target/page");
            std::fs::create_dir_all(&folder).unwrap();
            return Self { folder };
        };
        tokio::time::sleep(WARM_UP).await;
        Self { folder: root.join(folder) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("page-{name}.png"))
    }
}
