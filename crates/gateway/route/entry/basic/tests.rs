use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::task::Poll;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::hashing::Busy;
use super::remembered::Remembered;
use super::*;

fn pair(credentials: &str) -> Pair {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Basic {encoded}").parse().unwrap());
    Pair::of(&credential::take(&mut headers, "basic"))
        .unwrap_or_else(|kind| panic!("{credentials}: {kind:?}"))
}

#[test]
fn only_what_was_kept_is_remembered() {
    let remembered = Remembered::new();
    let mark = |credentials: &str| remembered.mark(&pair(credentials));
    assert!(!remembered.has(&mark("ann:secret")));
    remembered.keep(mark("ann:secret"));
    remembered.keep(mark("ann:secret"));
    assert!(remembered.has(&mark("ann:secret")));
    for other in ["ann:Secret", "ann:secret ", "anns:ecret", "an:nsecret", "bob:secret", ":", "ann:"] {
        assert!(!remembered.has(&mark(other)), "{other}");
    }
    // The key is another one in each table.
    assert!(!Remembered::new().has(&mark("ann:secret")));
}

#[test]
fn a_full_table_forgets_others_and_grows_no_further() {
    let remembered = Remembered::new();
    for n in 0..8_000 {
        let mark = remembered.mark(&pair(&format!("user{n}:secret")));
        remembered.keep(remembered.mark(&pair(&format!("user{n}:secret"))));
        assert!(remembered.has(&mark), "the newest is always there");
    }
    let left = (0..8_000).filter(|n| remembered.has(&remembered.mark(&pair(&format!("user{n}:secret")))));
    assert!((3800..=4096).contains(&left.count()));
}

#[tokio::test]
async fn checks_wait_for_a_thread_and_not_too_many() {
    let hashing = Hashing::new(NonZeroUsize::MIN, 1);
    let (begin, began) = mpsc::channel::<()>();
    let running = hashing.turn().await.unwrap();
    let running = tokio::spawn(running.check(move || began.recv().is_ok()));
    let waiting = tokio::spawn({
        let hashing = hashing.clone();
        async move { hashing.turn().await.unwrap().check(|| 2).await }
    });
    // The second one waits once it has its place.
    while hashing.free_places() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(hashing.turn().await, Err(Busy)));
    begin.send(()).unwrap();
    assert_eq!(running.await.unwrap(), Ok(true));
    assert_eq!(waiting.await.unwrap(), Ok(2));
    assert_eq!(hashing.turn().await.unwrap().check(|| 3).await, Ok(3));
}

#[tokio::test]
async fn a_thread_stays_taken_by_a_check_that_nobody_waits_for() {
    let hashing = Hashing::new(NonZeroUsize::MIN, 1);
    let (begin, began) = mpsc::channel::<()>();
    let turn = hashing.turn().await.unwrap();
    let gone = tokio::spawn(turn.check(move || began.recv().is_ok()));
    tokio::task::yield_now().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(hashing.free_places(), 1);
    begin.send(()).unwrap();
    assert_eq!(hashing.turn().await.unwrap().check(|| 1).await, Ok(1));
}

/// Who doesn't wait for the answers isn't spared: else guessing would keep all threads busy for ever.
#[test]
fn a_wrong_try_counts_though_its_client_is_gone() {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        const HASH: &str = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
        let hashing = Hashing::new(NonZeroUsize::MIN, 1);
        let users: Users = format!("ann:{HASH}").parse().unwrap();
        let guard = BasicAuth::new(users).on(hashing.clone()).found_by(|_| Some([192, 0, 2, 1].into()));
        let examined = |credentials: &str| {
            use base64::Engine as _;
            let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
            let request = http::Request::get("/").header(AUTHORIZATION, format!("Basic {encoded}"));
            guard.examine(&mut request.body(()).unwrap().into_parts().0)
        };
        for guess in 0..10 {
            // The only thread has something else to do until the client has left.
            let (leave, left) = mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || left.recv());
            let Verdict::Later(mut decision) = examined(&format!("ann:{guess}")) else { panic!("{guess}") };
            let is_pending = poll_fn(|cx| Poll::Ready(decision.as_mut().poll(cx).is_pending())).await;
            assert!(is_pending, "{guess}");
            drop(decision);
            leave.send(()).unwrap();
            busy.await.unwrap().unwrap();
            drop(hashing.turn().await.unwrap());
        }
        let Verdict::Now(Err(rejection)) = examined("ann:secret") else { panic!("it is locked out") };
        assert_eq!(rejection.status(), 429);
    });
}

#[test]
fn what_is_no_realm_is_left_out() {
    assert_eq!(challenge("my \"files\"\\\r\n\u{e9}"), "Basic realm=\"my files\", charset=\"UTF-8\"");
}
