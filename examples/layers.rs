//! The layers of routes in an axum app of your own, without a configuration file.
//!
//! `cargo run --example layers` starts two upstreams and such an app, asks it some things, and ends.

use std::error::Error;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderName, Response, StatusCode};
use axum::routing::get;
use balance::{OnBodyEnd, Outliers, Retry, RoundRobinLayer, Settings};
use gateway::config::{
    Concurrency, Cors, Errors, FieldChanges, Matching, PathPattern, PathRewrite, Queue, RateKey, RateLimit,
    Respond, Rewrite, RouteRedirect, RouteTemplate, SecurityHeaders, Users, When,
};
use gateway::pools::{Again, Judge, UntilTunnelEnds};
use gateway::route::answers::{
    CorsLayer, ErrorsLayer, RedirectService, RespondService, SecurityHeadersLayer,
};
use gateway::route::entry::{Addresses, BasicAuth, GuardLayer};
use gateway::route::limits::{BufferLayer, ConcurrencyLayer, Counter, Memory, RateLimitLayer};
use gateway::route::{
    Chain, FallbackLayer, MirrorLayer, Original, RequestHeadersLayer, ResponseHeadersLayer, RewriteLayer,
    Routes, Rule, Split, SplitCookieLayer, TrustedProxiesLayer,
};
use proxy_service::{
    CatchErrorBody, CatchErrorLayer, Peer, PeerLayer, ProxyLayer, RouteOptions, Target, TrustedPeers, client,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceBuilder};

type Failure = Box<dyn Error + Send + Sync>;

/// Users as `htpasswd -B` writes them: `ann`, whose password is `secret`.
const USERS: &str = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/// `/users/...` goes to two pools, with almost every layer around them.
fn users(one: Target, two: Target) -> Result<Rule<Chain>, Failure> {
    let matching = Matching::path(PathPattern::pattern("/users/{id}/{*rest}")?);
    let template = |text| RouteTemplate::compile(text, matching.captures());
    let (x_user, x_client) = (HeaderName::from_static("x-user"), HeaderName::from_static("x-client"));
    let requests =
        FieldChanges { set: vec![(x_client, template("{client_ip}")?)], ..FieldChanges::default() };
    let answers = FieldChanges { remove: vec![HeaderName::from_static("server")], ..FieldChanges::default() };
    let path = PathRewrite::Template { path: template("/v2/{id}/{rest}")?, query: None };
    let rewrite = Rewrite { path, ..Rewrite::default() };
    let five = NonZeroU32::new(5).ok_or("five is zero")?;

    let client = client();
    let proxy = move |target| ProxyLayer::new(target).original_uri(Original::uri).layer(client.clone());
    let pool = |targets: &[&Target]| {
        RoundRobinLayer::new(targets.iter().copied().cloned().collect::<Vec<_>>())
            .settings(Settings::new().outliers(Outliers::new()))
            .failover(1)
            .retry(Retry::new(Again::default()))
            .completion(OnBodyEnd::judged_by(Judge).upgraded(UntilTunnelEnds))
            .layer(proxy.clone())
    };
    let shares = [("blue", 95, pool(&[&one, &two]).giving_back()), ("green", 5, pool(&[]).giving_back())];
    let split = Split::new(shares).ok_or("there is a weight")?.by_visitor();
    let pools = FallbackLayer::to(pool(&[&two])).layer(split);

    let service = ServiceBuilder::new()
        .layer(ResponseHeadersLayer::new(&answers, When::Always))
        .layer(SecurityHeadersLayer::new(SecurityHeaders::usual()))
        .layer(ErrorsLayer::new(Errors::default()))
        .layer(CorsLayer::new(&Cors::for_anyone()))
        .layer(GuardLayer::new(Addresses::new().deny(["192.0.2.0/24".parse()?])))
        .layer(RateLimitLayer::new([Arc::new(Counter::new(RateLimit::new(
            five,
            Duration::from_secs(60),
            RateKey::Client,
        )))]))
        .layer(GuardLayer::new(BasicAuth::new(USERS.parse::<Users>()?).tell_in(x_user)))
        .layer(BufferLayer::new(64 << 10, Memory::of(64 << 20)))
        .layer(ConcurrencyLayer::new(Concurrency { requests: 100, queue: Queue::default() }))
        .map_response(|response: Response<CatchErrorBody<_>>| response.map(Body::new))
        .layer(CatchErrorLayer::new())
        .layer(RewriteLayer::new(&rewrite, "/", RouteOptions::new().max_body(1 << 20)))
        .layer(RequestHeadersLayer::new(&requests))
        .layer(MirrorLayer::to(pool(&[&two])).percent(10).extensions(of_a_copy))
        .layer(SplitCookieLayer::new("share").ok_or("it is a name")?)
        .service(pools);
    Ok(Rule::new(matching, Chain::of(service)))
}

