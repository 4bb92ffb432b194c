use std::future::Future;
use std::pin::pin;
use std::sync::atomic::AtomicBool;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::stack::Stack;
use super::*;

const TIMEOUT: Duration = Duration::from_secs(3);

fn room(connections: u32, queue: usize) -> Room {
    let connections = NonZeroU32::new(connections);
    Room::of(Limit { connections, queue, timeout: TIMEOUT }).expect("there is a limit")
}

/// Polls the future once.
async fn is_ready(future: &mut (impl Future + Unpin)) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_ready()))
        .await
}

#[test]
fn there_is_none_without_a_limit() {
    assert!(Room::of(Limit::default()).is_none());
}

#[tokio::test(start_paused = true)]
async fn those_that_wait_are_served_in_order() {
    let room = room(1, 3);
    let turn = room.turn().await.unwrap();
    let (mut second, mut third) = (Box::pin(room.turn()), Box::pin(room.turn()));
    assert!(!is_ready(&mut second).await && !is_ready(&mut third).await);
    drop(turn);
    assert!(!is_ready(&mut third).await, "the third before the second");
    assert!(!is_ready(&mut Box::pin(room.turn())).await, "one that came last before all");
    drop(second.await.unwrap());
    third.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_at_once_and_a_wait_has_an_end() {
    let room = room(1, 1);
    let _turn = room.turn().await.unwrap();
    let begun = Instant::now();
    let mut waits = Box::pin(room.turn());
    assert!(!is_ready(&mut waits).await);
    assert_eq!((room.waiting(), room.turn().await.err()), (1, Some(NoRoom::QueueFull)));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(waits.await.err(), Some(NoRoom::QueueTimeout));
    assert_eq!((room.waiting(), begun.elapsed()), (0, TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_the_queue_passes_on_what_it_was_handed() {
    let room = room(1, 2);
    let turn = room.turn().await.unwrap();
    let (mut leaves, mut stays) = (Box::pin(room.turn()), Box::pin(room.turn()));
    assert!(!is_ready(&mut leaves).await && !is_ready(&mut stays).await);
    drop(turn);
    drop(leaves);
    assert_eq!(room.waiting(), 1);
    assert!(is_ready(&mut stays).await);
}

#[tokio::test]
async fn an_idle_connection_is_closed_for_one_that_has_a_turn() {
    let room = room(1, 0);
    let idle = std::cell::Cell::new(Some(room.place(|| unreachable!("there is room")).await));
    let _turn = room.turn().await.unwrap();
    let mut placed = pin!(room.place(|| idle.take().is_some()));
    assert!(is_ready(&mut placed).await);
}

/// Stands for a connection of the pool, with only what the room needs.
struct Connection {
    _open: Open,
    _place: Place,
}

/// Counts open connections independently of the room.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An endpoint that several runtimes use. Each has connections that the other runtimes can only close.
struct World {
    room: Room,
    shards: [Stack<Connection>; 3],
    open: Arc<AtomicUsize>,
    most: usize,
    is_over: AtomicBool,
}

impl World {
    async fn request(&self, number: usize) -> Result<(), NoRoom> {
        let turn = self.room.turn().await?;
        let own = self.shards.iter().cycle().nth(number).expect("a cycle has no end");
        let connection = match own.pop() {
            Some(idle) => idle,
            None => self.connect().await,
        };
        for _ in 0..number % 4 {
            tokio::task::yield_now().await;
        }
        if number.is_multiple_of(5) {
            drop(connection);
        } else {
            let _closed_if_it_is_full = own.push(connection);
        }
        drop(turn);
        Ok(())
    }

    async fn connect(&self) -> Box<Connection> {
        let place = self.room.place(|| self.shards.iter().any(|shard| shard.pop().is_some())).await;
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(open <= self.most, "{open} connections are open, of at most {}", self.most);
        Box::new(Connection { _open: Open(Arc::clone(&self.open)), _place: place })
    }

    /// Does what a reaper does: takes all connections, and puts most of them back.
    async fn reap(&self) {
        while !self.is_over.load(Ordering::SeqCst) {
            for shard in &self.shards {
                let all: Vec<_> = std::iter::from_fn(|| shard.pop()).take(shard.capacity()).collect();
                for one in all.into_iter().skip(1) {
                    let _closed_if_it_is_full = shard.push(one);
                }
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Requests of all runtimes run together with a reaper, and some of them are given up midway. There are never more
/// connections than allowed, and each request that isn't given up is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_connections_than_allowed_and_nobody_starves() {
    const REQUESTS: usize = 2_000;
    for most in [1, 2, 7] {
        let limit =
            Limit { connections: NonZeroU32::new(most), queue: REQUESTS, timeout: Duration::from_secs(60) };
        let world = Arc::new(World {
            room: Room::of(limit).unwrap(),
            shards: std::array::from_fn(|_| Stack::new(4)),
            open: Arc::default(),
            most: most as usize,
            is_over: AtomicBool::new(false),
        });
        let reaper = tokio::spawn({
            let world = Arc::clone(&world);
            async move { world.reap().await }
        });
        let mut requests = JoinSet::new();
        for number in 0..REQUESTS {
            let world = Arc::clone(&world);
            let given_up = requests.spawn(async move { world.request(number).await });
            if number % 7 == 3 {
                given_up.abort();
            }
        }
        while let Some(ended) = requests.join_next().await {
            match ended {
                Ok(served) => served.unwrap(),
                Err(error) => assert!(error.is_cancelled(), "{error}"),
            }
        }
        world.is_over.store(true, Ordering::SeqCst);
        reaper.await.unwrap();
        let idle: usize = world.shards.iter().map(Stack::len).sum();
        assert_eq!(world.open.load(Ordering::SeqCst), idle, "a connection was lost");
        assert_eq!(world.room.turns.available_permits(), most as usize, "a turn was lost");
        assert_eq!(world.room.places.available_permits() + idle, most as usize, "a place was lost");
        assert_eq!(world.room.waiting(), 0);
    }
}
