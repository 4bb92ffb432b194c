use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Sender};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::net::TcpStream;

use super::*;
use crate::serve::listener_set::Serving;
use crate::serve::{Door, ListenerSet, Listeners, Shutdown};

/// The time limit for everything here. A test that hangs fails after it.
const PATIENCE: Duration = Duration::from_secs(10);

fn bind(workers: usize) -> Listeners {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    Listeners::bind([address], NonZeroUsize::new(workers).unwrap()).unwrap()
}

/// Serves on as many workers as the listeners are for.
async fn serve_on<F, Served>(listeners: Listeners, serve: F, shutdown: &Shutdown) -> Running
where
    F: Fn(Door) -> Served + Send + Sync + 'static,
    Served: Future<Output = Report> + Send + 'static,
{
    let workers = Workers::start(listeners.workers()).unwrap();
    let serve = Box::new(move |door: Door| -> std::pin::Pin<Box<dyn Future<Output = Report> + Send>> {
        Box::pin(serve(door))
    });
    let (_set, serving) = ListenerSet::start(listeners, workers.runtimes(), serve, shutdown.clone()).unwrap();
    Running { serving, _workers: workers }
}

struct Running {
    serving: Serving,
    _workers: Workers,
}

fn address(listeners: &Listeners) -> String {
    listeners.addresses().next().unwrap().to_string()
}

async fn within_patience<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("hangs")
}

#[tokio::test]
async fn each_has_a_thread_and_the_first_is_the_callers() {
    let (tell, told) = mpsc::channel();
    let serve = move |_| {
        let tell = tell.clone();
        async move {
            tell.send(thread::current().id()).unwrap();
            Report { drained: 1, aborted: 2 }
        }
    };
    let shutdown = Shutdown::new();
    shutdown.begin();
    let served = serve_on(bind(3), serve, &shutdown).await.serving.ended().await;
    assert_eq!(served.unwrap(), Report { drained: 3, aborted: 6 });
    let mut threads: Vec<ThreadId> = told.try_iter().collect();
    assert!(threads.contains(&thread::current().id()));
    threads.sort_by_key(|id| format!("{id:?}"));
    threads.dedup();
    assert_eq!(threads.len(), 3);
}

/// The worker that accepts the connection panics, whichever of them it is.
#[tokio::test]
async fn where_one_panics_the_others_shut_down() {
    for workers in 1..=3 {
        let listeners = bind(workers);
        let _client = TcpStream::connect(address(&listeners)).await.unwrap();
        let shutdown = Shutdown::new();
        let serve = |door: Door| async move {
            let shutdown = door.shutdown;
            tokio::select! {
                _connection = poll_fn(|cx| door.listening.poll_accept(cx)) => panic!("a test's"),
                () = shutdown.begun() => Report { drained: 1, aborted: 0 },
            }
        };
        let running = serve_on(listeners, serve, &shutdown).await;
        let served = within_patience(running.serving.ended()).await;
        let Err(WorkersError::Panicked(report)) = served else { panic!("{served:?}") };
        assert_eq!(report, Report { drained: workers - 1, aborted: 0 });
        assert!(shutdown.has_begun());
    }
}

/// Tunnels, for instance, go on after the listeners have ended.
#[tokio::test]
async fn what_they_spawned_goes_on_until_they_are_dropped() {
    let (tell, told) = mpsc::channel();
    let serve = move |_| {
        let dropped = Dropped(tell.clone());
        async move {
            tokio::spawn(async move {
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            Report::default()
        }
    };
    let shutdown = Shutdown::new();
    shutdown.begin();
    let running = serve_on(bind(3), serve, &shutdown).await;
    running.serving.ended().await.unwrap();
    assert!(told.try_recv().is_err());
    drop(running);
    assert_eq!(told.try_iter().count(), 2, "but for what the caller's runtime has");
}

#[tokio::test]
async fn a_caller_that_leaves_ends_them() {
    let (tell, told) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    let listeners = bind(2);
    let address = address(&listeners);
    let caller = tokio::spawn(async move {
        let serve = move |door: Door| {
            let (dropped, begin) = (Dropped(tell.clone()), begin.clone());
            async move {
                let _held = (door, dropped);
                begin.send(()).unwrap();
                std::future::pending().await
            }
        };
        serve_on(listeners, serve, &Shutdown::new()).await.serving.ended().await
    });
    let both = async {
        let mut count = 0;
        while count < 2 {
            tokio::task::yield_now().await;
            count += begun.try_iter().count();
        }
    };
    within_patience(both).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    assert_eq!(told.try_iter().count(), 2);
    assert!(TcpStream::connect(address).await.is_err());
}

struct Dropped(Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}