/// What a copy is told of its request.
fn of_a_copy(request: &Extensions) -> Extensions {
    let mut copy = Extensions::new();
    if let Some(peer) = request.get::<Peer>() {
        copy.insert(peer.clone());
    }
    copy
}

fn app(one: Target, two: Target) -> Result<Router, Failure> {
    let moved = RouteRedirect {
        status: StatusCode::PERMANENT_REDIRECT,
        origin: None,
        target: RouteTemplate::compile("/users{uri}", &[])?,
    };
    let moved = Rule::new(Matching::below("/7")?, Chain::of(RedirectService::new(moved)));
    let nobody = Chain::of(RespondService::new(Respond::new(StatusCode::NOT_FOUND)));
    Ok(Router::new()
        .route("/", get(async || "my own handler\n"))
        .fallback_service(Routes::new([users(one, two)?, moved], nobody))
        .layer(TrustedProxiesLayer::new(TrustedPeers::new(|ip| ip.is_loopback())))
        .layer(PeerLayer::from_extension(|ConnectInfo(addr): &ConnectInfo<SocketAddr>| *addr)))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let app = app(upstream().await?, upstream().await?)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).into_future(),
    );

    let (ann, denied) = ("Authorization: Basic YW5uOnNlY3JldA==", "X-Forwarded-For: 192.0.2.7");
    expect(addr, "/", "", &["200", "my own handler"]).await?;
    expect(addr, "/elsewhere", "", &["404"]).await?;
    expect(addr, "/7/orders?new", "", &["308", "location: /users/7/orders?new"]).await?;
    expect(addr, "/users/7/orders", "", &["401", "www-authenticate: Basic"]).await?;
    expect(addr, "/users/7/orders", denied, &["403", "x-content-type-options: nosniff"]).await?;
    let forwarded =
        &["200", "path: /v2/7/orders?new", "x-user: ann", "x-client: 127.0.0.1", "set-cookie: share="];
    expect(addr, "/users/7/orders?new", ann, forwarded).await?;
    for _ in 0..3 {
        expect(addr, "/users/7/orders", ann, &["200", "ratelimit: \"client\";r="]).await?;
    }
    expect(addr, "/users/7/orders", ann, &["429", "retry-after: "]).await?;
    let other = format!("{ann}\r\nX-Forwarded-For: 198.51.100.1");
    expect(addr, "/users/7/orders", &other, &["200", "x-client: 198.51.100.1"]).await
}

async fn upstream() -> Result<Target, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, gateway::backend::router(addr.port())).into_future());
    Ok(format!("http://{addr}").parse()?)
}

/// Sends a request, prints the status line of the answer, and looks for these texts in the answer.
async fn expect(addr: SocketAddr, path: &str, field: &str, texts: &[&str]) -> Result<(), Failure> {
    let mut connection = TcpStream::connect(addr).await?;
    let end = if field.is_empty() { "" } else { "\r\n" };
    let head = format!("GET {path} HTTP/1.1\r\nHost: example\r\nConnection: close\r\n{field}{end}\r\n");
    connection.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    println!("{path:<24} {}", answer.lines().next().unwrap_or_default());
    match texts.iter().find(|text| !answer.contains(*text)) {
        Some(text) => Err(format!("there is no {text:?} in the answer to {path}:\n{answer}").into()),
        None => Ok(()),
    }
}
