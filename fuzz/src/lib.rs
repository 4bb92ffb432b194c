//! What the targets share: an upstream that only remembers, bodies and header fields made of the fuzzer's bytes.

pub mod body;
pub mod fields;
pub mod upstream;

use std::pin::pin;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// The output of a future that has nothing to wait for.
pub fn now<F: Future>(future: F) -> F::Output {
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let mut future = pin!(future);
            std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(output),
                Poll::Pending => panic!("it waits, though there is nothing to wait for"),
            })
            .await
        })
    })
}

/// As [`now`], of one that may yield on its way.
pub fn soon<F: Future>(future: F) -> F::Output {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Runs what was spawned (a tunnel) until it rests.
pub fn settle() {
    RUNTIME.with(|runtime| runtime.block_on(tokio::task::yield_now()));
}
