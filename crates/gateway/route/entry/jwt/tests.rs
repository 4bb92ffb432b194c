//! Keys of a URL, over a longer time.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::http::Request;
use futures_util::future::join_all;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proxy_service::{ByteStream, ClientBuilder, ProxyLayer, Target};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Duration, advance};
use tower::Layer as _;

use super::fetch::Fetch;
use super::fetched::Fetched;
use super::*;
use crate::config::{JwtKeys, ServiceUrl};

/// Of RFC 8410 §10.3.
const PRIVATE: &[u8] = b"-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

const REFRESH: Duration = Duration::from_secs(3600);

/// An issuer in memory. Its keys differ in their names alone.
#[derive(Clone, Default)]
struct Issuer {
    set: Arc<ArcSwap<String>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    fn has(&self, ids: &[&str]) {
        let jwk = |id: &&str| {
            let mut jwk = json!(Jwk::from_encoding_key(&private(), Algorithm::EdDSA).unwrap());
            jwk["kid"] = json!(id);
            jwk
        };
        let keys: Vec<_> = ids.iter().map(jwk).collect();
        self.set.store(Arc::new(json!({ "keys": keys }).to_string()));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn fetch(&self) -> Fetch {
        let issuer = self.clone();
        let connect = move |_: &Target| {
            let (gateways, own) = tokio::io::duplex(16 << 10);
            tokio::spawn(issuer.clone().answer(own));
            let stream: Box<dyn ByteStream> = Box::new(gateways);
            std::future::ready(io::Result::Ok(stream))
        };
        let url: ServiceUrl = "http://id.example/jwks".parse().unwrap();
        let client = ClientBuilder::new().connect_by(connect).build();
        let asking = ProxyLayer::new(url.target().clone()).own_requests().layer(client);
        Fetch::by(&url, asking)
    }

    async fn answer(self, mut stream: DuplexStream) {
        let mut head = Vec::new();
        while let Ok(byte) = stream.read_u8().await {
            head.push(byte);
            if head.ends_with(b"\r\n\r\n") {
                head.clear();
                self.asked.fetch_add(1, Ordering::Relaxed);
                let set = self.set.load();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{set}", set.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }
}

fn private() -> EncodingKey {
    EncodingKey::from_ed_pem(PRIVATE).unwrap()
}

/// Whether a token that names this key lets a request in.
async fn enters(guard: &JwtAuth, id: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::EdDSA) };
    let token = encode(&header, &json!({ "exp": now + 300 }), &private()).unwrap();
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
    let decision = match guard.examine(&mut request.into_parts().0) {
        Verdict::Now(decision) => decision,
        Verdict::Later(decision) => decision.await,
    };
    decision.is_ok()
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_has_the_url_asked_again_but_never_often() {
    let issuer = Issuer::default();
    issuer.has(&["old"]);
    let rules = Jwt::from(JwtKeys::File(issuer.set.load().parse().unwrap()));
    let guard = JwtAuth::with_keys(&rules, Keys::Url(Arc::new(Fetched::new(issuer.fetch(), REFRESH))));
    let mut running = JoinSet::new();
    running.spawn(guard.fetching());
    while issuer.asked() == 0 {
        yield_now().await;
    }
    assert!(enters(&guard, "old").await, "it waits for the first keys");

    issuer.has(&["old", "new"]);
    for _ in 0..29 {
        assert!(!enters(&guard, "new").await, "the keys came a moment ago");
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(issuer.asked(), 1);
    advance(Duration::from_secs(1)).await;
    let all = join_all((0..100).map(|_| enters(&guard, "new"))).await;
    assert!(all.into_iter().all(|is_in| is_in), "the new key is fetched for the first who names it");
    assert_eq!(issuer.asked(), 2, "once for all of them");

    for _ in 0..600 {
        let all = join_all((0..10).map(|n| enters(&guard, ["a", "b", "c"][n % 3]))).await;
        assert!(!all.contains(&true));
        assert!(enters(&guard, "new").await, "known keys are never waited for");
        advance(Duration::from_secs(1)).await;
    }
    let more = issuer.asked() - 2;
    assert!((10..=20).contains(&more), "{more} times in ten minutes");
}
