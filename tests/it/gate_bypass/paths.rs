//! Ways around a gate that have worked elsewhere.

use http::{Request, Uri};

use crate::support::gateway::{TestGateway, topology};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::{h2 as h2c, within};

/// None of these is `/admin` literally.
const DETOURS: &[&str] = &[
    "/static/../admin/x",
    "/static/%2e%2e/admin/x",
    "/static/%2E%2e/admin/x",
    "/static/.%2e/admin/x",
    "/static/%2e./admin/x",
    "/static/..%2fadmin/x",
    "/static/..%2Fadmin/x",
    "/static%2f../admin/x",
    "/static%2f..%2fadmin%2fx",
    "/static/..;/admin/x",
    "/static/..;x=y/admin/x",
    "/static/;/../admin/x",
    "/static/..%3b/admin/x",
    "/static/%252e%252e/admin/x",
    "/static/%252e%252e%252fadmin/x",
    "/static/..%5cadmin/x",
    "/static/..%255cadmin/x",
    "/static/..\\admin/x",
    "/static/./../admin/x",
    "/static/x/../../admin/x",
    "/static/../../../admin/x",
    "/static/..//admin/x",
    "/static/...%2f../admin/x",
    "/api/..",
    "/..",
    "/.",
    "/./admin/x",
    "/../admin/x",
    "/%2e/admin/x",
    "/;/../admin/x",
    "//admin",
    "//admin/x",
    "///admin/x",
    "//admin//x",
    "/ADMIN",
    "/Admin/x",
    "/aDMIN/x",
    "/%61dmin",
    "/%61dmin/x",
    "/%61%64%6d%69%6e/x",
    "/%41DMIN/x",
    "/%2561dmin/x",
    "/admi%6e/x",
    "/admin;x",
    "/admin;x/y",
    "/admin;/x",
    "/;x/admin",
    "/admin%3bx/y",
    "/admin%2fx",
    "/admin%2Fx",
    "/admin%5cx",
    "/admin%252fx",
    "/%2fadmin/x",
    "/%2f/admin/x",
    "/%5cadmin/x",
    "/\\admin/x",
    "/admin\\x",
    "/admin%00",
    "/admin%00/x",
    "/%00/admin",
    "/admin%0a/x",
    "/admin%0d%0a/x",
    "/admin%09/x",
    "/%09admin",
    "/ad%0dmin/x",
    "/%0a/admin/x",
    "/admin%7f",
    "/ad%2509min",
    "/static/.%0a./admin/x",
    "/static/..%09/admin/x",
];

#[tokio::test]
async fn no_detour_arrives() {
    for more in ["", "[routes.\"/\"]\npool = \"static\""] {
        let site = Site::start(more).await;
        let (requests, _connection) = h2c::raw(site.gateway.addr).await;
        for path in DETOURS {
            let mut client = RawClient::connect(site.gateway.addr).await;
            let status = client.get(path).await.status();
            assert!(matches!(status, 400 | 404), "{path}: {status}");
            let absolute = format!("http://test{path}");
            let status = RawClient::connect(site.gateway.addr).await.get(&absolute).await.status();
            assert!(matches!(status, 400 | 404), "{absolute}: {status}");
            let mut requests = requests.clone().ready().await.unwrap();
            let (answer, _) = requests.send_request(get(path), true).unwrap();
            let status = within("an answer", answer).await.unwrap().status().as_u16();
            assert!(matches!(status, 400 | 404), ":path {path}: {status}");
        }
        site.assert_untouched();
    }
}

/// A path that belongs to the gate needs a token, in whatever form it is written and whatever follows it.
#[tokio::test]
async fn the_gate_is_shut_at_the_front() {
    let site = Site::start("[routes.\"/\"]\npool = \"static\"").await;
    let fields = "Host: test\r\nConnection: X-Admin-Token\r\nX-Original-URL: /static\r\nX-Rewrite-URL: /static\r\n\
                  X-HTTP-Method-Override: OPTIONS\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Prefix: /static\r\n\r\n";
    for target in
        ["/admin", "/admin/", "/admin/x", "/admin//x", "/admin/x%2fy", "/admin?x=/static", "/admin/?"]
    {
        for target in [target.to_owned(), format!("http://test{target}")] {
            for method in ["GET", "POST", "OPTIONS", "PROPFIND", "get", "X"] {
                let mut client = RawClient::connect(site.gateway.addr).await;
                client.send(format!("{method} {target} HTTP/1.1\r\n{fields}")).await;
                assert_eq!(client.response().await.status(), 401, "{method} {target}");
            }
        }
    }
    site.assert_untouched();
}

/// A longer name is another resource.
#[tokio::test]
async fn what_is_not_gated_stays_open() {
    let site = Site::start("[routes.\"/\"]\npool = \"static\"").await;
    for path in [
        "/administrator",
        "/admin-x",
        "/x/admin",
        "/api/admin",
        "/static/admin/x",
        "/static/ADMIN;x",
        "/a%2fadmin",
        "/api../admin/x",
        "/static/%0aadmin",
        "/x%09/admin",
        "/administrator%0a",
    ] {
        assert_eq!(RawClient::connect(site.gateway.addr).await.get(path).await.text(), "open", "{path}");
    }
    site.assert_untouched();
}

struct Site {
    gateway: TestGateway,
    gated: RecordingUpstream,
    _open: RecordingUpstream,
}

impl Site {
    async fn start(more: &str) -> Self {
        let open = RecordingUpstream::start(|_| Script::ok("open")).await;
        let gated = RecordingUpstream::start(|_| Script::ok("gated")).await;
        let config = topology(open.addr(), gated.addr());
        let config = config.replacen(&format!(", \"{}\"", gated.url()), "", 1);
        let gateway = TestGateway::start(&format!("{config}\n{more}"));
        Self { gateway, gated, _open: open }
    }

    fn assert_untouched(&self) {
        assert!(self.gated.requests().is_empty(), "{:#?}", self.gated.requests());
    }
}

fn get(path: &str) -> Request<()> {
    let uri = Uri::builder().scheme("http").authority("test").path_and_query(path).build().unwrap();
    Request::get(uri).body(()).unwrap()
}
