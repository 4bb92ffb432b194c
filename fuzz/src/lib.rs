//! What all targets share: an upstream that remembers requests, and bodies and header fields made from the fuzzer's
//! bytes.

pub mod body;
pub mod cuts;
pub mod fields;
pub mod upstream;

use std::pin::pin;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// The output of a future that must be ready at its first poll.
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

/// As [`now`], for a future that may yield before it is ready.
pub fn soon<F: Future>(future: F) -> F::Output {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Runs spawned tasks, such as a tunnel, until they wait for something.
pub fn settle() {
    RUNTIME.with(|runtime| runtime.block_on(tokio::task::yield_now()));
}
