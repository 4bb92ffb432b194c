//! Thousands of pools and routes: how much memory one costs that has had no traffic, and how soon all of them are
//! served.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use gateway::Gateway;
use gateway::config::Config;
use gateway::serve::Shutdown;

/// The most memory that a pool of one upstream and its route may take together.
const EACH: i64 = 12 << 10;

const MANY: usize = 5_000;

/// An optimised build takes a tenth of a second.
const SOON: Duration = Duration::from_secs(20);

/// What all the pools and all the routes have in common.
struct Kind {
    upstream: String,
    pool: &'static str,
    route: &'static str,
    /// What the configuration has besides these pools and routes.
    root: &'static str,
}

const ADMINISTRATED: &str = "[pools.own]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/own\"]\npool = \"own\"\nadmin_tokens = [\"letmein\"]\n";

impl Kind {
    fn of(upstream: &str) -> Self {
        Self { upstream: upstream.to_owned(), pool: "", route: "", root: "" }
    }

    fn times(&self, number: usize) -> String {
        let Self { upstream, pool, route, root } = self;
        let mut text = (*root).to_owned();
        for n in 0..number {
            writeln!(text, "[pools.p{n}]\nupstreams = [\"{upstream}\"]\n{pool}").unwrap();
            writeln!(text, "[routes.\"/route{n}\"]\npool = \"p{n}\"\n{route}").unwrap();
        }
        text
    }

    /// How many bytes such a gateway keeps.
    fn keeps(&self, number: usize) -> i64 {
        let text = self.times(number);
        let mut gateway = None;
        let taken = allocation_counter::measure(|| gateway = Some(composed(&text)));
        assert!(gateway.is_some());
        taken.bytes_current
    }
}

fn composed(text: &str) -> Gateway {
    let config = Config::parse("many.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"));
    gateway::app(config, Shutdown::new()).unwrap()
}

#[test]
fn a_pool_without_traffic_costs_little() {
    const FEW: usize = 256;
    let mut too_much = Vec::new();
    let http = || Kind::of("http://127.0.0.1:9001");
    for (name, kind) in [
        ("plain", http()),
        ("https", Kind::of("https://127.0.0.1:9001")),
        (
            "TLS of its own",
            Kind { pool: "tls.server_name = \"app.example\"", ..Kind::of("https://127.0.0.1:9001") },
        ),
        ("with administrators", Kind { root: ADMINISTRATED, ..http() }),
        ("gated", Kind { route: "admin_tokens = [\"letmein\"]", ..http() }),
        (
            "limited, with retries",
            Kind { pool: "max_in_flight = 10\nconnections.max = 10\nretries = {}", ..http() },
        ),
        ("probed", Kind { pool: "health.path = \"/\"", ..http() }),
        ("hashed", Kind { pool: "balance = { hash = \"peer\" }", ..http() }),
    ] {
        let each = (kind.keeps(2 * FEW) - kind.keeps(FEW)) / FEW as i64;
        println!("{name:24}{each:7} bytes a pool");
        if each > EACH {
            too_much.push(format!("{name}: {each} bytes a pool"));
        }
    }
    assert!(too_much.is_empty(), "{too_much:#?}");
}

#[tokio::test]
async fn thousands_of_routes_are_served_soon() {
    let upstream = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
    let text = Kind::of(&upstream.url()).times(MANY);
    let began = Instant::now();
    let gateway = TestGateway::start(&text);
    let mut client = RawClient::connect(gateway.addr).await;
    for n in [0, MANY / 2, MANY - 1] {
        assert_eq!(client.get(&format!("/route{n}/x")).await.text(), "/x");
    }
    println!("{MANY} routes: {:?} to the third answer", began.elapsed());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}
