//! Every path of up to four segments from an alphabet of segments that parsers are known to confuse.

use http::{Request, Uri};

use super::models::Model;
use crate::support::gateway::{TestGateway, topology};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::{h2 as h2c, within};

pub(super) const ALPHABET: [&str; 16] = [
    "..",
    ".",
    "%2e%2e",
    ".%2e",
    "..;",
    "%2f",
    "%5c",
    "\\",
    "",
    "%00",
    "admin",
    "ADMIN",
    "%61dmin",
    "admin;x",
    "api",
    "%252e%252e",
];

/// Segments in which control bytes hide something, and segments from which it can be hidden.
pub(super) const WITH_CONTROL: [&str; 16] = [
    "%09",
    "%0a%0d",
    "%7f",
    "%0aadmin",
    "admin%0a",
    "ad%09min",
    "ADMIN%1f",
    "%6%0a1dmin",
    "ad%2509min",
    "admin%00",
    ".%09.",
    "..%0d",
    "..",
    "",
    "admin",
    "api",
];

/// Fewer than the streams that a connection may have at once.
const AT_ONCE: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_leads_around_the_gate() {
    let gateway = Guarded::start("").await;
    let paths: Vec<String> = paths(ALPHABET, 4).collect();
    assert_eq!(paths.len(), 65_536 + 4_096 + 256 + 16);
    gateway.try_all(&paths).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_a_catch_all_route() {
    let gateway = Guarded::start("[routes.\"/\"]\npool = \"static\"").await;
    let paths: Vec<String> = paths(ALPHABET, 4).collect();
    let verdicts = gateway.try_all(&paths).await;
    // The gate must not simply refuse everything.
    for (path, status) in verdicts {
        let plain = path.split('/').all(|segment| ["", "api", "admin"].contains(&segment));
        if plain && !Model::Everything.finds_admin(&path) {
            assert_eq!(status, 200, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_do_control_bytes() {
    let gateway = Guarded::start("[routes.\"/\"]\npool = \"static\"").await;
    let paths: Vec<String> = paths(WITH_CONTROL, 3).collect();
    let verdicts = gateway.try_all(&paths).await;
    // A path with neither the name of the gate nor a dot segment in it must be let through.
    for (path, status) in verdicts {
        let pieces = ["", "%09", "%0a%0d", "%7f", "api"];
        if path.split('/').all(|segment| pieces.contains(&segment)) {
            assert_eq!(status, 200, "{path}");
        }
    }
}

/// HTTP/1.1 hands the same bytes to the same router, so a sample is enough.
#[tokio::test]
async fn nor_does_another_protocol() {
    let gateway = Guarded::start("[routes.\"/\"]\npool = \"static\"").await;
    for path in paths(ALPHABET, 4).step_by(61) {
        let mut client = RawClient::connect(gateway.gateway.addr).await;
        gateway.judge(&path, client.get(&path).await.status());
    }
    gateway.gated.assert_untouched();
}

struct Guarded {
    gateway: TestGateway,
    gated: Gated,
    _open: RecordingUpstream,
}

/// What stands behind the gate.
struct Gated(RecordingUpstream);

impl Guarded {
    async fn start(more: &str) -> Self {
        let open = RecordingUpstream::start(|_| Script::ok("open")).await;
        let gated = RecordingUpstream::start(|_| Script::ok("gated")).await;
        let config = topology(open.addr(), gated.addr());
        // `/api` must not reach the gated upstream legitimately.
        let config = config.replacen(&format!(", \"{}\"", gated.url()), "", 1);
        let gateway = TestGateway::start(&format!("{config}\n{more}"));
        Self { gateway, gated: Gated(gated), _open: open }
    }

    async fn try_all(&self, paths: &[String]) -> Vec<(String, u16)> {
        let (requests, _connection) = h2c::raw(self.gateway.addr).await;
        let mut verdicts = Vec::with_capacity(paths.len());
        for batch in paths.chunks(AT_ONCE) {
            let mut answers = Vec::with_capacity(AT_ONCE);
            for path in batch {
                let mut requests = requests.clone().ready().await.unwrap();
                let (answer, _) = requests.send_request(get(path), true).unwrap();
                answers.push((path, answer));
            }
            for (path, answer) in answers {
                let status = read(path, answer).await;
                self.judge(path, status);
                verdicts.push((path.clone(), status));
            }
        }
        self.gated.assert_untouched();
        verdicts
    }

    fn judge(&self, path: &str, status: u16) {
        if path == "/admin" || path.starts_with("/admin/") {
            assert!(matches!(status, 400 | 401), "{path}: {status}");
        } else if let Some(model) = Model::ALL.iter().find(|model| model.finds_admin(path)) {
            assert!(matches!(status, 400 | 401 | 403 | 404), "{path}: {status}, and {model:?} finds /admin");
        } else {
            assert!(matches!(status, 200 | 400 | 404), "{path}: {status}");
        }
    }
}

impl Gated {
    fn assert_untouched(&self) {
        assert!(self.0.requests().is_empty(), "{:#?}", self.0.requests());
    }
}

/// Reads each answer to its end: one that is dropped unread counts as a reset, and a connection may have only so many.
async fn read(path: &str, answer: h2::client::ResponseFuture) -> u16 {
    let (head, mut body) = within(path, answer).await.unwrap().into_parts();
    while let Some(data) = within(path, body.data()).await {
        let count = data.unwrap().len();
        body.flow_control().release_capacity(count).unwrap();
    }
    head.status.as_u16()
}

fn get(path: &str) -> Request<()> {
    let uri = Uri::builder().scheme("http").authority("test").path_and_query(path).build().unwrap();
    Request::get(uri).body(()).unwrap()
}

pub(super) fn paths(alphabet: [&'static str; 16], longest: u32) -> impl Iterator<Item = String> {
    (1..=longest).flat_map(move |segments| {
        (0..alphabet.len().pow(segments)).map(move |mut number| {
            (0..segments).fold(String::new(), |path, _| {
                let segment = alphabet[number % alphabet.len()];
                number /= alphabet.len();
                path + "/" + segment
            })
        })
    })
}
